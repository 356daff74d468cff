// Package house holds the rules of this tree that no compiler checks: which way imports point, one package comment
// a package, the size of files and packages, and two languages that say the same. They are checked by its tests.
package house

import (
	"fmt"
	"strings"
)

// module is the import path of the tree.
const module = "omanager"

// Package is what `go list -json` tells of a package of the tree.
type Package struct {
	Dir            string
	ImportPath     string
	GoFiles        []string
	CgoFiles       []string
	IgnoredGoFiles []string // of other systems and build tags, tests among them
	Imports        []string // direct, without the tests'
	Deps           []string // direct and indirect
}

// room is the package's folder below the root, "" for the root itself.
func (p Package) room() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// Rule forbids an import to all packages of some rooms.
type Rule struct {
	Why    string
	Forbid []string // import paths, with what is below them
	In     []string // rooms it holds in; empty means all
	Except []string // rooms it does not hold in; "." is the root
	Deep   bool     // also what is imported indirectly
}

// Rules are the layers of the tree.
func Rules() []Rule {
	fyne := []string{"fyne.io/fyne", "fyne.io/systray", "github.com/go-gl"}
	return []Rule{
		{Why: "only ui and the console's main draw", Forbid: fyne, Deep: true, Except: []string{".", "ui", "packaging/window", "packaging/formproof"}},
		{Why: "only data/store speaks SQL", Forbid: []string{"database/sql", "modernc.org/sqlite", "github.com/go-sql-driver"},
			Except: []string{"data/store", "packaging/auditproof"}}, // auditproof attacks the store's file
		{Why: "only the ssh engine, the demo fleet and the engines' tests speak SSH", Forbid: []string{"golang.org/x/crypto/ssh"},
			Except: []string{"app/engine/ssh", "app/engine/demo", "app/engine/enginetest"}},
		{Why: "weak hashes and ciphers only where the legacy formats need them", Forbid: []string{"crypto/rc4", "crypto/sha1", "crypto/md5"},
			Except: []string{"rpc/envelope", "rpc/rpyc", "app/account", "app/engine/demo"}}, // demo: md5sum is one of its tools
		{Why: "app does not know the transport; the console knows the client only", In: []string{"app"},
			Forbid: []string{"connectrpc.com/connect", module + "/rpc"}, Except: []string{"app/console"}, Deep: true},
		{Why: "the console does not carry the control server", In: []string{"app/console"},
			Forbid: []string{module + "/rpc/server", module + "/app/control", module + "/app/engine", module + "/data/store"}, Deep: true},
		{Why: "only control knows the store", In: []string{"app"}, Forbid: []string{module + "/data"}, Except: []string{"app/control"}},
		{Why: "the store knows what it stores, not who asks", In: []string{"data"}, Deep: true,
			Forbid: []string{module + "/app/control", module + "/app/console", module + "/app/engine", module + "/rpc", module + "/ui"}},
		{Why: "modules are data for both sides", In: []string{"modules"}, Deep: true,
			Forbid: []string{module + "/app/control", module + "/app/console", module + "/rpc", module + "/ui", module + "/data"}},
		{Why: "the wire does not draw", In: []string{"rpc"}, Forbid: []string{module + "/ui", module + "/app/console"}, Deep: true},
		{Why: "what ships does not carry the tests' servers", In: []string{".", "cmd", "ui", "rpc"},
			Forbid: []string{module + "/app/engine/enginetest", module + "/data/store/mariadb", module + "/data/store/storetest"}, Deep: true},
		{Why: "no program is started, so that nothing an operator writes becomes an argument of one", Forbid: []string{"os/exec"},
			In: []string{".", "app", "cmd", "data", "modules", "rpc", "ui"}, Except: []string{"app/engine/enginetest", "data/store/mariadb"}},
		{Why: "the servers' programs do not carry the test framework", In: []string{"cmd", "rpc"}, Forbid: []string{"testing"}, Deep: true},
	}
}

// Broken lists what in the packages breaks the rules, one line each.
func Broken(packages []Package, rules []Rule) []string {
	var lines []string
	for _, r := range rules {
		for _, p := range packages {
			if len(r.In) > 0 && !within(p.room(), r.In) || within(p.room(), r.Except) {
				continue
			}
			imports := p.Imports
			if r.Deep {
				imports = p.Deps
			}
			for _, i := range imports {
				if under(i, r.Forbid) {
					lines = append(lines, fmt.Sprintf("%s imports %s: %s", p.ImportPath, i, r.Why))
				}
			}
		}
	}
	return lines
}

func within(room string, rooms []string) bool {
	if room == "" {
		room = "."
	}
	return under(room, rooms)
}

func under(path string, roots []string) bool {
	for _, r := range roots {
		if path == r || strings.HasPrefix(path, r+"/") {
			return true
		}
	}
	return false
}
