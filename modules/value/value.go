// Package value reads the forms in which dates, times, durations, paths and files are written as parameters. What it
// returns is the plain form: the same value always looks the same, and reading it again changes nothing.
package value

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Date reads a day such as 2026-02-28; days that do not exist are refused.
func Date(s string) (string, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// Clock reads a time of day, 15:04 or 15:04:05; its plain form has seconds.
func Clock(s string) (string, bool) {
	for _, form := range []string{"15:04", time.TimeOnly} {
		if t, err := time.Parse(form, s); err == nil && len(s) == len(form) {
			return t.Format(time.TimeOnly), true
		}
	}
	return "", false
}

var durationForm = regexp.MustCompile(`\A(?:([0-9]{1,6})d)?(?:([0-9]{1,8})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,10})s?)?\z`)

// Seconds reads a duration: seconds as a plain number, or parts such as 2d, 1h30m or 90s. Its plain form is the number
// of whole seconds.
func Seconds(s string) (int64, bool) {
	parts := durationForm.FindStringSubmatch(s)
	if parts == nil || s == "" {
		return 0, false
	}
	var sum int64
	units := [4]int64{86400, 3600, 60, 1}
	for i, p := range parts[1:] {
		if p == "" {
			continue
		}
		n, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return 0, false
		}
		sum += n * units[i]
	}
	return sum, true
}

// Path reads an absolute path without "..", in or below one of the folders; none means anywhere.
func Path(s string, under []string) (string, bool) {
	if !strings.HasPrefix(s, "/") || slices.Contains(strings.Split(s, "/"), "..") {
		return "", false
	}
	clean := path.Clean(s)
	if len(under) == 0 {
		return clean, true
	}
	return clean, slices.ContainsFunc(under, func(dir string) bool {
		return dir == "/" || clean == dir || strings.HasPrefix(clean, dir+"/")
	})
}

// Relative reads the path of a file below a folder: no "..", no "." part, nothing hidden, no leading slash.
func Relative(s string) (string, bool) {
	clean := path.Clean(s)
	for part := range strings.SplitSeq(clean, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.ContainsAny(part, `\:`) {
			return "", false
		}
	}
	return clean, true
}
