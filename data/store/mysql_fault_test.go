package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/data/store/mariadb"
	"omanager/data/store/storetest"
)

// TestG06DatabaseKilledWhileAppending kills the database server again and again while several jobs append, and starts
// it again: no append fails, every acknowledged event is there, none twice.
func TestG06DatabaseKilledWhileAppending(t *testing.T) {
	s := mariaServer(t)
	st := openMySQL(t, s, s.Socket)
	const jobs, kills = 4, 10
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	acked := make([]int64, jobs)
	step := make(chan struct{}, 1) // an append was acknowledged
	await := func() {
		select {
		case <-step:
		case <-ctx.Done():
			t.FailNow()
		}
	}
	var wg sync.WaitGroup
	for i := range jobs {
		id := fmt.Sprintf("job-%d", i)
		ok(t, st.CreateJob(t.Context(), storetest.NewJob(id), audit.Entry{}))
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				got, err := st.AppendEvents(context.WithoutCancel(ctx), id, payloads(acked[i], 1+n%40))
				if err != nil {
					t.Errorf("%s after %d: %v", id, acked[i], err)
					cancel()
					return
				}
				acked[i] = got[len(got)-1].Seq
				select {
				case step <- struct{}{}:
				default:
				}
			}
		})
	}
	for n := range kills {
		for range 20 + 3*n {
			await()
		}
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond) // a random moment, not a wait for something
		ok(t, s.Kill())
		ok(t, s.Restart(t.Context()))
	}
	await()
	await()
	cancel()
	wg.Wait()
	total := int64(0)
	for i := range jobs {
		checkPayloads(t, st, fmt.Sprintf("job-%d", i), acked[i])
		total += acked[i]
	}
	t.Logf("%d kills, %d acknowledged events, none lost, none twice", kills, total)
}

func payloads(after int64, n int) []job.Event {
	out := make([]job.Event, n)
	for k := range out {
		out[k] = job.Event{Host: "a", Kind: job.Output, Data: payload(after + int64(k) + 1)}
	}
	return out
}

// checkPayloads wants exactly the events 1 to n.
func checkPayloads(t *testing.T, st store.Store, id string, n int64) {
	t.Helper()
	var seen int64
	for {
		ev, err := st.Events(t.Context(), id, seen, 1000)
		ok(t, err)
		if len(ev) == 0 {
			break
		}
		for _, e := range ev {
			if seen++; e.Seq != seen || !bytes.Equal(e.Data, payload(seen)) {
				t.Fatalf("%s: event %d is %d %q", id, seen, e.Seq, e.Data)
			}
		}
	}
	if seen != n {
		t.Fatalf("%s: %d events were acknowledged, %d are there", id, n, seen)
	}
}

// TestG06DatabaseKilledBetweenWrites: the pool's connections are all dead, and nobody notices.
func TestG06DatabaseKilledBetweenWrites(t *testing.T) {
	s := mariaServer(t)
	st := openMySQL(t, s, s.Socket)
	ok(t, st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}))
	for i := range int64(3) {
		got, err := st.AppendEvents(t.Context(), "j", payloads(i, 1))
		if err != nil || got[0].Seq != i+1 {
			t.Fatalf("%+v, %v", got, err)
		}
		ok(t, s.Kill())
		ok(t, s.Restart(t.Context()))
		if j, err := st.Job(t.Context(), "j"); err != nil || j.ID != "j" {
			t.Fatalf("%+v, %v", j, err)
		}
	}
	checkPayloads(t, st, "j", 3)
}

// TestG06DatabaseAway: a write that waits for the server ends with its context, and says why it waited.
func TestG06DatabaseAway(t *testing.T) {
	s := mariaServer(t)
	st := openMySQL(t, s, s.Socket)
	ok(t, s.Kill())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := st.Log(ctx, audit.Entry{Event: "away"})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrUnknown) {
		t.Errorf("error is %v", err)
	}
	_, err = st.Job(t.Context(), "j")
	if err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("reading without a server: %v", err)
	}
	ok(t, s.Restart(t.Context()))
	ok(t, st.Log(t.Context(), audit.Entry{Event: "back"}))
	log, err := st.AuditRecords(t.Context(), audit.Query{Limit: 10})
	if err != nil || len(log) != 1 || log[0].Event != "back" {
		t.Errorf("log is %+v, %v", log, err)
	}
}

