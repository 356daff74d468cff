package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules"
	"omanager/modules/value"
	"omanager/rpc/client"
)

// maxText bounds a file whose contents are a parameter of another type than file.
const maxText = 256 << 10

func (a *app) valueFlags(c *cobra.Command) {
	c.Flags().StringArrayVar(&a.files, "param-file", nil, "name=FILE: the value is the file's text, or the file itself (- is standard input); the way to give a secret")
}

// complete turns what the flags say into values by the types of the module's parameters, and asks for the secrets that
// are missing. A secret is never taken from an argument.
func (a *app) complete(ctx context.Context, c *client.Client, r job.Request) (job.Request, error) {
	m, err := module(ctx, c, r.Module)
	if err != nil || m == nil {
		return r, err // the control server words what is wrong with an unknown module
	}
	r.Params = maps.Clone(r.Params)
	if r.Params == nil {
		r.Params = map[string]string{}
	}
	for _, p := range m.Params {
		v, given := r.Params[p.Name]
		switch { // what stands for a value comes with a stored job or approval
		case p.Type == modules.Secret && v == modules.Mask, p.Type == modules.File && value.Described(v):
			delete(r.Params, p.Name)
		case p.Type == modules.Secret && given:
			return r, problem.New("param_secret_argv", "param", p.Name)
		}
	}
	for _, f := range a.files {
		name, path, ok := strings.Cut(f, "=")
		if _, twice := r.Params[name]; !ok || name == "" || path == "" || twice {
			return r, problem.New("usage", "cause", "--param-file \""+name+"\" is not name=FILE, or its name is given twice")
		}
		if r.Params[name], err = a.fileValue(m, name, path); err != nil {
			return r, err
		}
	}
	return r, a.askSecrets(m, r.Params)
}

func module(ctx context.Context, c *client.Client, id string) (*modules.Module, error) {
	all, _, err := c.Modules(ctx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(m *modules.Module) bool { return m.ID == id }); i >= 0 {
		return all[i], nil
	}
	return nil, nil
}

func (a *app) fileValue(m *modules.Module, name, path string) (string, error) {
	typ := modules.Text
	if i := slices.IndexFunc(m.Params, func(p modules.Param) bool { return p.Name == name }); i >= 0 {
		typ = m.Params[i].Type
	}
	limit := int64(maxText)
	if typ == modules.File {
		limit = value.LargestFile
	}
	data, err := a.readFile(path, limit)
	if err != nil {
		return "", problem.New("usage", "cause", "File "+path+" for parameter "+name+" cannot be used: "+cause(err))
	}
	if typ == modules.File {
		return value.File{Name: value.BaseName(path), Data: data}.String(), nil
	}
	text := strings.TrimSuffix(string(data), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}

func (a *app) readFile(path string, limit int64) ([]byte, error) {
	f := a.in
	if path != "-" {
		var err error
		if f, err = os.Open(path); err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // only read
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("it is larger than %d bytes", limit)
	}
	return data, err
}

// askSecrets asks at the terminal, without echo; elsewhere the control server says which one is missing.
func (a *app) askSecrets(m *modules.Module, params map[string]string) error {
	for _, p := range m.Params {
		if p.Type != modules.Secret || params[p.Name] != "" || !m.Asked(p.Name, params) || !term.IsTerminal(int(a.in.Fd())) {
			continue
		}
		label := p.Labels[a.lang]
		if label == "" {
			label = p.Name
		}
		_, _ = fmt.Fprintf(a.err, "%s: ", label)
		b, err := term.ReadPassword(int(a.in.Fd()))
		_, _ = fmt.Fprintln(a.err)
		if err != nil {
			return err
		}
		if len(b) > 0 {
			params[p.Name] = string(b)
		}
	}
	return nil
}
