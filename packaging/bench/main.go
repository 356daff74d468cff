// Command bench measures one command on many real OpenSSH servers: through omctl and the control server, and
// through the tools people use today, cold and with connections kept. It writes the claims with their figures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"omanager/packaging/proof"
)

type options struct {
	servers, rounds int
	seed            uint64
	bin, out        string
	peersOnly       bool
	settle          time.Duration // pause before each clock: what a contender does after its run is not on the next one's
}

func main() {
	var o options
	flag.IntVar(&o.servers, "n", 100, "servers")
	flag.IntVar(&o.rounds, "rounds", 9, "measured rounds, cold and warm")
	flag.Uint64Var(&o.seed, "seed", 1, "of the order within a round")
	flag.StringVar(&o.bin, "bin", "build/bin", "folder of omserver and omctl")
	flag.DurationVar(&o.settle, "settle", time.Second, "pause before each run; 0 measures runs that follow at once")
	flag.StringVar(&o.out, "out", "build/proof/bench.json", "file to write the claims to")
	flag.BoolVar(&o.peersOnly, "peers-only", false, "measure the peers alone")
	gather := flag.Bool("collect", false, "print the claims in the folder of -out instead of measuring")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	work := bench
	if *gather {
		work = func(context.Context, options) error { return proof.Collect(filepath.Dir(o.out)) }
	}
	if err := work(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		cancel()
		os.Exit(1)
	}
}

func bench(ctx context.Context, o options) (err error) {
	began := time.Now()
	r, err := newRig(ctx, o.servers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	contenders, missing := peers(r)
	if len(contenders) == 0 {
		return fmt.Errorf("compare with %s: none is installed (packaging/deps.sh --test)", strings.Join(missing, ", "))
	}
	if len(missing) > 0 {
		fmt.Println("not installed, so not compared:", strings.Join(missing, ", "))
	}
	if !o.peersOnly {
		om, err := newOManager(ctx, r, o.bin)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, om.close()) }()
		contenders = append(contenders, om)
	}
	fmt.Printf("%q on %d OpenSSH servers, %d rounds, %d CPUs\n", command, o.servers, o.rounds, runtime.NumCPU())
	results := map[bool]map[string][]time.Duration{}
	for _, warm := range []bool{false, true} {
		if results[warm], err = measure(ctx, o, contenders, warm); err != nil {
			return err
		}
	}
	printTable(contenders, results)
	if o.peersOnly {
		return nil
	}
	return writeClaims(ctx, o, contenders, results, time.Since(began))
}

// measure runs every contender once a round, in an order shuffled anew, so that a slow minute of the machine hits
// them alike. A run in which not every server answered well is an error: a fast wrong answer is no figure.
func measure(ctx context.Context, o options, contenders []contender, warm bool) (map[string][]time.Duration, error) {
	rng := rand.New(rand.NewPCG(o.seed, 0))
	times := map[string][]time.Duration{}
	for round := range o.rounds + 1 { // the first warms the machine's caches and does not count
		order := slices.Clone(contenders)
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, c := range order {
			if round == 0 || !warm {
				if err := c.prepare(ctx, warm); err != nil {
					return nil, fmt.Errorf("prepare %s: %w", c.name(), err)
				}
			}
			time.Sleep(o.settle)
			began := time.Now()
			good, err := c.run(ctx, warm)
			took := time.Since(began)
			if err != nil {
				return nil, fmt.Errorf("%s, round %d: %w", c.name(), round, err)
			}
			if good != o.servers {
				return nil, fmt.Errorf("%s, round %d: %d of %d servers answered well", c.name(), round, good, o.servers)
			}
			if round > 0 {
				times[c.name()] = append(times[c.name()], took)
			}
		}
	}
	return times, nil
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}

func program(bin, name string) (string, error) {
	p, err := filepath.Abs(filepath.Join(bin, name))
	if err != nil {
		return "", fmt.Errorf("find %s: %w", name, err)
	}
	if _, err := os.Stat(p); err != nil {
		return "", fmt.Errorf("find %s (make build makes it): %w", name, err)
	}
	return p, nil
}
