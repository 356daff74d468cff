// Command auditproof edits an operation log behind the control server's back in a thousand random ways and counts how
// many are found, with controls that the count means something; and it times the verification of a million records.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"omanager/packaging/proof"
)

func main() {
	edits := flag.Int("edits", 1000, "random edits")
	records := flag.Int("records", 1_000_000, "records to verify")
	seed := flag.Uint64("seed", 1, "of the random edits")
	out := flag.String("out", filepath.Join("build", "proof", "audit.json"), "where the figures go")
	flag.Parse()
	if err := run(context.Background(), *edits, *records, *seed, *out); err != nil {
		fmt.Fprintln(os.Stderr, "auditproof:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, edits, records int, seed uint64, out string) error {
	dir, err := os.MkdirTemp("", "om-audit-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // litter of a measurement
	began := time.Now()
	r := rand.New(rand.NewPCG(seed, seed))
	res, err := Edit(ctx, dir, edits, r)
	if err != nil {
		return fmt.Errorf("edit the log: %w", err)
	}
	took := time.Since(began).Seconds()
	seconds, err := Million(ctx, filepath.Join(dir, "many.db"), records)
	if err != nil {
		return fmt.Errorf("verify many records: %w", err)
	}
	commit := proof.Commit(ctx)
	claims := []proof.Claim{
		{Claim: fmt.Sprintf("random edits of the operation log found, of %d", res.Edits), Value: float64(res.Found), Unit: "", Target: float64(edits), Pass: res.Found == res.Edits && res.Edits == edits},
		{Claim: "control: untouched logs that verify, of 20", Value: float64(res.Clean), Target: 20, Pass: res.Clean == 20},
		{Claim: "control: the same edits found without the checkpoint (must be fewer)", Value: float64(res.Alone), Pass: res.Alone < res.Edits},
		{Claim: "control: the same edits found without hashes (must be fewer)", Value: float64(res.Blind), Pass: res.Blind < res.Alone},
		{Claim: fmt.Sprintf("verify %d records (target: less)", records), Value: seconds, Unit: "s", Target: 10, Pass: seconds < 10},
	}
	failed := 0
	for i := range claims {
		claims[i].Commit, claims[i].Seed, claims[i].Seconds = commit, seed, took
		fmt.Printf("%-80s %10.2f %s pass %v\n", claims[i].Claim, claims[i].Value, claims[i].Unit, claims[i].Pass)
		if !claims[i].Pass {
			failed++
		}
	}
	fmt.Printf("%-12s %6s %6s %19s %15s\n", "edit", "made", "found", "without checkpoint", "without hashes")
	for _, kind := range slices.Sorted(maps.Keys(res.Kinds)) {
		t := res.Kinds[kind]
		fmt.Printf("%-12s %6d %6d %19d %15d\n", kind, t.Edits, t.Found, t.Alone, t.Blind)
	}
	if err := proof.Save(out, claims); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d claims are not met", failed)
	}
	return nil
}
