package rpyc

import "strings"

// object is one of the three things that Serve's clients can refer to.
type object string

const (
	root        object = "omanager.root"
	login       object = "omanager.login"
	runcommands object = "omanager.Runcommands"
)

// ref is written so that every version can read it: to 4.0 a reference is (key, class, module), from 4.1 it is
// (name, class's number, object's number), and both sides only compare these and give them back. The last two
// must not be those of a class that Python knows, so that the client asks for the methods, which it keeps by class.
func (o object) ref() tuple {
	class := "LegacyMethod"
	if o == root {
		class = "LegacyRoot"
	}
	return tuple{labelRemoteRef, tuple{string(o), class, "omanager_legacy"}}
}

// methods is what the client is told that the object has.
func (o object) methods() tuple {
	if o == root {
		return tuple{tuple{"login", nil}, tuple{"Runcommands", nil}}
	}
	return tuple{tuple{"__call__", nil}}
}

// objectOf reads a reference back, in any version's form.
func objectOf(v any) (object, bool) {
	if r, ok := v.(localRef); ok {
		v = r.id
	}
	if t, ok := v.(tuple); ok && len(t) == 3 {
		v = t[0]
	}
	s, _, _ := text(v)
	switch o := object(s); o {
	case root, login, runcommands:
		return o, true
	}
	return "", false
}

// attribute finds the two methods of the root, with or without the prefix of exposed names.
func attribute(o object, name string) (object, bool) {
	if o != root {
		return "", false
	}
	switch strings.TrimPrefix(name, "exposed_") {
	case "login":
		return login, true
	case "Runcommands":
		return runcommands, true
	}
	return "", false
}
