package proof

import (
	"path/filepath"
	"testing"
)

func TestCollectFailsOnAnUnmetClaim(t *testing.T) {
	dir := t.TempDir()
	if Collect(dir) == nil {
		t.Error("no claims at all passed")
	}
	if err := Save(filepath.Join(dir, "a.json"), []Claim{{Claim: "fast", Value: 3, Target: 2, Pass: true}}); err != nil {
		t.Fatal(err)
	}
	if err := Collect(dir); err != nil {
		t.Errorf("met claims: %v", err)
	}
	if err := Save(filepath.Join(dir, "b.json"), []Claim{{Claim: "slow", Value: 1, Target: 2}}); err != nil {
		t.Fatal(err)
	}
	if Collect(dir) == nil {
		t.Error("an unmet claim passed")
	}
}
