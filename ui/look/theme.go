// Package look is how the console looks and speaks: the dense theme with its outcome colours and embedded fonts,
// and the catalogue of texts in English and Chinese.
package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"omanager/assets"
)

// Mode says whether the theme is light, dark, or follows the system.
type Mode string

// The modes.
const (
	System Mode = "system"
	Light  Mode = "light"
	Dark   Mode = "dark"
)

// Modes lists every mode.
func Modes() []Mode { return []Mode{System, Light, Dark} }

// Theme is the console's theme. Make a new one and give it to Settings().SetTheme to change the mode.
type Theme struct {
	mode                Mode
	base                fyne.Theme
	regular, bold, mono fyne.Resource
}

var _ fyne.Theme = (*Theme)(nil)

// NewTheme makes the theme in a mode; an unknown mode follows the system.
func NewTheme(mode Mode) *Theme {
	return &Theme{
		mode:    mode,
		base:    theme.DefaultTheme(),
		regular: fyne.NewStaticResource("omanager-regular.otf", assets.FontRegular()),
		bold:    fyne.NewStaticResource("omanager-bold.otf", assets.FontBold()),
		mono:    fyne.NewStaticResource("omanager-mono.otf", assets.FontMono()),
	}
}

// Mode is the mode the theme was made with.
func (t *Theme) Mode() Mode { return t.mode }

// Variant is the variant shown when the system asks for v.
func (t *Theme) Variant(v fyne.ThemeVariant) fyne.ThemeVariant {
	switch t.mode {
	case Light:
		return theme.VariantLight
	case Dark:
		return theme.VariantDark
	}
	return v
}

// Color looks a colour up in the palette of the variant shown.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	v = t.Variant(v)
	p, ok := palette(name)
	if !ok {
		return t.base.Color(name, v)
	}
	if v == theme.VariantLight {
		return p.light
	}
	return p.dark
}

// Font gives the embedded face; italics fall to the upright one, symbols to Fyne's.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource {
	switch {
	case s.Symbol:
		return t.base.Font(s)
	case s.Monospace:
		return t.mono
	case s.Bold:
		return t.bold
	}
	return t.regular
}

// Icon gives Fyne's icon.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

// Size gives the dense size.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := size(name); ok {
		return s
	}
	return t.base.Size(name)
}

// Own sizes, for widgets of ui/kit.
const (
	SizeRow    fyne.ThemeSizeName = "omRow"    // height of a list row
	SizeLine   fyne.ThemeSizeName = "omLine"   // height of a terminal line
	SizeHeader fyne.ThemeSizeName = "omHeader" // height of a panel's or a table's header
	SizeMono   fyne.ThemeSizeName = "omMono"   // terminal text
)

func size(name fyne.ThemeSizeName) (float32, bool) {
	switch name {
	case theme.SizeNameText:
		return 13, true
	case theme.SizeNameCaptionText:
		return 11.5, true
	case theme.SizeNameHeadingText:
		return 18, true
	case theme.SizeNameSubHeadingText:
		return 15, true
	case SizeMono:
		return 12.5, true
	case theme.SizeNamePadding:
		return 3, true
	case theme.SizeNameLineSpacing:
		return 2, true
	case theme.SizeNameInlineIcon:
		return 16, true
	case theme.SizeNameScrollBar:
		return 10, true
	case theme.SizeNameInnerPadding, theme.SizeNameSplitThickness:
		return 5, true
	case theme.SizeNameScrollBarSmall, theme.SizeNameInputRadius, theme.SizeNameButtonRadius:
		return 4, true
	case theme.SizeNameSelectionRadius, theme.SizeNameMenuRadius:
		return 2, true
	case theme.SizeNameDialogRadius, theme.SizeNamePopupRadius, theme.SizeNameCardRadius:
		return 6, true
	case SizeRow:
		return 22, true
	case SizeLine:
		return 16, true
	case SizeHeader:
		return 24, true
	}
	return 0, false
}
