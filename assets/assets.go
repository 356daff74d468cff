// Package assets carries the files built into the programs: fonts, icons and translations. It knows nothing of
// Fyne; the bytes it returns are shared and must not be changed.
package assets

import (
	"embed"
	"fmt"
)

//go:embed fonts/regular.otf
var fontRegular []byte

//go:embed fonts/bold.otf
var fontBold []byte

//go:embed fonts/mono.otf
var fontMono []byte

//go:embed icons/omanager.svg
var iconSVG []byte

//go:embed icons/omanager.png
var iconPNG []byte

//go:embed i18n/*.json
var translations embed.FS

// FontRegular is Noto Sans CJK SC, cut to what the console shows (fonts/LICENSE).
func FontRegular() []byte { return fontRegular }

// FontBold is the bold of FontRegular.
func FontBold() []byte { return fontBold }

// FontMono is Noto Sans Mono CJK SC: a Han character is exactly two Latin cells.
func FontMono() []byte { return fontMono }

// IconSVG is the program's icon as SVG.
func IconSVG() []byte { return iconSVG }

// IconPNG is the program's icon, 512 by 512 pixels.
func IconPNG() []byte { return iconPNG }

// Translation is the catalogue of a language ("en", "zh") as flat JSON: dotted key to sentence.
func Translation(lang string) ([]byte, error) {
	b, err := translations.ReadFile("i18n/" + lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("translation %q: %w", lang, err)
	}
	return b, nil
}
