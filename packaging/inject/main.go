// Command inject tries to turn parameters into commands: every shipped module, on real OpenSSH servers, under every
// login shell that is installed. It writes the claims with their figures, and fails if one is not met.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"omanager/modules"
	"omanager/packaging/proof"
)

type options struct {
	out     string
	strings int
	seed    uint64
	shells  string
}

func main() {
	var o options
	flag.StringVar(&o.out, "out", "build/proof", "folder to write the claims to")
	flag.IntVar(&o.strings, "strings", 100_000, "random strings for each login shell")
	flag.Uint64Var(&o.seed, "seed", 1, "of the random strings")
	flag.StringVar(&o.shells, "shells", "dash,bash,busybox,fish,tcsh", "login shells to try")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	err := work(ctx, o)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "inject:", err)
		os.Exit(1)
	}
}

func work(ctx context.Context, o options) error {
	cat, err := modules.Open(modules.Library())
	if err != nil {
		return err
	}
	if r := cat.Rejected(); len(r) > 0 {
		return r[0].Problem
	}
	if err := catalogue(ctx, o); err != nil {
		return err
	}
	return injection(ctx, o, cat)
}

// catalogue measures how long it takes to load the shipped modules.
func catalogue(ctx context.Context, o options) error {
	began := time.Now()
	var took []float64
	count := 0
	for range 31 {
		start := time.Now()
		cat, err := modules.Open(modules.Library())
		if err != nil {
			return err
		}
		took = append(took, float64(time.Since(start).Microseconds())/1000)
		count = len(cat.All())
	}
	slices.Sort(took)
	median := took[len(took)/2]
	claims := []proof.Claim{
		{Claim: fmt.Sprintf("the catalogue of %d modules is loaded in less than 50 ms (median of %d; slowest %.1f)", count, len(took), took[len(took)-1]),
			Value: median, Unit: "ms", Target: 50, Pass: median < 50},
	}
	return save(ctx, o, "catalogue.json", claims, began)
}

// save completes, writes and prints the claims.
func save(ctx context.Context, o options, name string, claims []proof.Claim, began time.Time) error {
	commit := proof.Commit(ctx)
	unmet := 0
	for i := range claims {
		c := &claims[i]
		c.Commit, c.Seed, c.Seconds = commit, o.seed, time.Since(began).Seconds()
		mark := "met"
		if !c.Pass {
			mark, unmet = "NOT MET", unmet+1
		}
		fmt.Printf("%-8s %10.3f %-4s %s\n", mark, c.Value, c.Unit, c.Claim)
	}
	err := proof.Save(filepath.Join(o.out, name), claims)
	if unmet > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d claims are not met", unmet, len(claims)))
	}
	return err
}
