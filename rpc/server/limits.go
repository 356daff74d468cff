package server

import (
	"errors"
	"net/http"

	"connectrpc.com/connect"

	"omanager/app/problem"
	"omanager/app/safetext"
	v1 "omanager/rpc/omanager/v1"
)

// What one request may hold: a job on ten thousand named servers fits, and before the login next to nothing does, so
// that strangers cost no memory.
const (
	maxMessage = 4 << 20
	maxOpen    = 64 << 10
	maxArg     = 500 // characters of what a sentence quotes
	framing    = 1 << 10
)

func (p Policy) most(procedure string) int {
	if p[procedure] == Open {
		return maxOpen
	}
	return maxMessage
}

// readLimit bounds what a message becomes when it is unpacked.
func (p Policy) readLimit(spec connect.Spec) []connect.HandlerOption {
	return []connect.HandlerOption{connect.WithReadMaxBytes(p.most(spec.Procedure))}
}

// limited refuses a request that says it is too large with a sentence, before reading it, and stops reading one that
// does not say.
func (p Policy) limited(next http.Handler) http.Handler {
	words := connect.NewErrorWriter()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := p.most(r.URL.Path)
		if r.ContentLength > int64(limit) {
			_ = words.Write(w, r, wire(problem.New("request_large", "limit", size(limit)))) // who is gone cannot be told
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, int64(limit+framing))
		next.ServeHTTP(w, r)
	})
}

func size(n int) string {
	if n == maxOpen {
		return "64 KiB"
	}
	return "4 MiB"
}

// wire gives the error as it crosses: a sentence, and the code with its arguments. What a person may have got wrong is
// quoted short and on one line.
func wire(p *problem.Error) *connect.Error {
	args := make(map[string]string, len(p.Args))
	for k, v := range p.Args {
		args[k] = quoted(v)
	}
	out := connect.NewError(code(p.Kind()), errors.New(problem.Text("en", p.Code, args)))
	if d, err := connect.NewErrorDetail(&v1.ErrorDetail{Code: p.Code, Args: args}); err == nil {
		out.AddDetail(d)
	}
	return out
}

func quoted(v string) string {
	cut := v[:min(len(v), 4*maxArg)]
	r := []rune(safetext.Line(cut))
	if len(r) > maxArg || len(cut) < len(v) {
		return string(r[:min(len(r), maxArg)]) + "…"
	}
	return string(r)
}
