package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"omanager/app/engine"
	"omanager/app/job"
)

// perRun is how many strings one task carries.
const perRun = 500

// echoScript prints every variable, and then standard input, byte for byte.
const echoScript = "#!/bin/sh\nenv -0\nprintf '@@@\\0'\ncat\n"

// strings sends random strings through the argument path and compares what a server's process got.
func (t *tally) strings(ctx context.Context, r *rig, o options) error {
	rnd := rand.New(rand.NewPCG(o.seed, uint64(len(t.shells))))
	for done := 0; done < o.strings; done += perRun {
		params := map[string]string{}
		for i := range min(perRun, o.strings-done) {
			params[fmt.Sprintf("p%d", i)] = randomText(rnd)
		}
		got, err := r.run(ctx, engine.Task{Script: []byte(echoScript), Params: params})
		if err != nil {
			return err
		}
		variables, body, found := bytes.Cut(got.Out[job.Stdout], []byte("\x00@@@\x00")) // no variable is without a "="
		var back map[string]string
		if !found || json.Unmarshal(body, &back) != nil {
			return fmt.Errorf("the probe ended %s %d with %.200q", got.Result.Outcome, got.Result.Exit, got.Out[job.Stderr])
		}
		env := map[string]string{}
		for kv := range strings.SplitSeq(string(variables), "\x00") {
			if k, v, ok := strings.Cut(kv, "="); ok {
				env[k] = v
			}
		}
		for k, want := range params {
			t.compared++
			v, is := env["OM_"+k]
			if !is || v != want || back[k] != want {
				t.differ++
				t.wrongf("under %s %q arrived as %q and %q", r.shell, want, v, back[k])
			}
		}
	}
	return nil
}

// randomText is up to 60 characters, mostly of those that shells, JSON and terminals give a meaning to.
func randomText(rnd *rand.Rand) string {
	const special = "'\"\\`$!(){}[]<>|&;*?~#%^=+-, \t\n\r\x01\x1b\x7f@:/.aZ09"
	var b strings.Builder
	for range rnd.IntN(60) {
		switch rnd.IntN(10) {
		case 0:
			b.WriteRune(rune(1 + rnd.IntN(0xd7ff)))
		case 1:
			b.WriteRune(rune(0x10000 + rnd.IntN(0xffff)))
		case 2:
			b.WriteString([]string{"$(", "${", "$'", "<<EOF\n", "\nEOF\n", "\\\n", "\r\n", "!!", "系统", "&&", "||", "/*", "--", "OM1 1\n"}[rnd.IntN(14)])
		default:
			b.WriteByte(special[rnd.IntN(len(special))])
		}
	}
	return b.String()
}
