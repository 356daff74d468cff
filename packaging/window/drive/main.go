// Command drive does the console's main job in its real window, under an X server of its own: from the login window by
// "Try it" to a grouped result, with the mouse. What it believes is not the picture but the control server's own
// database. It counts the clicks and the time, leaves pictures in build/window and claims in build/proof/window.json.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/packaging/proof"
)

// What the first issue promises.
const (
	mostClicks  = 5
	mostSeconds = 60
)

// place is where something stands in the window at 1280x800.
type place struct {
	name string
	x, y int
}

func main() {
	bin := flag.String("bin", "build/bin/omanager", "the console")
	out := flag.String("out", "build/window", "folder for pictures")
	claims := flag.String("claims", "build/proof/window.json", "file for the claims")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if err := drive(ctx, *bin, *out, *claims); err != nil {
		fmt.Fprintln(os.Stderr, "window:", err)
		os.Exit(1)
	}
}

func drive(ctx context.Context, bin, out, claims string) (err error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	s, err := newScreen(ctx, bin, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	began := time.Now()
	clicks := []place{
		{"try-it", 848, 519},
		{"all-servers", 117, 68},
		{"os-version", 300, 233},
		{"run", 1200, 69},
	}
	if err := s.still(ctx, "1-login"); err != nil {
		return err
	}
	for i, p := range clicks {
		if err := s.click(ctx, p); err != nil {
			return err
		}
		if i == 0 {
			if err := s.loggedIn(ctx); err != nil {
				return err
			}
		}
		if err := s.still(ctx, fmt.Sprintf("%d-%s", i+2, p.name)); err != nil {
			return err
		}
	}
	j, err := s.finished(ctx)
	if err != nil {
		return err
	}
	took := time.Since(began)
	if err := s.still(ctx, "6-grouped"); err != nil {
		return err
	}
	ended := 0
	for _, n := range j.Counts {
		ended += n
	}
	fmt.Printf("module %s on 50 simulated servers: %d outcomes %v, %d clicks, %.1f s\n", j.Module, ended, j.Counts, len(clicks), took.Seconds())
	return report(ctx, claims, j, ended, len(clicks), took)
}

func report(ctx context.Context, path string, j job.Job, ended, clicks int, took time.Duration) error {
	id := proof.Commit(ctx)
	all := []proof.Claim{
		{Claim: "clicks from the login window to a grouped result, at most", Value: float64(clicks), Unit: "clicks", Target: mostClicks, Pass: clicks <= mostClicks},
		{Claim: "time from the login window to a grouped result, at most", Value: took.Seconds(), Unit: "s", Target: mostSeconds, Pass: took.Seconds() <= mostSeconds},
		{Claim: "servers of 50 with exactly one outcome", Value: float64(ended), Unit: "servers", Target: 50, Pass: ended == 50 && j.Counts[job.OK] > 40},
	}
	var unmet error
	for i := range all {
		all[i].Commit, all[i].Seconds = id, took.Seconds()
		if !all[i].Pass {
			unmet = fmt.Errorf("claim not met: %s: %.1f, target %.0f", all[i].Claim, all[i].Value, all[i].Target)
		}
	}
	return errors.Join(unmet, proof.Save(path, all))
}

// database opens the built-in control server's store, when it is there.
func (s *screen) database(ctx context.Context) (store.Store, error) {
	found, err := filepath.Glob(filepath.Join(s.home, "omanager-demo-*", "omanager.db"))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return store.OpenSQLite(ctx, found[0])
}

// until asks the store again and again until it says yes or ctx ends.
func (s *screen) until(ctx context.Context, what string, yes func(store.Store) (bool, error)) error {
	for ctx.Err() == nil {
		st, err := s.database(ctx)
		if err == nil && st != nil {
			ok, yerr := yes(st)
			if err := errors.Join(yerr, st.Close()); err != nil {
				return fmt.Errorf("wait until %s: %w", what, err)
			}
			if ok {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond) // pace of the poll
	}
	return fmt.Errorf("wait until %s: %w", what, errors.Join(ctx.Err(), s.picture(context.WithoutCancel(ctx), "stuck")))
}

func (s *screen) loggedIn(ctx context.Context) error {
	return s.until(ctx, "the operator is logged in", func(st store.Store) (bool, error) {
		log, err := st.AuditRecords(ctx, audit.Query{Limit: 10})
		for _, e := range log {
			if e.Event == "login" {
				return true, err
			}
		}
		return false, err
	})
}

func (s *screen) finished(ctx context.Context) (job.Job, error) {
	var done job.Job
	err := s.until(ctx, "a job has finished", func(st store.Store) (bool, error) {
		jobs, err := st.Jobs(ctx, 1)
		if err != nil || len(jobs) == 0 || jobs[0].State != job.Finished {
			return false, err
		}
		done = jobs[0]
		return true, nil
	})
	return done, err
}