func TestG06ReadOnlyServer(t *testing.T) {
	s := mariaServer(t)
	st := openMySQL(t, s, s.Socket)
	ok(t, st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}))
	_, err := st.AppendEvents(t.Context(), "j", payloads(0, 3))
	ok(t, err)
	ok(t, s.Exec(t.Context(), "SET GLOBAL read_only = 1"))
	t.Cleanup(func() { ok(t, s.Exec(context.Background(), "SET GLOBAL read_only = 0")) })
	if err := st.CreateJob(t.Context(), storetest.NewJob("k"), audit.Entry{}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a new job: %v", err)
	}
	if _, err := st.AppendEvents(t.Context(), "j", payloads(3, 2)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("events: %v", err)
	}
	if _, err := st.Job(t.Context(), "j"); err != nil {
		t.Errorf("reading: %v", err)
	}
	other, err := store.OpenMySQL(t.Context(), mysqlConfig(s))
	if err != nil { // the schema is there: reading works
		t.Errorf("opening: %v", err)
	} else {
		ok(t, other.Close())
	}
	ok(t, s.Exec(t.Context(), "SET GLOBAL read_only = 0"))
	got, err := st.AppendEvents(t.Context(), "j", payloads(3, 2))
	if err != nil || got[1].Seq != 5 {
		t.Fatalf("after that: %+v, %v", got, err)
	}
	ok(t, st.CreateJob(t.Context(), storetest.NewJob("k"), audit.Entry{}))
	checkPayloads(t, st, "j", 5)
}

func TestG06OpenOnReadOnlyServer(t *testing.T) {
	s := mariaServer(t)
	ok(t, s.Create(t.Context(), "OManager"))
	ok(t, s.Exec(t.Context(), "SET GLOBAL read_only = 1"))
	t.Cleanup(func() { ok(t, s.Exec(context.Background(), "SET GLOBAL read_only = 0")) })
	st, err := store.OpenMySQL(t.Context(), mysqlConfig(s))
	if err == nil {
		st.Close()
	}
	if !errors.Is(err, store.ErrReadOnly) {
		t.Fatalf("error is %v", err)
	}
}

// TestG06CutAtCommit loses COMMIT or its answer in four ways, for each kind of write: it is stored once and reported
// stored.
func TestG06CutAtCommit(t *testing.T) {
	s := mariaServer(t)
	p, err := s.NewProxy()
	ok(t, err)
	t.Cleanup(func() { ok(t, p.Close()) })
	for name, cut := range map[string]mariadb.Cut{
		"answer lost": mariadb.DropAnswer, "commit lost": mariadb.DropCommit,
		"commit lost, half open": mariadb.HoldCommit, "commit late": mariadb.LateCommit,
	} {
		t.Run(name, func(t *testing.T) {
			st := openMySQL(t, s, p.Socket)
			cuts := p.Cuts()
			p.CutNext(cut, 0)
			ok(t, st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{Event: "job_start"}))
			p.CutNext(cut, 1)
			for i := range int64(3) {
				got, err := st.AppendEvents(t.Context(), "j", payloads(20*i, 20))
				ok(t, err)
				if len(got) != 20 || got[0].Seq != 20*i+1 || got[19].Seq != 20*i+20 {
					t.Fatalf("append %d: %+v", i, got)
				}
			}
			p.CutNext(cut, 0)
			ok(t, st.UseOnce(t.Context(), []byte("nonce"), time.Now().Add(time.Hour)))
			if n := p.Cuts() - cuts; n != 3 {
				t.Fatalf("%d connections were cut, want 3", n)
			}
			checkPayloads(t, st, "j", 60)
			jobs, err := st.Jobs(t.Context(), 10)
			ok(t, err)
			log, err := st.AuditRecords(t.Context(), audit.Query{Limit: 10})
			ok(t, err)
			if len(jobs) != 1 || len(log) != 1 {
				t.Errorf("%d jobs, %d log entries", len(jobs), len(log))
			}
			if err := st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}); !errors.Is(err, store.ErrExists) {
				t.Errorf("the job once more: %v", err)
			}
			ok(t, st.Close())
		})
	}
}

