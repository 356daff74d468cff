package console_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/rpc/client"
	"omanager/rpc/serve"
)

// deaf loses the answer to the first submission, after the control server has taken it.
type deaf struct {
	console.Server

	once sync.Once
}

func (d *deaf) Start(ctx context.Context, o client.Order) (job.Job, error) {
	j, err := d.Server.Start(ctx, o)
	d.once.Do(func() { err = problem.New("server_unreachable", "addr", "here", "cause", "the answer was lost") })
	return j, err
}

// TestLostAnswerIsNotASecondJob: who presses again because no answer came gets the job that was started, not another
// one; the next press starts a new one.
func TestLostAnswerIsNotASecondJob(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	d := newDeskOf(t, console.Config{
		NewJobID: client.NewJobID,
		Dial:     func(addr, fp string) console.Server { return &deaf{Server: client.Dial(addr, fp)} },
		Demo: func(ctx context.Context) (console.Embedded, error) {
			r, err := serve.Demo(ctx, serve.DemoOptions{Hosts: 12, Dir: dir})
			if err != nil {
				return console.Embedded{}, err
			}
			return console.Embedded{Addr: r.Addr, Fingerprint: r.Fingerprint, Operator: r.Operator, Password: r.Password, KeyFile: r.KeyFile, Close: r.Close}, nil
		},
	})
	d.tryIt()
	d.SetTicked([]string{"web01"})
	d.Choose("1003")
	d.Execute()
	d.until("the lost answer", func() bool { return d.Err(console.OpStart) != nil })
	jobs := func(n int) {
		t.Helper()
		d.idle(console.OpStart)
		d.Execute()
		d.until("end", func() bool { return d.Run() != nil && d.Run().Snapshot().Done })
		d.idle(console.OpHistory)
		d.LoadHistory()
		d.until("list", func() bool { return !d.IsBusy(console.OpHistory) })
		if got := len(d.Jobs()); got != n {
			t.Errorf("%d jobs, want %d", got, n)
		}
	}
	jobs(1)
	first := d.Run().ID()
	d.idle(console.OpStart)
	d.Execute()
	d.until("another", func() bool { return d.Run().ID() != first && d.Run().Snapshot().Done })
}
