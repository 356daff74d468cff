package xrc

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func mustParse(t *testing.T, s string) *Form {
	t.Helper()
	f, err := Parse([]byte(s))
	if err != nil {
		t.Fatalf("parse: %v\n%s", err, s)
	}
	return f
}

// one parses a single object inside a panel.
func one(t *testing.T, version, object string) (*Node, *Form) {
	t.Helper()
	f := mustParse(t, `<resource `+version+`><object class="wxPanel" name="p">`+object+`</object></resource>`)
	if len(f.Root.Children) == 0 {
		t.Fatalf("no child made of %s: %v", object, f.Warnings)
	}
	return f.Root.Children[0], f
}

func TestTextDependsOnVersion(t *testing.T) {
	const none, old, late = ``, `version="2.3.0.1"`, `version="2.5.3.0"`
	for _, c := range []struct{ version, in, want string }{
		{none, `a_b $File $$5`, `a_b File $5`},
		{old, `a__b _File $5`, `a_b File $5`},
		{none, `&amp;File &amp;&amp; x`, `File & x`},
		{late, `x\ny\tz`, "x\ny\tz"},
		{none, `x\ny`, "x\ny"},
		{old, `c:\\d`, `c:\\d`},
		{late, `c:\\d`, `c:\d`},
		{late, `\q end\`, `\q end\`},
		{late, `lone_`, `lone_`},
		{late, ` `, ``},
		{late, "\n   \n  text", `  text`},
		{late, "first<!-- c -->second", `first`},
		{late, "<![CDATA[<b> & ]]>", `<b>  `},
	} {
		n, _ := one(t, c.version, `<object class="wxStaticText"><label>`+c.in+`</label></object>`)
		if n.Label != c.want {
			t.Errorf("version %q: %q gives %q, want %q", c.version, c.in, n.Label, c.want)
		}
	}
}

func TestControls(t *testing.T) {
	n, _ := one(t, ``, `<object class="wxSpinCtrl" name="Parameter1_object_id"><value>30</value><value>7</value>
		<min>1</min><max> 100</max><pos>30, 50</pos><size>10,20d</size><style>wxSP_ARROW_KEYS | wxSP_WRAP</style>
		<enabled>0</enabled><hidden>true</hidden></object>`)
	want := &Node{Class: "wxSpinCtrl", Name: "Parameter1_object_id", Known: true, Value: "30", Min: 1, Max: 100, Inc: 1,
		Selection: -1, Pos: Point{30, 50}, HasPos: true, Size: Point{20, 40}, Styles: []string{"wxSP_ARROW_KEYS", "wxSP_WRAP"},
		Disabled: true, Horizontal: true}
	if !reflect.DeepEqual(n, want) {
		t.Errorf("spin control\n got %+v\nwant %+v", n, want)
	}
	n, _ = one(t, `version="2.5.3.0"`, `<object class="wxListBox"><selection>1</selection>
		<content><item>a_b</item><item> $x\n</item><item/></content></object>`)
	if !reflect.DeepEqual(n.Items, []string{"a_b", ` $x\n`, ""}) || n.Selection != 1 || n.Value != ` $x\n` {
		t.Errorf("list box %+v", n)
	}
	n, _ = one(t, ``, `<object class="wxButton" name="wxID_CANCEL"><default>1</default></object>`)
	if n.Label != "Cancel" || !n.Default {
		t.Errorf("button %+v", n)
	}
	n, _ = one(t, ``, `<object class="wxGauge"><range>50</range><value>99</value></object>`)
	if n.Max != 50 || n.Value != "50" {
		t.Errorf("gauge %+v", n)
	}
	n, f := one(t, ``, `<object class="wxSlider"><min>12abc</min><max>3</max></object>`)
	if n.Min != 12 || n.Max != 12 || len(f.Warnings) != 2 {
		t.Errorf("slider %+v %q", n, f.Warnings)
	}
	n, f = one(t, ``, `<object class="wxTextCtrl"><pos>5 ,6</pos><size>-1,20d</size><maxlength>9</maxlength></object>`)
	if n.HasPos || n.Size != (Point{-1, 40}) || n.MaxLen != 9 || len(f.Warnings) != 1 {
		t.Errorf("text control %+v %q", n, f.Warnings)
	}
}

func TestSizerItemsAreFolded(t *testing.T) {
	f := mustParse(t, `<resource version="2.5.3.0"><object class="wxFrame"><title>_Main</title>
	<object class="wxFlexGridSizer"><cols>2</cols><hgap>3</hgap><vgap>2d</vgap><growablecols>0,1:2</growablecols>
	  <object class="sizeritem"><option>2</option><flag>wxEXPAND|wxALL</flag><border>5</border>
	    <object class="wxStaticText"><label>x</label></object></object>
	  <object class="spacer"><size>1,2</size><option>1</option></object>
	  <object class="sizeritem"/>
	  <object class="sizeritem"><object class="fooCtrl" name="f"><label>L</label><object class="wxCheckBox" name="in"/></object></object>
	</object></object></resource>`)
	grid := f.Root.Children[0]
	if f.Root.Label != "Main" || grid.Cols != 2 || grid.Gap != 3 || grid.VGap != 4 || !reflect.DeepEqual(grid.GrowCols, []Grow{{0, 1}, {1, 2}}) {
		t.Errorf("grid %+v", grid)
	}
	if len(grid.Children) != 3 {
		t.Fatalf("children %v", grid.Children)
	}
	a, s, u := grid.Children[0], grid.Children[1], grid.Children[2]
	if a.Class != "wxStaticText" || a.Proportion != 2 || a.Border != 5 || !reflect.DeepEqual(a.Flags, []string{"wxEXPAND", "wxALL"}) {
		t.Errorf("item %+v", a)
	}
	if s.Class != "spacer" || !s.Known || s.Proportion != 1 || s.Size != (Point{1, 2}) {
		t.Errorf("spacer %+v", s)
	}
	if u.Known || u.Label != "L" || len(u.Children) != 1 || !u.Children[0].Known {
		t.Errorf("unknown class %+v", u)
	}
	if len(f.Warnings) != 2 {
		t.Errorf("warnings %q", f.Warnings)
	}
}

func TestPlatform(t *testing.T) {
	for attr, want := range map[string]string{
		`platform="unix"`: "one", `platform="win|unix"`: "one", `platform="win unix"`: "one", `platform="mac"`: "two",
		`platform="win,unix"`: "two", `platform=""`: "two", `feature="x"`: "two", ``: "one",
	} {
		n, _ := one(t, ``, `<object class="wxStaticText"><label `+attr+`>one</label><label>two</label></object>`)
		if n.Label != want {
			t.Errorf("%s gives %q", attr, n.Label)
		}
	}
}

func TestReferences(t *testing.T) {
	f := mustParse(t, `<resource><object class="wxPanel" name="p">
	  <object_ref ref="t" name="copy"><label>new</label><object class="wxButton" name="b"/></object_ref>
	  <object_ref ref="nowhere"/><object_ref ref="p"/><object_ref ref="loop"/></object>
	  <object class="wxPanel" name="t"><size>3,4</size><label>old</label></object>
	  <object_ref name="loop" ref="loop2"/><object_ref name="loop2" ref="loop"/></resource>`)
	if len(f.Root.Children) != 1 {
		t.Fatalf("children %+v", f.Root.Children)
	}
	c := f.Root.Children[0]
	if c.Name != "copy" || c.Class != "wxPanel" || c.Size != (Point{3, 4}) || len(c.Children) != 1 {
		t.Errorf("copy %+v", c)
	}
	if len(f.Warnings) != 5 {
		t.Errorf("warnings %q", f.Warnings)
	}
}

func TestEncodings(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("系统日志")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ head, label, want string }{
		{`<?xml version="1.0" encoding="GBK"?>`, gbk, "系统日志"},
		{`<?xml version="1.0" encoding="UTF8"?>`, "日志", "日志"},
		{"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>", "日志", "日志"},
		{"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"gbk\"?>", "日志", "日志"},
		{`<?xml version="1.0" encoding="ISO-8859-1"?>`, "caf\xe9 \xa4", "café ¤"},
		{`<?xml version="1.0" encoding="ISO-8859-15"?>`, "\xa4", "€"},
		{`<?xml version="1.0" encoding="windows-1252"?>`, "\x80", "€"},
		{`<?xml version="1.0" encoding="windows-1251"?>`, "\xe4", "д"},
	} {
		f, err := Parse([]byte(c.head + `<resource><object class="wxPanel"><object class="wxStaticText"><label>` + c.label +
			`</label></object></object></resource>`))
		if err != nil {
			t.Errorf("%s: %v", c.head, err)
			continue
		}
		if got := f.Root.Children[0].Label; got != c.want {
			t.Errorf("%s: %q, want %q", c.head, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	nest := func(n int) string {
		return "<resource>" + strings.Repeat("<object>", n) + strings.Repeat("</object>", n) + "</resource>"
	}
	laughs := `<resource><object class="wxPanel" name="n0"/>`
	for i := 1; i < 40; i++ {
		laughs += fmt.Sprintf(`<object class="wxBoxSizer" name="n%d"><object_ref ref="n%d"/><object_ref ref="n%d"/></object>`, i, i-1, i-1)
	}
	laughs = strings.Replace(laughs, `class="wxPanel"`, `class="x"`, 1) +
		`<object class="wxPanel"><object_ref ref="n39"/></object></resource>`
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"empty":            {``, ErrNotXRC},
		"no resource":      {`<html/>`, ErrNotXRC},
		"doctype":          {`<!DOCTYPE resource [<!ENTITY a "b">]><resource><object class="wxPanel"/></resource>`, ErrNotXRC},
		"entity":           {`<resource><object class="wxPanel"><label>&lol;</label></object></resource>`, ErrNotXRC},
		"external":         {`<!DOCTYPE r SYSTEM "file:///etc/passwd"><resource/>`, ErrNotXRC},
		"two roots":        {`<resource/><resource/>`, ErrNotXRC},
		"junk behind":      {`<resource/>junk`, ErrNotXRC},
		"junk before":      {`junk<resource/>`, ErrNotXRC},
		"invalid utf-8":    {"<resource><a>\xff\xfe</a></resource>", ErrNotXRC},
		"NUL":              {"<resource>\x00</resource>", ErrNotXRC},
		"utf-16":           {"\xff\xfe<\x00", ErrNotXRC},
		"declared utf-16":  {`<?xml version="1.0" encoding="UTF-16"?><resource/>`, ErrNotXRC},
		"unknown encoding": {`<?xml version="1.0" encoding="klingon"?><resource/>`, ErrNotXRC},
		"too large":        {"<resource>" + strings.Repeat(" ", MaxBytes) + "</resource>", ErrTooLarge},
		"too many":         {"<resource>" + strings.Repeat("<a/>", maxElements) + "</resource>", ErrTooLarge},
		"too deep":         {nest(MaxDepth), ErrTooDeep},
		"references":       {laughs, ErrTooLarge},
	} {
		if _, err := Parse([]byte(c.in)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := Parse([]byte(nest(MaxDepth - 1))); err != nil {
		t.Errorf("depth %d: %v", MaxDepth, err)
	}
}

func TestRootAlwaysExists(t *testing.T) {
	for in, class := range map[string]string{
		`<resource/>`: "unknown",
		`<resource><object class="wxIcon" name="i"/></resource>`:                                     "wxIcon",
		`<resource><object class="wxMenu"/><object class="wxDialog"/><object class="x"/></resource>`: "wxDialog",
		`<resource><object_ref ref="x"/></resource>`:                                                 "unknown",
	} {
		if f := mustParse(t, in); f.Root == nil || f.Root.Class != class || len(f.Warnings) == 0 {
			t.Errorf("%s: root %+v warnings %q", in, f.Root, f.Warnings)
		}
	}
}

func TestFurtherControls(t *testing.T) {
	n, _ := one(t, ``, `<object class="wxSpinCtrlDouble"><value>2.5</value><min>-1</min><max>2</max><digits>2</digits></object>`)
	if n.Value != "2.00" || n.Min != -1 || n.Max != 2 || !n.Known {
		t.Errorf("spin: %+v", n)
	}
	n, _ = one(t, ``, `<object class="wxCheckListBox"><content><item checked="1">a_b</item><item>c</item></content></object>`)
	if !reflect.DeepEqual(n.Ticked, []bool{true, false}) || n.Items[0] != "a_b" {
		t.Errorf("check list: %+v", n)
	}
	n, _ = one(t, ``, `<object class="wxGridBagSizer"><growablecols>1:3</growablecols><object class="sizeritem"><cellpos>2,1</cellpos><cellspan>1,-4</cellspan><object class="wxButton"/></object></object>`)
	if c := n.Children[0]; c.Cell != (Point{1, 2}) || c.Span != (Point{1, 1}) || n.GrowCols[0] != (Grow{1, 3}) {
		t.Errorf("grid bag: %+v", c)
	}
	n, _ = one(t, ``, `<object class="wxStdDialogButtonSizer"><object class="button"><object class="wxButton" name="wxID_OK"/></object></object>`)
	if len(n.Children) != 1 || n.Children[0].Class != "wxButton" || n.Children[0].Label != "OK" {
		t.Errorf("buttons: %+v", n.Children)
	}
}

func TestEveryTopLevelObjectIsLoaded(t *testing.T) {
	f, err := Parse([]byte(`<resource><object class="wxMenu" name="m"/><object class="wxPanel" name="p"/><object class="Odd"/></resource>`))
	if err != nil || len(f.Tops) != 3 || f.Root.Name != "p" || f.Tops[2].Known {
		t.Fatalf("%+v, %v", f, err)
	}
}