// TestG06NobodyKnows: the server is away after COMMIT was sent, for longer than a write waits. The write says that
// nobody knows; what its caller sends again is stored once, whether or not the first attempt was.
func TestG06NobodyKnows(t *testing.T) {
	s := mariaServer(t)
	p, err := s.NewProxy()
	ok(t, err)
	t.Cleanup(func() { ok(t, p.Close()) })
	at := time.UnixMilli(1_700_000_000_123).UTC()
	batch := []job.Event{
		{Host: "a", Kind: job.HostStarted, Time: at}, {Host: "a", Kind: job.Output, Data: []byte("x")},
		{Host: "a", Kind: job.HostDone, Outcome: job.OK, Time: at}, {Host: "b", Kind: job.Output, Data: []byte("y")},
		{Host: "b", Kind: job.HostDone, Outcome: job.Failed, Exit: 3, HasExit: true, Time: at, Args: map[string]string{"k": "v"}},
	}
	endings := []job.Event{batch[2], batch[4]}
	end := job.Event{Kind: job.JobDone, Time: at}
	for name, c := range map[string]struct {
		cut  mariadb.Cut
		want []job.Event
		seqs []int64
	}{
		"it was stored": {mariadb.DropAnswer, append(append([]job.Event{}, batch...), end), []int64{3, 5, 6}},
		"it was not":    {mariadb.DropCommit, append(append([]job.Event{}, endings...), end), []int64{1, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			st := openMySQL(t, s, p.Socket)
			ok(t, st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}))
			store.SetPatience(st, 50*time.Millisecond)
			p.VanishNext(c.cut, 0)
			if _, err := st.AppendEvents(t.Context(), "j", batch); !errors.Is(err, store.ErrUnknown) {
				t.Fatalf("error is %v", err)
			}
			if _, err := st.AppendEvents(t.Context(), "j", endings); err == nil || errors.Is(err, store.ErrUnknown) {
				t.Fatalf("without a server: %v", err)
			}
			p.Return()
			// The answer is lost again, and again nobody can be asked.
			p.VanishNext(c.cut, 0)
			if _, err := st.AppendEvents(t.Context(), "j", append(endings, end)); !errors.Is(err, store.ErrUnknown) {
				t.Fatalf("error is %v", err)
			}
			p.Return()
			got, err := st.AppendEvents(t.Context(), "j", append(endings, end))
			ok(t, err)
			for i, e := range got {
				if e.Seq != c.seqs[i] {
					t.Errorf("event %d has seq %d, want %d", i, e.Seq, c.seqs[i])
				}
			}
			compareEvents(t, st, c.want)
			more, err := st.AppendEvents(t.Context(), "j", []job.Event{end}) // an equal event later is a new one
			if err != nil || more[0].Seq != int64(len(c.want)+1) {
				t.Errorf("%+v, %v", more, err)
			}
			ok(t, st.Close())
		})
	}
}

func compareEvents(t *testing.T, st store.Store, want []job.Event) {
	t.Helper()
	got, err := st.Events(t.Context(), "j", 0, 100)
	ok(t, err)
	for i := range want {
		want[i].Job, want[i].Seq = "j", int64(i+1)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("(-want +got)\n%s", d)
	}
}

func TestG06NobodyKnowsOfAJob(t *testing.T) {
	s := mariaServer(t)
	p, err := s.NewProxy()
	ok(t, err)
	t.Cleanup(func() { ok(t, p.Close()) })
	st := openMySQL(t, s, p.Socket)
	store.SetPatience(st, 50*time.Millisecond)
	p.VanishNext(mariadb.DropAnswer, 0)
	if err := st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}); !errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrExists) {
		t.Fatalf("error is %v", err)
	}
	p.Return()
	if _, err := st.Job(t.Context(), "j"); err != nil {
		t.Fatal(err)
	}
}

// TestMySQLCloseDoesNotWait: a write that waits for an absent server ends when the store is closed.
func TestMySQLCloseDoesNotWait(t *testing.T) {
	s := mariaServer(t)
	st := openMySQL(t, s, s.Socket)
	ok(t, s.Kill())
	t.Cleanup(func() { ok(t, s.Restart(context.Background())) })
	store.SetPatience(st, time.Hour)
	done := make(chan error)
	go func() { done <- st.Log(context.Background(), audit.Entry{}) }()
	select {
	case err := <-done:
		t.Fatalf("the write did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	ok(t, st.Close())
	if err := <-done; err == nil {
		t.Fatal("a closed store stored something")
	}
}
