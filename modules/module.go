// Package modules is the module catalogue: folders (or bare legacy XRC files) that describe a form, typed
// parameters and a task for each engine. The same checks run in the console and in the control server.
package modules

import (
	"regexp"
	"time"

	"omanager/modules/table"
	"omanager/modules/xrc"
)

// Danger says how much harm a module can do; the control server derives the gate from it.
type Danger string

// The levels of danger.
const (
	Low    Danger = "low"
	Medium Danger = "medium"
	High   Danger = "high"
)

// Module is one entry of the catalogue. It is read-only once loaded.
type Module struct {
	ID         string // "1001": what crosses the wire
	Folder     string // the folder's or bare file's name
	Category   string // bas, app, dba, ser or mid: its menu
	Slug       string
	Titles     map[string]string // by language: "zh", "en"
	Helps      map[string]string
	Danger     Danger
	Idempotent bool
	Timeout    time.Duration // for the command on one host; 0 means the control server's default
	Params     []Param
	OK         []int // exit codes; empty means 0
	Changed    []int
	Rules      Rules
	Table      *table.Table // how rows are read from the output; nil: it is text
	Form       *xrc.Form
	Tasks      map[string]Task // by engine name
	Hash       string          // SHA-256 over all files of the folder, hex
	Files      map[string][]byte
}

// Rules are regular expressions that decide about an ending beside its exit code: one line of output is enough.
type Rules struct {
	Changed *regexp.Regexp // ok becomes changed
	Failed  *regexp.Regexp // ok and changed become failed
}

// Task is a module's program for one engine.
type Task struct {
	File string
	Body []byte
}

// Title returns the title in the language, else English, else any, else the slug.
func (m *Module) Title(lang string) string { return pick(m.Titles, lang, m.Slug) }

// Help returns the help text in the language, by the same order as Title.
func (m *Module) Help(lang string) string { return pick(m.Helps, lang, "") }

// Param is one typed parameter. Control names the form's control that fills it.
type Param struct {
	Name     string
	Control  string
	Type     Type
	Labels   map[string]string
	Helps    map[string]string
	Default  string
	Required bool
	Min, Max *float64 // int, float; duration: seconds
	Step     float64  // int, float: counted from Min, else from 0; 0 means any value
	Values   []string // enum, multi-enum
	MaxLen   int      // text, secret: runes; 0 means 1024
	Pattern  string   // text, secret: RE2, matched against the whole value
	Lines    bool     // text: newlines allowed
	Under    []string // path, source: folders to stay below; empty means anywhere
	List     string   // list: its name on the control server
	When     *When    // nil: always asked for
	Offers   []string // list, source: what the control server had when the module was sent; not checked against
}

// When makes a parameter depend on one declared before it: unless that one has one of the values, it is left empty.
type When struct {
	Param  string
	Values []string
}

// Type is the type of a parameter.
type Type string

// The types of parameter, and the plain form of their values.
const (
	Int      Type = "int"
	Float    Type = "float"
	Bool     Type = "bool" // "true" or "false"
	Enum     Type = "enum"
	Multi    Type = "multi-enum" // values joined by commas, in the order of declaration
	Text     Type = "text"
	Secret   Type = "secret"   // one line of text that is shown and stored nowhere
	Date     Type = "date"     // 2026-02-28
	Clock    Type = "time"     // 15:04:05
	Duration Type = "duration" // whole seconds
	Path     Type = "path"     // absolute, without ".."
	File     Type = "file"     // value.File: contents that come from the operator's machine
	Source   Type = "source"   // a file of the control server's folder files/, pinned by its sum
	Hosts    Type = "hosts"    // names of servers the operator may see, joined by commas
	List     Type = "list"     // a value of a list of the control server's folder lists/
)

// Types lists the types of parameter.
func Types() []Type {
	return []Type{Int, Float, Bool, Enum, Multi, Text, Secret, Date, Clock, Duration, Path, File, Source, Hosts, List}
}

// IsTask reports whether one of the module's files is a task of some engine.
func (m *Module) IsTask(name string) bool {
	for _, t := range m.Tasks {
		if t.File == name {
			return true
		}
	}
	return false
}

func pick(m map[string]string, lang, fallback string) string {
	for _, l := range []string{lang, "en", "zh"} {
		if s := m[l]; s != "" {
			return s
		}
	}
	return fallback
}
