package look

import (
	"bytes"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"

	"omanager/app/job"
	"omanager/assets"
)

// luminance and contrast are those of WCAG 2.
func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	part := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.03928 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n.R) + 0.7152*part(n.G) + 0.0722*part(n.B)
}

func contrast(a, b color.Color) float64 {
	high, low := luminance(a), luminance(b)
	if high < low {
		high, low = low, high
	}
	return (high + 0.05) / (low + 0.05)
}

func TestContrast(t *testing.T) {
	test.NewTempApp(t)
	texts := []fyne.ThemeColorName{theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNamePrimary, theme.ColorNameDisabled, ColorMuted, ColorRunning}
	for _, o := range job.Outcomes() {
		texts = append(texts, OutcomeColor(string(o)))
	}
	on := map[fyne.ThemeColorName][]fyne.ThemeColorName{
		theme.ColorNameBackground:        texts,
		theme.ColorNameInputBackground:   texts,
		theme.ColorNameMenuBackground:    texts,
		theme.ColorNameOverlayBackground: texts,
		ColorHeader:                      texts,
		ColorZebra:                       texts,
		ColorHover:                       texts,
		theme.ColorNameButton:            {theme.ColorNameForeground},
		ColorSelected:                    {theme.ColorNameForeground},
		ColorInactive:                    {theme.ColorNameForeground},
		theme.ColorNamePrimary:           {theme.ColorNameForegroundOnPrimary},
		theme.ColorNameError:             {theme.ColorNameForegroundOnError},
		theme.ColorNameWarning:           {theme.ColorNameForegroundOnWarning},
		theme.ColorNameSuccess:           {theme.ColorNameForegroundOnSuccess},
		ColorTerm:                        {ColorTermText, ColorTermMuted, ColorTermStderr, ColorTermHost},
		ColorTermSelected:                {ColorTermText},
	}
	for _, mode := range []Mode{Light, Dark} {
		th := NewTheme(mode)
		for back, names := range on {
			for _, name := range names {
				if c := contrast(th.Color(name, 0), th.Color(back, 0)); c < 4.5 {
					t.Errorf("%s: %s on %s has contrast %.2f, want at least 4.5", mode, name, back, c)
				}
			}
		}
	}
}

func TestOutcomeColorsDiffer(t *testing.T) {
	test.NewTempApp(t)
	for _, mode := range []Mode{Light, Dark} {
		th, seen := NewTheme(mode), map[color.Color]job.Outcome{}
		for _, o := range job.Outcomes() {
			c := th.Color(OutcomeColor(string(o)), 0)
			if other, double := seen[c]; double {
				t.Errorf("%s: %s and %s have one colour", mode, o, other)
			}
			seen[c] = o
		}
	}
}

func TestModeForcesVariant(t *testing.T) {
	test.NewTempApp(t)
	dark, light := NewTheme(Dark), NewTheme(Light)
	for _, v := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
		if luminance(dark.Color(theme.ColorNameBackground, v)) > 0.1 || luminance(light.Color(theme.ColorNameBackground, v)) < 0.9 {
			t.Errorf("variant %d changes a forced mode", v)
		}
		if got, want := NewTheme(System).Color(ColorHeader, v), map[fyne.ThemeVariant]*Theme{theme.VariantLight: light, theme.VariantDark: dark}[v]; got != want.Color(ColorHeader, 0) {
			t.Errorf("variant %d: the system mode shows %v", v, got)
		}
	}
}

func TestFonts(t *testing.T) {
	test.NewTempApp(t)
	th := NewTheme(Dark)
	for _, c := range []struct {
		style fyne.TextStyle
		want  []byte
	}{
		{fyne.TextStyle{}, assets.FontRegular()},
		{fyne.TextStyle{Italic: true}, assets.FontRegular()},
		{fyne.TextStyle{Bold: true, Italic: true}, assets.FontBold()},
		{fyne.TextStyle{Monospace: true}, assets.FontMono()},
	} {
		if !bytes.Equal(th.Font(c.style).Content(), c.want) {
			t.Errorf("%+v: not the embedded face", c.style)
		}
	}
	const mustHave = "Aé服务器名称齄，。「」…“”—│├└─●○✓▲▼→×·€\u00a0"
	for name, b := range map[string][]byte{"regular": assets.FontRegular(), "bold": assets.FontBold(), "mono": assets.FontMono()} {
		face, err := font.ParseTTF(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("parse %s: %v", name, err)
		}
		for _, r := range mustHave {
			if _, ok := face.NominalGlyph(r); !ok {
				t.Errorf("%s has no %q", name, r)
			}
		}
		if e, _ := face.FontHExtents(); (e.Ascender-e.Descender)/float32(face.Upem()) > 1.26 {
			t.Errorf("%s: the line is %.2f em high", name, (e.Ascender-e.Descender)/float32(face.Upem()))
		}
	}
}

func TestSizesAreDense(t *testing.T) {
	test.NewTempApp(t)
	th := NewTheme(Dark)
	if th.Size(theme.SizeNameText) > 13 || th.Size(theme.SizeNamePadding) > 3 || th.Size(SizeRow) > 24 {
		t.Error("the theme is not dense")
	}
	for _, own := range []fyne.ThemeSizeName{SizeRow, SizeLine, SizeHeader, SizeMono} {
		if th.Size(own) <= 0 {
			t.Errorf("%s has no size", own)
		}
	}
}
