package enginetest

import (
	"bytes"
	"fmt"
	"sync"

	"omanager/app/engine"
)

// Record is what a Recorder saw of one host.
type Record struct {
	Started bool
	Out     map[string][]byte // by stream
	Done    bool
	Result  engine.Result
}

// Recorder is a Sink that keeps everything and notes calls that break the contract.
type Recorder struct {
	mu     sync.Mutex
	hosts  map[string]*Record
	broken []string
	order  []string // hosts in the order they were done

	onOutput func(host string)
	onStart  func(host string) error
}

// NewRecorder makes an empty Recorder.
func NewRecorder() *Recorder { return &Recorder{hosts: map[string]*Record{}} }

var _ engine.Sink = (*Recorder)(nil)

func (r *Recorder) at(host, call string) *Record {
	h := r.hosts[host]
	if h == nil {
		h = &Record{Out: map[string][]byte{}}
		r.hosts[host] = h
	}
	if h.Done {
		r.broken = append(r.broken, fmt.Sprintf("%s: %s after Done", host, call))
	}
	return h
}

// OnStart calls do after each Started; its error becomes Started's. It is set before the run.
func (r *Recorder) OnStart(do func(host string) error) { r.onStart = do }

// OnOutput calls do after each Output. It is set before the run.
func (r *Recorder) OnOutput(do func(host string)) { r.onOutput = do }

// Started implements engine.Sink.
func (r *Recorder) Started(host string) error {
	r.mu.Lock()
	h := r.at(host, "Started")
	if h.Started || len(h.Out) > 0 {
		r.broken = append(r.broken, host+": Started is not the first call")
	}
	h.Started = true
	r.mu.Unlock()
	if r.onStart != nil {
		return r.onStart(host)
	}
	return nil
}

// Output implements engine.Sink.
func (r *Recorder) Output(host, stream string, data []byte) {
	r.mu.Lock()
	h := r.at(host, "Output")
	if !h.Started {
		r.broken = append(r.broken, host+": Output before Started")
	}
	h.Out[stream] = append(h.Out[stream], data...)
	r.mu.Unlock()
	if r.onOutput != nil {
		r.onOutput(host)
	}
}

// Done implements engine.Sink.
func (r *Recorder) Done(host string, res engine.Result) {
	r.mu.Lock()
	h := r.at(host, "Done")
	h.Done, h.Result = true, res
	r.order = append(r.order, host)
	r.mu.Unlock()
}

// Host is what was seen of a host; a host never mentioned gives an empty Record.
func (r *Recorder) Host(id string) Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hosts[id]
	if h == nil {
		return Record{}
	}
	c := *h
	c.Out = map[string][]byte{}
	for k, v := range h.Out {
		c.Out[k] = bytes.Clone(v)
	}
	return c
}

// Broken lists calls that broke the contract of Sink.
func (r *Recorder) Broken() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.broken...)
}
