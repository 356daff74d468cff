package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/data/store/storetest"
)

const crashJob = "crash"

func payload(seq int64) []byte { return fmt.Appendf(nil, "event %d of the crash job", seq) }

// appendForever is the child: it appends batches of growing and shrinking size and prints the last sequence
// number of each batch that was acknowledged, until it is killed.
func appendForever(path string) int {
	ctx := context.Background()
	s, err := store.OpenSQLite(ctx, path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var last int64
	for {
		ev, err := s.Events(ctx, crashJob, last, 10_000)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		if len(ev) == 0 {
			break
		}
		last = ev[len(ev)-1].Seq
	}
	for i := 0; ; i++ {
		batch := make([]job.Event, 1+i%40)
		for k := range batch {
			batch[k] = job.Event{Host: "a", Kind: job.Output, Data: payload(last + int64(k) + 1)}
		}
		got, err := s.AppendEvents(ctx, crashJob, batch)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		last = got[len(got)-1].Seq
		fmt.Println(last)
	}
}

// TestG02KillLosesNothingAcknowledged kills the appending process at random moments and looks for every event
// that it had been told is safe.
func TestG02KillLosesNothingAcknowledged(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 20
	}
	path := filepath.Join(t.TempDir(), "om.db")
	s := openAt(t, path)
	if err := s.CreateJob(t.Context(), storetest.NewJob(crashJob), audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var acked int64
	for round := range rounds {
		acked = max(acked, killRound(t, path, 1+rand.IntN(60), time.Duration(rand.IntN(3000))*time.Microsecond))
		verify(t, path, acked, round)
	}
	t.Logf("%d kills, %d acknowledged events, none lost", rounds, acked)
}

// killRound starts a child, kills it a moment after it acknowledged some batches, and gives the last
// acknowledged number.
func killRound(t *testing.T, path string, acks int, moment time.Duration) (acked int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "OMANAGER_STORE_CHILD="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		seq, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			break // the last line may be torn by the kill
		}
		acked = seq
		if n == acks {
			time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("the child was not killed but ended: %v", cmd.ProcessState)
	}
	return acked
}

func verify(t *testing.T, path string, acked int64, round int) {
	t.Helper()
	s := openAt(t, path)
	defer s.Close()
	var seen int64
	for {
		ev, err := s.Events(t.Context(), crashJob, seen, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		if len(ev) == 0 {
			break
		}
		for _, e := range ev {
			if seen++; e.Seq != seen || string(e.Data) != string(payload(seen)) {
				t.Fatalf("round %d: event %d is %d %q", round, seen, e.Seq, e.Data)
			}
		}
	}
	if seen < acked {
		t.Fatalf("round %d: %d events were acknowledged, %d are there", round, acked, seen)
	}
}
