package console

import (
	"errors"
	"maps"
	"os"
	"strconv"

	"omanager/app/problem"
	"omanager/modules"
	"omanager/modules/value"
)

// filled puts the contents of files in the place of their paths: a form names a file of this machine, a request carries
// it. What cannot be read stays as it is, with the reason by parameter.
func filled(m *modules.Module, values map[string]string) (map[string]string, map[string]error) {
	errs := map[string]error{}
	out := maps.Clone(values)
	for _, p := range m.Params {
		v := out[p.Name]
		if p.Type != modules.File || v == "" || !m.Asked(p.Name, values) {
			continue
		}
		if _, is := value.ParseFile(v); is {
			continue
		}
		data, err := readBounded(v)
		if err != nil {
			errs[p.Name] = problem.Wrap(err, "param_file_read", "param", p.Name, "file", v, "cause", err.Error())
			continue
		}
		out[p.Name] = value.File{Name: value.BaseName(v), Data: data}.String()
	}
	return out, errs
}

func readBounded(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("it is not a plain file")
	}
	if err == nil && st.Size() > value.LargestFile {
		err = errors.New("it is larger than " + strconv.Itoa(value.LargestFile) + " bytes")
	}
	if err != nil {
		if p, ok := errors.AsType[*os.PathError](err); ok {
			err = p.Err
		}
		return nil, err
	}
	return os.ReadFile(path)
}
