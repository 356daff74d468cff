// Command loginproof floods a real omserver with wrong logins, all at once, and writes what it cost the server and how
// many guesses it evaluated: of one operator with and without its key file, and of many names from many addresses.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"omanager/packaging/proof"
)

// The targets, as the product promises them.
const (
	mostMemory  = 512 // MiB
	mostGuesses = 5   // of one account, at once
	mostStrange = 60  // of all strangers together, at once and again each minute
)

func main() {
	bin := flag.String("bin", "build/bin", "folder of omserver; empty builds one")
	n := flag.Int("n", 200, "logins at once")
	out := flag.String("out", "build/proof/login.json", "file to write the claims to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := prove(ctx, *bin, *n, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "loginproof:", err)
		os.Exit(1)
	}
}

func prove(ctx context.Context, bin string, n int, out string) (err error) {
	dir, err := os.MkdirTemp("", "om-loginproof-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	omserver, err := program(ctx, bin, dir)
	if err != nil {
		return err
	}
	var claims []proof.Claim
	unmet := 0
	for _, f := range floods(n) {
		began := time.Now()
		got, err := f.run(ctx, omserver, filepath.Join(dir, f.name))
		if err != nil {
			return fmt.Errorf("%s: %w", f.title, err)
		}
		for _, c := range got.claims(f) {
			c.Commit, c.Seconds = proof.Commit(ctx), time.Since(began).Seconds()
			fmt.Printf("%-5v %8.1f %-5s (target %g) %s\n", c.Pass, c.Value, c.Unit, c.Target, c.Claim)
			claims = append(claims, c)
			if !c.Pass {
				unmet++
			}
		}
	}
	if err := proof.Save(out, claims); err != nil {
		return err
	}
	if unmet > 0 {
		return fmt.Errorf("%d of %d claims are not met", unmet, len(claims))
	}
	return nil
}

// program gives the omserver to measure.
func program(ctx context.Context, bin, dir string) (string, error) {
	if bin != "" {
		p, err := filepath.Abs(filepath.Join(bin, "omserver"))
		if err != nil {
			return "", fmt.Errorf("find omserver: %w", err)
		}
		if _, err := os.Stat(p); err != nil {
			return "", fmt.Errorf("find omserver (make build makes it): %w", err)
		}
		return p, nil
	}
	p := filepath.Join(dir, "omserver")
	build := exec.CommandContext(ctx, "go", "build", "-o", p, "omanager/cmd/omserver")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build omserver: %w: %s", err, text)
	}
	return p, nil
}

// flood is one attack.
type flood struct {
	name, title string
	n           int
	operator    func(i int) string
	stolen      bool // the operator's key file is in the attacker's hands
	spread      bool // each login from an address of its own
	most        func(took time.Duration) float64
}

func floods(n int) []flood {
	one := func(int) string { return operator }
	// At once the threshold; one more after a second, after two more, and so on: a slow machine takes so long.
	once := func(took time.Duration) float64 { return mostGuesses + math.Floor(math.Log2(1+took.Seconds())) }
	return []flood{
		{name: "stolen", title: fmt.Sprintf("%d parallel wrong logins of one operator with its key file", n), n: n, operator: one, stolen: true, most: once},
		{name: "stranger", title: fmt.Sprintf("%d parallel wrong logins of one operator without its key file", n), n: n, operator: one, spread: true, most: once},
		{
			name: "names", title: fmt.Sprintf("%d parallel wrong logins of as many names from as many addresses", n), n: n, spread: true,
			operator: func(i int) string { return fmt.Sprintf("name%d", i) },
			most:     func(took time.Duration) float64 { return mostStrange * (1 + took.Minutes()) },
		},
	}
}

// result is what a flood did.
type result struct {
	evaluated, logged int // as the server's log and its operation log tell
	turnedAway        int
	before, peak      float64 // MiB
	took              time.Duration
	owner             error // the owner's login in the middle of it
}

func (r result) claims(f flood) []proof.Claim {
	most := f.most(r.took)
	claims := []proof.Claim{
		{Claim: f.title + ": evaluated", Value: float64(r.evaluated), Target: most, Pass: float64(r.evaluated) <= most && r.evaluated > 0},
		{Claim: f.title + ": evaluated, by the operation log", Value: float64(r.logged), Target: most, Pass: r.logged == r.evaluated},
		{Claim: f.title + ": all answered", Value: float64(r.evaluated + r.turnedAway), Target: float64(f.n), Pass: r.evaluated+r.turnedAway == f.n},
		{Claim: f.title + ": peak resident memory of omserver", Value: r.peak, Unit: "MiB", Target: mostMemory, Pass: r.peak < mostMemory},
		{Claim: f.title + ": resident memory before", Value: r.before, Unit: "MiB", Pass: true},
	}
	if !f.stolen {
		in := 0.0
		if r.owner == nil {
			in = 1
		}
		claims = append(claims, proof.Claim{Claim: f.title + ": the owner logs in meanwhile", Value: in, Target: 1, Pass: r.owner == nil})
	}
	return claims
}
