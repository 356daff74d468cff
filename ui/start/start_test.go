package start

import (
	"io"
	"path/filepath"
	"testing"

	"omanager/app/console"
	"omanager/app/console/prefs"
	"omanager/ui/look"
)

func TestFlagsComeBeforeWhatIsRemembered(t *testing.T) {
	c := console.New(console.Config{Settings: filepath.Join(t.TempDir(), "console.json")})
	defer c.Close()
	c.SetLanguage("zh")
	c.SetTheme("dark")
	f, err := parse([]string{"--config", ""}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o := f.options(c, noSettings); o.Words.Language() != "zh" || o.Theme != look.Dark {
		t.Errorf("language %s, theme %s; want what is remembered", o.Words.Language(), o.Theme)
	}
	f, err = parse([]string{"--config", "", "--lang", "en", "--theme", "light"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o := f.options(c, noSettings); o.Words.Language() != "en" || o.Theme != look.Light {
		t.Errorf("language %s, theme %s; want the flags'", o.Words.Language(), o.Theme)
	}
}

func TestAnArgumentIsRefused(t *testing.T) {
	if _, err := parse([]string{"web1"}, io.Discard); err == nil {
		t.Error("an argument that means nothing is taken")
	}
}

func noSettings(string) prefs.File { return nil }
