package value

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// LargestFile is how many bytes a file may have that comes with a parameter or from the control server's folder.
const LargestFile = 1 << 20

// File is a file given as a parameter.
type File struct {
	Name string // without folders
	Data []byte
}

const fileMark = ";base64,"

// String is the form in which a file travels as a parameter.
func (f File) String() string { return f.Name + fileMark + base64.StdEncoding.EncodeToString(f.Data) }

// Describe is what is shown and stored in place of the contents.
func (f File) Describe() string {
	return fmt.Sprintf("%s (%d bytes, sha256 %s)", f.Name, len(f.Data), Sum(f.Data))
}

var described = regexp.MustCompile(` \([0-9]+ bytes, sha256 [0-9a-f]{64}\)\z`)

// Described reports whether the text is what File.Describe gives: of a file that is stored nowhere.
func Described(s string) bool { return described.MatchString(s) }

// Sum is the SHA-256 in hex.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// ParseFile reads the form that File.String gives.
func ParseFile(s string) (File, bool) {
	name, body, found := strings.Cut(s, fileMark)
	if !found || !fileName(name) || base64.StdEncoding.DecodedLen(len(body)) > LargestFile+3 {
		return File{}, false
	}
	data, err := base64.StdEncoding.Strict().DecodeString(body)
	if err != nil || len(data) > LargestFile || strings.ContainsAny(body, "\r\n") {
		return File{}, false
	}
	return File{name, data}, true
}

// BaseName is the last part of a path of any system, as the name of a File.
func BaseName(path string) string {
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

func fileName(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= 255 && utf8.ValidString(s) && !strings.ContainsAny(s, `/\;`) &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

var pinned = regexp.MustCompile(`\A(.+)@sha256:([0-9a-f]{64})\z`)

// Pin joins a path with the sum of its contents, so that what was planned is what runs.
func Pin(path string, data []byte) string { return path + "@sha256:" + Sum(data) }

// Unpin is the inverse of Pin; the sum is empty if the path is not pinned.
func Unpin(s string) (path, sum string) {
	if m := pinned.FindStringSubmatch(s); m != nil {
		return m[1], m[2]
	}
	return s, ""
}
