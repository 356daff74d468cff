package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// sinks are the calls that take a statement, and where in their arguments it stands.
func sinks() map[string][]int {
	return map[string][]int{
		"Exec": {0}, "Query": {0}, "QueryRow": {0}, "Prepare": {0},
		"ExecContext": {1}, "QueryContext": {1}, "QueryRowContext": {1}, "PrepareContext": {1},
		"exec": {1, 2}, "row": {1}, "rows": {1}, "each": {2}, // the store's own, which pass on what they are given
	}
}

// builders make statements of constants; what they are given is looked at too.
func builders() []string {
	return []string{"prefixed", "Repeat", "Join", "ReplaceAll", "TrimSuffix", "TrimPrefix", "append",
		"mending"} // mending: names that the database itself gave, quoted
}

// counts make placeholders and numbers of numbers.
func counts() []string { return []string{"values", "Itoa", "len"} }

// parts are fields of the store that hold constants of its dialect.
func parts() []string { return []string{"prefix", "upsert", "forUpdate"} }

// BuiltSQL lists the statements in a package's files that are put together from what is not constant, one line each: a
// value belongs into an argument. It looks at the syntax alone: a name is constant if every assignment to it in the
// function is, and a parameter is what the callers pass, who are looked at themselves when they call a sink.
func BuiltSQL(fset *token.FileSet, files []*ast.File) []string {
	consts := map[string]bool{}
	for _, f := range files {
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, s := range g.Specs {
					for _, n := range s.(*ast.ValueSpec).Names {
						consts[n.Name] = true
					}
				}
			}
		}
	}
	var lines []string
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				lines = append(lines, statements{fset, fn, consts}.built()...)
			}
		}
	}
	return lines
}

type statements struct {
	fset   *token.FileSet
	fn     *ast.FuncDecl
	consts map[string]bool
}

func (s statements) built() (lines []string) {
	ast.Inspect(s.fn.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		for _, i := range sinks()[called(call)] {
			if i >= len(call.Args) || !s.statement(call, i) || prepared(call, i) {
				continue
			}
			if why := s.why(call.Args[i], 0); why != "" {
				lines = append(lines, fmt.Sprintf("%s: %s in a statement: pass it as an argument", s.fset.Position(call.Pos()), why))
			}
		}
		return true
	})
	return lines
}

// statement tells the store's exec(ctx, what, text) from a transaction's exec(ctx, text): of the candidates the last
// text is the statement.
func (s statements) statement(call *ast.CallExpr, i int) bool {
	name := called(call)
	if name != "exec" {
		return true
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return i == 1
	}
	of, ok := sel.X.(*ast.Ident)
	inTxn := ok && strings.HasPrefix(of.Name, "tx")
	return inTxn == (i == 1)
}

// prepared reports a call of a prepared statement, which is given arguments only.
func prepared(call *ast.CallExpr, i int) bool {
	if call.Ellipsis.IsValid() && i == len(call.Args)-1 {
		return true
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := sel.X.(*ast.CallExpr)
	return ok && called(of) == "StmtContext"
}

// onlyNumbers reports fmt.Sprintf with no verb but %d.
func onlyNumbers(call *ast.CallExpr) bool {
	if called(call) != "Sprintf" || len(call.Args) == 0 {
		return false
	}
	format, ok := call.Args[0].(*ast.BasicLit)
	return ok && strings.Count(format.Value, "%") == strings.Count(format.Value, "%d")
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// why says what in the expression is not constant, or "".
func (s statements) why(e ast.Expr, depth int) string {
	if depth > 10 {
		return "too deep an expression"
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		return ""
	case *ast.ParenExpr:
		return s.why(e.X, depth+1)
	case *ast.BinaryExpr:
		return first(s.why(e.X, depth+1), s.why(e.Y, depth+1))
	case *ast.SliceExpr:
		return s.why(e.X, depth+1)
	case *ast.CompositeLit:
		return s.all(e.Elts, depth)
	case *ast.SelectorExpr:
		if slices.Contains(parts(), e.Sel.Name) {
			return ""
		}
		return "field " + e.Sel.Name
	case *ast.CallExpr:
		name := called(e)
		switch {
		case slices.Contains(counts(), name) || onlyNumbers(e):
			return ""
		case name == "Repeat": // how often is a number
			return s.all(e.Args[:1], depth)
		case slices.Contains(builders(), name):
			return s.all(e.Args, depth)
		}
		return "the result of " + strconv.Quote(name)
	case *ast.Ident:
		return s.name(e.Name, depth)
	}
	return fmt.Sprintf("an expression of kind %T", e)
}

func (s statements) all(list []ast.Expr, depth int) string {
	for _, e := range list {
		if why := s.why(e, depth+1); why != "" {
			return why
		}
	}
	return ""
}

// name is constant if it is one of the package's, a parameter, or everything that the function gives it is constant.
func (s statements) name(name string, depth int) (why string) {
	if s.consts[name] || s.param(name) || slices.Contains(parts(), name) {
		return ""
	}
	given := 0
	ast.Inspect(s.fn.Body, func(n ast.Node) bool {
		for _, e := range s.gifts(n, name) {
			given++
			if self(e, name) {
				why = first(why, s.appended(e, name, depth))
			} else {
				why = first(why, s.why(e, depth+1))
			}
		}
		return true
	})
	if given == 0 {
		return "variable " + name
	}
	return why
}

// gifts are the expressions that the node gives to the name.
func (s statements) gifts(n ast.Node, name string) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return s.assigned(n, name)
	case *ast.ValueSpec:
		return declared(n, name)
	case *ast.RangeStmt:
		return ranged(n, name)
	}
	return nil
}

