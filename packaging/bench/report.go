package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"omanager/app/inventory"
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
	load, err := loadTime()
	if err != nil {
		return err
	}
	const most = 1.0
	claims = append(claims, proof.Claim{Claim: "reading asset files of 10,000 servers takes at most", Value: load.Seconds(), Unit: "s", Target: most,
		Pass: load.Seconds() <= most, Commit: id, Seed: o.seed, Seconds: took.Seconds()})
	fmt.Printf("asset files of 10,000 servers are read in %.3f s (target at most %.0f)\n", load.Seconds(), most)
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

// loadTime is the median of reading ten thousand servers from the asset files' bytes, index and all.
func loadTime() (time.Duration, error) {
	cats := []inventory.Category{{ID: "1", Name: "应用服务器"}, {ID: "2", Name: "数据库服务器"}}
	servers := make([]inventory.Server, 10_000)
	for i := range servers {
		ip := fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)
		servers[i] = inventory.Server{Serial: fmt.Sprintf("SN-%05d", i), IP: ip, LIP: ip, WIP: ip, OS: "Linux", App: fmt.Sprintf("app%d.example.com", i%50),
			Locate: "01-02-03", CategoryID: cats[i%2].ID}
	}
	option, list := inventory.Marshal(inventory.New(cats, servers))
	var times []time.Duration
	for range 5 {
		began := time.Now()
		inv, err := inventory.Parse(option, list)
		if err != nil {
			return 0, fmt.Errorf("read asset files: %w", err)
		}
		times = append(times, time.Since(began))
		if len(inv.Servers()) != len(servers) {
			return 0, fmt.Errorf("read %d of %d servers", len(inv.Servers()), len(servers))
		}
	}
	return median(times), nil
}
