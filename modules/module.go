// Package modules is the module catalogue: folders (or bare legacy XRC files) that describe a form, typed
// parameters and a task for each engine. The same checks run in the console and in the control server.
package modules

import (
	"time"

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
	Form       *xrc.Form
	Tasks      map[string]Task // by engine name
	Hash       string          // SHA-256 over all files of the folder, hex
	Files      map[string][]byte
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
	Min, Max *float64 // int, float
	Values   []string // enum
	MaxLen   int      // text: runes; 0 means 1024
	Pattern  string   // text: RE2, matched against the whole value
	Lines    bool     // text: newlines allowed
}

// Type is the type of a parameter.
type Type string

// The types of parameter.
const (
	Int   Type = "int"
	Float Type = "float"
	Bool  Type = "bool" // "true" or "false"
	Enum  Type = "enum"
	Text  Type = "text"
)

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
