// Package proof is how measurements are written down: claims with their value, target and commit, as JSON files in
// build/proof that one command prints together.
package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Claim is one line of the proof: a statement, the measured value, and whether it meets the target.
type Claim struct {
	Claim   string  `json:"claim"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Target  float64 `json:"target,omitempty"` // 0: a figure without a target
	Pass    bool    `json:"pass"`
	Commit  string  `json:"commit"`
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"`
}

// Save writes the claims of one programme, readable by its owner.
func Save(path string, claims []Claim) error {
	data, err := json.MarshalIndent(claims, "", "  ")
	if err != nil {
		return fmt.Errorf("write claims: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write claims: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write claims: %w", err)
	}
	return nil
}

// Commit names the commit that is measured.
func Commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// Collect prints the claims of every file in the folder and fails if one is not met.
func Collect(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return fmt.Errorf("list claims: %w", err)
	}
	unmet, count := 0, 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return fmt.Errorf("read claims: %w", err)
		}
		var claims []Claim
		if err := json.Unmarshal(data, &claims); err != nil {
			return fmt.Errorf("read claims of %s: %w", filepath.Base(f), err)
		}
		for _, c := range claims {
			mark := "met"
			switch {
			case !c.Pass:
				mark = "NOT MET"
				unmet++
			case c.Target == 0:
				mark = ""
			}
			fmt.Printf("%-8s %10.3f %-4s %s (commit %s)\n", mark, c.Value, c.Unit, c.Claim, c.Commit)
			count++
		}
	}
	if count == 0 {
		return fmt.Errorf("collect claims: there are none in %s", dir)
	}
	if unmet > 0 {
		return fmt.Errorf("%d of %d claims are not met", unmet, count)
	}
	return nil
}
