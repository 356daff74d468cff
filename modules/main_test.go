package modules

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// legacyModules is the folder of forms of an existing installation, which is not part of the tree.
func legacyModules(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("OMANAGER_LEGACY"); dir != "" {
		return filepath.Join(dir, "Module")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		dir := filepath.Join(here, "..", "shared", "legacy", "data", "Module")
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			return dir
		}
		up := filepath.Dir(here)
		if up == here {
			t.Skip("SKIPPED: OMANAGER_LEGACY is not set and ../shared/legacy/data does not exist beside the checkout")
		}
		here = up
	}
}
