package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"omanager/ui/look"
)

const sample = `<resource version="2.5.3.0"><object class="wxPanel" name="p"><object class="wxBoxSizer">
<object class="sizeritem"><object class="wxStaticText"><label>Path</label></object></object>
<object class="sizeritem"><object class="wxTextCtrl" name="Parameter1_object_id"/></object>
<object class="sizeritem"><object class="wxButton"><label>Off</label><hidden>1</hidden></object></object>
<object class="sizeritem"><object class="wxNotebook"><hidden>1</hidden><object class="notebookpage"><label>a</label>
<object class="wxCheckBox"><label>b</label></object></object></object></object>
<object class="sizeritem"><object class="OddGauge"/></object></object></object></resource>`

func measured(t *testing.T, files map[string]string) figures {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.NewTheme(look.Light))
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := figures{dead: map[string]int{}, drawnDead: map[string]int{}}
	if err := f.measure(dir, true); err != nil {
		t.Fatal(err)
	}
	return f
}

// quick is one form that opened at once, so that no clock decides a test.
func quick(took time.Duration) figures { return figures{opens: []time.Duration{took}} }

func TestHiddenAndUnknownControlsAreNotLive(t *testing.T) {
	f := measured(t, map[string]string{"one.xrc": sample, "notes.txt": "not a form"})
	if f.files != 1 || f.loaded != 1 || len(f.opens) != 1 {
		t.Errorf("%d files, %d loaded, %d opened, want 1 each", f.files, f.loaded, len(f.opens))
	}
	if f.controls != 3 {
		t.Errorf("%d controls, want the text, the entry and the unknown one", f.controls)
	}
	if f.dead["OddGauge"] != 1 || f.drawnDead["OddGauge"] != 1 {
		t.Errorf("not live: %v, drawn as placeholders: %v, want OddGauge in both", f.dead, f.drawnDead)
	}
}

func TestAFigureThatIsNotMetFailsTheProof(t *testing.T) {
	out := filepath.Join(t.TempDir(), "forms.json")
	good := figures{files: 2, loaded: 2, controls: 40, dead: map[string]int{"OddGauge": 2}}
	if err := save(out, good, quick(time.Millisecond), 0, 0); err != nil {
		t.Errorf("figures that meet their targets: %v", err)
	}
	lost, dull, slow := good, good, good
	lost.loaded = 1
	dull.dead = map[string]int{"OddGauge": 3}
	slow.longest = 2 * time.Second
	for name, bad := range map[string]figures{"a file that does not load": lost, "few live controls": dull, "a slow reader": slow} {
		if err := save(out, bad, quick(time.Millisecond), 0, 0); err == nil {
			t.Errorf("%s: the proof passes", name)
		}
	}
	if err := save(out, good, quick(50*time.Millisecond), 0, 0); err == nil {
		t.Error("a form that opens slowly: the proof passes")
	}
	if data, err := os.ReadFile(out); err != nil || !strings.Contains(string(data), `"pass": false`) {
		t.Errorf("the failing claim is not in the file: %v", err)
	}
}

func TestAFileThatDoesNotLoadIsCounted(t *testing.T) {
	f := measured(t, map[string]string{"one.xrc": sample, "two.xrc": "<resource><object"})
	if f.files != 2 || f.loaded != 1 {
		t.Errorf("%d files, %d loaded, want 2 and 1", f.files, f.loaded)
	}
}

func TestWithoutACorpusNothingIsClaimed(t *testing.T) {
	out := filepath.Join(t.TempDir(), "forms.json")
	if err := run("", "", out); err == nil || !strings.Contains(err.Error(), "OMANAGER_CORPUS") {
		t.Errorf("without a corpus: %v", err)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("claims were written: %v", err)
	}
}
