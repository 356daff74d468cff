package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// collect prints the claims of every file in the folder and fails if one is not met.
func collect(dir string) error {
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
		var claims []claim
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
