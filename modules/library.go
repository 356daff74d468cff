package modules

import (
	"embed"
	"io/fs"
)

//go:embed library
var library embed.FS

// Library is the folder of the modules that are shipped.
func Library() fs.FS {
	sub, err := fs.Sub(library, "library")
	if err != nil {
		return library // cannot be: the name is a constant
	}
	return sub
}
