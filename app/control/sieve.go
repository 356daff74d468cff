package control

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"

	"omanager/app/engine"
	"omanager/app/job"
	"omanager/modules"
)

// longestLine is how much of a line the rules of a module look at.
const longestLine = 64 << 10

// sieve stands between an engine and the sink that stores: it masks secrets in the output and lets the module's rules
// about lines of output decide the outcome.
type sieve struct {
	engine.Sink
	task    engine.Task
	secrets [][]byte // longest first
	mu      sync.Mutex
	hosts   map[string]*strained
}

// strained is the state of one host, whose calls come in order.
type strained struct {
	held            map[string][]byte // by stream: what may be the beginning of a secret
	line            map[string][]byte // by stream: the line that has not ended
	changed, failed bool
}

// sieved gives the sink itself if there is nothing to do.
func sieved(s engine.Sink, t engine.Task) engine.Sink {
	if len(t.Secrets) == 0 && t.ChangedIf == nil && t.FailedIf == nil {
		return s
	}
	out := &sieve{Sink: s, task: t, hosts: map[string]*strained{}}
	for _, secret := range t.Secrets {
		forms := []string{secret}
		if b, err := json.Marshal(secret); err == nil { // a task may print what came on its standard input
			forms = append(forms, string(b[1:len(b)-1]))
		}
		for _, f := range forms {
			if f != "" {
				out.secrets = append(out.secrets, []byte(f))
			}
		}
	}
	slices.SortFunc(out.secrets, func(a, b []byte) int { return len(b) - len(a) })
	return out
}

// Output implements engine.Sink.
func (s *sieve) Output(host, stream string, data []byte) {
	h := s.host(host)
	clean, held := s.mask(append(h.held[stream], data...))
	h.held[stream] = slices.Clone(held)
	s.pass(host, stream, h, clean)
}

// Done implements engine.Sink.
func (s *sieve) Done(host string, res engine.Result) {
	h := s.host(host)
	for _, stream := range []string{job.Stdout, job.Stderr} {
		s.pass(host, stream, h, h.held[stream])
		s.match(h, h.line[stream])
	}
	switch {
	case h.failed && res.Outcome.Good():
		res.Outcome, res.Problem = job.Failed, "host_rule"
		res.Args = map[string]string{"host": host, "pattern": s.task.FailedIf.String()}
	case h.changed && res.Outcome == job.OK:
		res.Outcome = job.Changed
	}
	s.mu.Lock()
	delete(s.hosts, host)
	s.mu.Unlock()
	s.Sink.Done(host, res)
}

func (s *sieve) host(name string) *strained {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hosts[name]
	if h == nil {
		h = &strained{held: map[string][]byte{}, line: map[string][]byte{}}
		s.hosts[name] = h
	}
	return h
}

// pass hands masked output on, and its lines to the rules.
func (s *sieve) pass(host, stream string, h *strained, data []byte) {
	if len(data) == 0 {
		return
	}
	s.Sink.Output(host, stream, data)
	if s.task.ChangedIf == nil && s.task.FailedIf == nil {
		return
	}
	for {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		if room := longestLine - len(h.line[stream]); len(line) > room {
			line = line[:room]
		}
		h.line[stream] = append(h.line[stream], line...)
		if !ended {
			return
		}
		s.match(h, h.line[stream])
		h.line[stream], data = h.line[stream][:0], rest
	}
}

func (s *sieve) match(h *strained, line []byte) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return
	}
	h.failed = h.failed || s.task.FailedIf != nil && s.task.FailedIf.Match(line)
	h.changed = h.changed || s.task.ChangedIf != nil && s.task.ChangedIf.Match(line)
}

// mask replaces secrets; held is an end that may be the beginning of one.
func (s *sieve) mask(data []byte) (clean, held []byte) {
	clean = make([]byte, 0, len(data))
next:
	for i := 0; i < len(data); {
		for _, secret := range s.secrets {
			rest := data[i:]
			if bytes.HasPrefix(rest, secret) {
				clean = append(clean, modules.Mask...)
				i += len(secret)
				continue next
			}
			if len(rest) < len(secret) && bytes.HasPrefix(secret, rest) {
				return clean, rest
			}
		}
		clean = append(clean, data[i])
		i++
	}
	return clean, nil
}