func (s statements) assigned(n *ast.AssignStmt, name string) (out []ast.Expr) {
	for i, l := range n.Lhs {
		if names(l, name) && len(n.Lhs) == len(n.Rhs) {
			out = append(out, n.Rhs[i])
		}
		if lit, ok := literal(n, i); ok {
			out = append(out, s.passed(l, lit, name)...)
		}
	}
	return out
}

func declared(n *ast.ValueSpec, name string) (out []ast.Expr) {
	for i, id := range n.Names {
		switch {
		case id.Name != name:
		case i < len(n.Values):
			out = append(out, n.Values[i])
		default:
			out = append(out, &ast.BasicLit{}) // its zero value
		}
	}
	return out
}

// ranged gives what a name that a loop fills goes through; of a map written in place the keys are looked at alone.
func ranged(n *ast.RangeStmt, name string) (out []ast.Expr) {
	if n.Value != nil && names(n.Value, name) {
		out = append(out, n.X)
	}
	list, ok := n.X.(*ast.CompositeLit)
	if !ok || n.Key == nil || !names(n.Key, name) {
		return out
	}
	for _, e := range list.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			out = append(out, kv.Key)
		}
	}
	return out
}

func literal(n *ast.AssignStmt, i int) (*ast.FuncLit, bool) {
	if i >= len(n.Rhs) {
		return nil, false
	}
	lit, ok := n.Rhs[i].(*ast.FuncLit)
	return lit, ok
}

// passed are what the calls of a function inside the function pass for its parameter with the name.
func (s statements) passed(as ast.Expr, lit *ast.FuncLit, name string) (out []ast.Expr) {
	at := -1
	i := 0
	for _, f := range lit.Type.Params.List {
		for _, p := range f.Names {
			if p.Name == name {
				at = i
			}
			i++
		}
	}
	local, ok := as.(*ast.Ident)
	if at < 0 || !ok {
		return nil
	}
	ast.Inspect(s.fn.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && names(call.Fun, local.Name) && at < len(call.Args) {
			out = append(out, call.Args[at])
		}
		return true
	})
	return out
}

func names(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// self reports x = append(x, ...) and x = x + ..., whose x has been looked at.
func self(e ast.Expr, name string) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return true
	})
	return found
}

func (s statements) appended(e ast.Expr, name string, depth int) string {
	var rest []ast.Expr
	switch e := e.(type) {
	case *ast.CallExpr:
		rest = e.Args
	case *ast.BinaryExpr:
		rest = []ast.Expr{e.X, e.Y}
	default:
		return "variable " + name
	}
	return s.all(slices.DeleteFunc(slices.Clone(rest), func(e ast.Expr) bool {
		return names(e, name)
	}), depth)
}

// param reports whether the function, or one inside it, is given the name by its caller.
func (s statements) param(name string) (found bool) {
	look := func(t *ast.FuncType) {
		for _, f := range t.Params.List {
			for _, n := range f.Names {
				found = found || n.Name == name
			}
		}
	}
	if slices.Contains([]string{"exec", "row", "rows", "each", "prepare", "prefixed"}, s.fn.Name.Name) {
		look(s.fn.Type)
	}
	return found
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
