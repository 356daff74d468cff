package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"omanager/packaging/proof"
)

// ours is the contender whose figures are claimed.
const ours = "omanager"

func printTable(contenders []contender, results map[bool]map[string][]time.Duration) {
	fmt.Printf("\n%-14s %22s %22s\n", "median (range)", "cold", "warm")
	for _, c := range contenders {
		fmt.Printf("%-14s %22s %22s\n", c.name(), cell(results[false][c.name()]), cell(results[true][c.name()]))
	}
	fmt.Println()
}

func cell(d []time.Duration) string {
	if len(d) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f s (%.2f..%.2f)", median(d).Seconds(), slices.Min(d).Seconds(), slices.Max(d).Seconds())
}

// fastestPeer is the least median among the contenders that are not ours.
func fastestPeer(times map[string][]time.Duration) (string, time.Duration) {
	name, best := "", time.Duration(0)
	for n, d := range times {
		if m := median(d); n != ours && (name == "" || m < best || m == best && n < name) {
			name, best = n, m
		}
	}
	return name, best
}

func writeClaims(ctx context.Context, o options, contenders []contender, results map[bool]map[string][]time.Duration, took time.Duration) error {
	var claims []proof.Claim
	id := proof.Commit(ctx)
	add := func(text, unit string, value, target float64) {
		claims = append(claims, proof.Claim{Claim: text, Value: value, Unit: unit, Target: target,
			Pass: value >= target, Commit: id, Seed: o.seed, Seconds: took.Seconds()})
	}
	for _, warm := range []bool{false, true} {
		state, target := "cold", 2.0
		if warm {
			state, target = "warm", 3.0
		}
		name, best := fastestPeer(results[warm])
		ratio := best.Seconds() / median(results[warm][ours]).Seconds()
		add(fmt.Sprintf("%s: one command on %d servers, times faster than %s, the fastest peer", state, o.servers, name),
			"x", ratio, target)
		fmt.Printf("%s: %.2f x faster than %s (target %.0f)\n", state, ratio, name, target)
		for _, c := range contenders {
			add(fmt.Sprintf("%s: one command on %d servers, %s", state, o.servers, c.name()), "s",
				median(results[warm][c.name()]).Seconds(), 0)
		}
	}
	if err := proof.Save(o.out, claims); err != nil {
		return err
	}
	for _, c := range claims {
		if !c.Pass {
			return fmt.Errorf("claim not met: %s: %.2f %s, target %.2f", c.Claim, c.Value, c.Unit, c.Target)
		}
	}
	return nil
}
