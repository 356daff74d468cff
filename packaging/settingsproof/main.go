// Command settingsproof kills a process with SIGKILL at random moments while it saves settings, again and again, and
// looks after each time whether the settings load, which change they hold, and who may read them. The same is done to
// a process that writes in place, which must lose some: the proof can fail.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"omanager/packaging/proof"
)

func main() {
	if isChild() {
		os.Exit(child())
	}
	kills := flag.Int("kills", 1000, "how often the saving process is killed")
	control := flag.Int("control", 50, "how often the one that writes in place is")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the moments")
	out := flag.String("out", "build/proof/settings.json", "file to write the claims to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := prove(ctx, *kills, *control, *seed, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "settingsproof:", err)
		os.Exit(1)
	}
}

func prove(ctx context.Context, kills, control int, seed uint64, out string) (err error) {
	dir, err := os.MkdirTemp("", "om-settingsproof-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	r, err := run(ctx, filepath.Join(dir, "good"), ourWay, kills, seed)
	if err != nil {
		return err
	}
	weak, err := run(ctx, filepath.Join(dir, "weak"), inPlace, control, seed)
	if err != nil {
		return err
	}
	claims := claims(r, weak)
	unmet := 0
	for i := range claims {
		c := &claims[i]
		c.Commit, c.Seed, c.Seconds = proof.Commit(ctx), seed, time.Since(began).Seconds()
		fmt.Printf("%-5v %6g (target %g) %s\n", c.Pass, c.Value, c.Target, c.Claim)
		if !c.Pass {
			unmet++
		}
	}
	for _, f := range r.faults {
		fmt.Println(f)
	}
	if err := proof.Save(out, claims); err != nil {
		return err
	}
	if unmet > 0 {
		return fmt.Errorf("%d of %d claims are not met", unmet, len(claims))
	}
	return nil
}

func claims(r, weak result) []proof.Claim {
	none := func(what string, n int) proof.Claim {
		return proof.Claim{Claim: fmt.Sprintf("%d kills while settings are saved: %s", r.kills, what), Value: float64(n), Pass: n == 0}
	}
	return []proof.Claim{
		{Claim: fmt.Sprintf("kills while settings are saved, after %d saves", r.saves), Value: float64(r.kills), Target: float64(r.asked), Pass: r.kills == r.asked && r.saves > 0},
		none("settings that did not load", r.unloadable),
		none("settings that needed an older copy", r.older),
		none("settings that lost more than the last change", r.lost),
		none("files that others may read", r.readable),
		none("comments or unknown keys that were lost", r.foreign),
		{Claim: "files beside the settings after all kills", Value: float64(r.files), Target: mostFiles, Pass: r.files <= mostFiles},
		{
			Claim: fmt.Sprintf("control: %d kills of a process that writes in place, settings lost", weak.kills),
			Value: float64(weak.unloadable + weak.lost), Target: 1, Pass: weak.unloadable+weak.lost > 0,
		},
	}
}
