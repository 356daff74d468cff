package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Own colour names. The outcome colours are text colours: readable on Background, ColorHeader and ColorZebra.
const (
	ColorOK          fyne.ThemeColorName = "omOK"
	ColorChanged     fyne.ThemeColorName = "omChanged"
	ColorFailed      fyne.ThemeColorName = "omFailed"
	ColorUnreachable fyne.ThemeColorName = "omUnreachable"
	ColorTimedOut    fyne.ThemeColorName = "omTimedOut"
	ColorCancelled   fyne.ThemeColorName = "omCancelled"
	ColorNotStarted  fyne.ThemeColorName = "omNotStarted"
	ColorUnknown     fyne.ThemeColorName = "omUnknown"
	ColorRunning     fyne.ThemeColorName = "omRunning"

	ColorMuted    fyne.ThemeColorName = "omMuted"    // secondary text
	ColorHeader   fyne.ThemeColorName = "omHeader"   // headers of panels and tables, tool and status bars
	ColorZebra    fyne.ThemeColorName = "omZebra"    // every second row
	ColorBorder   fyne.ThemeColorName = "omBorder"   // subtle lines
	ColorSelected fyne.ThemeColorName = "omSelected" // a selected row
	ColorHover    fyne.ThemeColorName = "omHover"    // a row under the pointer
	ColorInactive fyne.ThemeColorName = "omInactive" // a selected row of a list without focus

	ColorTerm         fyne.ThemeColorName = "omTerm" // terminal background; its text colours follow
	ColorTermText     fyne.ThemeColorName = "omTermText"
	ColorTermMuted    fyne.ThemeColorName = "omTermMuted"
	ColorTermStderr   fyne.ThemeColorName = "omTermStderr"
	ColorTermHost     fyne.ThemeColorName = "omTermHost"
	ColorTermSelected fyne.ThemeColorName = "omTermSelected"
)

// OutcomeColor is the colour of an outcome's word as in job.Outcome ("ok", "timed_out", ...), also of
// "running" and "pending"; any other word gives ColorUnknown.
func OutcomeColor(outcome string) fyne.ThemeColorName {
	switch outcome {
	case "ok":
		return ColorOK
	case "changed":
		return ColorChanged
	case "failed":
		return ColorFailed
	case "unreachable":
		return ColorUnreachable
	case "timed_out":
		return ColorTimedOut
	case "cancelled":
		return ColorCancelled
	case "not_started", "pending":
		return ColorNotStarted
	case "running":
		return ColorRunning
	}
	return ColorUnknown
}

type pair struct{ light, dark color.NRGBA }

func rgb(light, dark uint32) pair { return pair{solid(light), solid(dark)} }

func solid(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

// glass is black on light and white on dark, seen through.
func glass(light, dark uint8) pair {
	return pair{color.NRGBA{A: light}, color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: dark}}
}

