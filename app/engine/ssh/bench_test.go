package ssh

import (
	"testing"

	"omanager/app/engine/enginetest"
	"omanager/app/job"
)

// BenchmarkHundredWarmHosts runs a short command on 100 addresses of real sshd over connections that stand.
func BenchmarkHundredWarmHosts(b *testing.B) {
	e, hosts, _ := real(b, 100, nil)
	round := func() {
		r := enginetest.NewRecorder()
		if err := e.Run(b.Context(), task("uname -r\n"), hosts, 0, r); err != nil {
			b.Fatal(err)
		}
		for _, h := range hosts {
			if got := r.Host(h.ID); got.Result.Outcome != job.OK {
				b.Fatalf("%s ended %+v", h.ID, got.Result)
			}
		}
	}
	round()
	for b.Loop() {
		round()
	}
}
