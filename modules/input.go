package modules

import (
	"maps"
	"strings"

	"omanager/modules/value"
)

// Redact is a copy of checked values fit to be shown, stored and logged: a secret is Mask, a file its name, size and
// SHA-256.
func (m *Module) Redact(params map[string]string) map[string]string {
	out := maps.Clone(params)
	for _, p := range m.Params {
		v := out[p.Name]
		switch {
		case v == "":
		case p.Type == Secret:
			out[p.Name] = Mask
		case p.Type == File:
			if f, ok := value.ParseFile(v); ok {
				out[p.Name] = f.Describe()
			}
		}
	}
	return out
}

// Secrets are the checked values that must be shown nowhere.
func (m *Module) Secrets(params map[string]string) []string {
	var out []string
	for _, p := range m.Params {
		if p.Type == Secret && params[p.Name] != "" {
			out = append(out, params[p.Name])
		}
	}
	return out
}

// Input is what the task is given for checked values: its variables, and the contents of files by parameter. A file is
// its name as a variable, and NAME_sha256 beside it; servers are their names, and NAME_addr holds their addresses.
func (m *Module) Input(params map[string]string, know Lookup) (map[string]string, map[string][]byte, error) {
	vars, files := maps.Clone(params), map[string][]byte{}
	for _, p := range m.Params {
		v := params[p.Name]
		var err error
		switch p.Type {
		case File:
			f, _ := value.ParseFile(v)
			vars[p.Name], files[p.Name] = f.Name, f.Data
		case Source:
			var path string
			if path, _ = value.Unpin(v); path == "" || know.Source == nil {
				files[p.Name] = nil
				break
			}
			vars[p.Name] = path
			files[p.Name], err = know.Source(path)
		case Hosts:
			vars[p.Name+"_addr"], err = addresses(v, know)
		}
		if err != nil {
			return nil, nil, err
		}
		if data, is := files[p.Name]; is {
			vars[p.Name+"_sha256"] = ""
			if v != "" {
				vars[p.Name+"_sha256"] = value.Sum(data)
			}
		}
	}
	return vars, files, nil
}

func addresses(names string, know Lookup) (string, error) {
	if names == "" || know.Hosts == nil {
		return "", nil
	}
	hosts, err := know.Hosts(names)
	if err != nil {
		return "", err
	}
	out := make([]string, len(hosts))
	for i, h := range hosts {
		out[i] = h.Addr
	}
	return strings.Join(out, ","), nil
}