func palette(name fyne.ThemeColorName) (pair, bool) {
	if p, ok := ownPalette(same(name)); ok {
		return p, true
	}
	switch name {
	case theme.ColorNameBackground:
		return rgb(0xfbfcfd, 0x1b1d21), true
	case theme.ColorNameForeground:
		return rgb(0x1f2329, 0xd9dce1), true
	case theme.ColorNamePlaceHolder:
		return rgb(0x5c636d, 0x989ea8), true
	case theme.ColorNameDisabled:
		return rgb(0x646b75, 0x8e949e), true
	case theme.ColorNameButton:
		return rgb(0xe9ecf0, 0x2f333a), true
	case theme.ColorNameDisabledButton:
		return rgb(0xf0f2f4, 0x26292e), true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return rgb(0x1f5fc8, 0x6aa5ff), true
	case theme.ColorNameForegroundOnPrimary:
		return rgb(0xffffff, 0x0c1424), true
	case theme.ColorNameFocus:
		return pair{color.NRGBA{0x1f, 0x5f, 0xc8, 0x40}, color.NRGBA{0x6a, 0xa5, 0xff, 0x50}}, true
	case theme.ColorNameSelection:
		return pair{color.NRGBA{0x1f, 0x5f, 0xc8, 0x33}, color.NRGBA{0x6a, 0xa5, 0xff, 0x44}}, true
	case theme.ColorNameHover:
		return glass(0x0d, 0x10), true
	case theme.ColorNamePressed:
		return glass(0x26, 0x2c), true
	case theme.ColorNameInputBackground:
		return rgb(0xffffff, 0x131519), true
	case theme.ColorNameInputBorder:
		return rgb(0xc3c9d1, 0x40454e), true
	case theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground:
		return rgb(0xffffff, 0x25282d), true
	case theme.ColorNameScrollBar:
		return glass(0x5c, 0x5c), true
	case theme.ColorNameScrollBarBackground:
		return glass(0x0a, 0x0a), true
	case theme.ColorNameShadow:
		return pair{color.NRGBA{A: 0x1c}, color.NRGBA{A: 0x58}}, true
	case theme.ColorNameForegroundOnError, theme.ColorNameForegroundOnWarning, theme.ColorNameForegroundOnSuccess:
		return rgb(0xffffff, 0x14161a), true
	}
	return pair{}, false
}

// same is our own colour for what Fyne calls otherwise.
func same(name fyne.ThemeColorName) fyne.ThemeColorName {
	switch name {
	case theme.ColorNameHeaderBackground:
		return ColorHeader
	case theme.ColorNameSeparator:
		return ColorBorder
	case theme.ColorNameError:
		return ColorFailed
	case theme.ColorNameWarning:
		return ColorChanged
	case theme.ColorNameSuccess:
		return ColorOK
	}
	return name
}

func ownPalette(name fyne.ThemeColorName) (pair, bool) {
	switch name {
	case ColorOK:
		return rgb(0x17713e, 0x57c98c), true
	case ColorChanged:
		return rgb(0x835600, 0xe3b74a), true
	case ColorFailed:
		return rgb(0xc02626, 0xff7b7b), true
	case ColorUnreachable:
		return rgb(0xa84400, 0xf59a57), true
	case ColorTimedOut:
		return rgb(0x7a3db0, 0xcb9bf0), true
	case ColorCancelled:
		return rgb(0x4c6077, 0xa3b4c8), true
	case ColorNotStarted:
		return rgb(0x5f6670, 0x989ea8), true
	case ColorUnknown:
		return rgb(0x0a6b7c, 0x5cc6d8), true
	case ColorRunning:
		return rgb(0x1f5fc8, 0x6aa5ff), true
	case ColorMuted:
		return rgb(0x5c636d, 0x989ea8), true
	case ColorHeader:
		return rgb(0xedeff2, 0x25282d), true
	case ColorZebra:
		return rgb(0xf3f5f7, 0x1f2226), true
	case ColorBorder:
		return rgb(0xd9dde2, 0x33373e), true
	case ColorSelected:
		return rgb(0xcfe0fa, 0x2a446c), true
	case ColorHover:
		return rgb(0xe8ecf2, 0x282c33), true
	case ColorInactive:
		return rgb(0xe1e5ea, 0x32373f), true
	}
	return terminalPalette(name)
}

// terminalPalette is the same in both variants: a terminal is light on dark.
func terminalPalette(name fyne.ThemeColorName) (pair, bool) {
	switch name {
	case ColorTerm:
		return rgb(0x0d0f12, 0x0d0f12), true
	case ColorTermText:
		return rgb(0xe4e6e9, 0xe4e6e9), true
	case ColorTermMuted:
		return rgb(0x8d949e, 0x8d949e), true
	case ColorTermStderr:
		return rgb(0xff9a8f, 0xff9a8f), true
	case ColorTermSelected:
		return rgb(0x2a446c, 0x2a446c), true
	case ColorTermHost:
		return rgb(0x7db3ff, 0x7db3ff), true
	}
	return pair{}, false
}
