package serve_test

import (
	"os"
	"path/filepath"
	"testing"

	"omanager/app/audit"
	"omanager/rpc/serve"
)

// TestCheckpointsLeaveTheServer: what the settings name gets each checkpoint, readable by its owner, and what leaves is
// signed by the key in the data folder.
func TestCheckpointsLeaveTheServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: 1, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r.Close())
	ini, err := os.OpenFile(filepath.Join(dir, "omserver.ini"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ini.WriteString("\n[audit]\ncheckpoint_file = outside.jsonl\n")
	check(t, err)
	check(t, ini.Close())
	if r, err = serve.Demo(t.Context(), serve.DemoOptions{Hosts: 1, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, r.Close()) })
	p, _, err := loggedIn(t, r.Addr, r.Fingerprint, r.Created).Checkpoint(t.Context(), 0)
	check(t, err)
	out := filepath.Join(dir, "outside.jsonl")
	if fi, err := os.Stat(out); err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", fi, err)
	}
	held, err := serve.Checkpoints(out)
	check(t, err)
	signer, err := serve.AuditSigner(dir)
	check(t, err)
	found := false
	for _, h := range held {
		check(t, h.Verify(signer.Server, signer.PublicKey()))
		found = found || h.Count == p.Count
	}
	if !found {
		t.Errorf("the checkpoint of %d records is not among %d outside", p.Count, len(held))
	}
	var none audit.Checkpoint
	if none.Verify(signer.Server, signer.PublicKey()) == nil {
		t.Error("the control: an unsigned checkpoint verifies")
	}
}

// TestAuditKey: the key is made once, for its owner only; a damaged one is not replaced, and a missing one is not made by
// what only verifies.
func TestAuditKey(t *testing.T) {
	dir := t.TempDir()
	first, err := serve.AuditKey(dir)
	check(t, err)
	again, err := serve.AuditKey(dir)
	check(t, err)
	if !first.Equal(again) {
		t.Error("another key at the second start")
	}
	path := filepath.Join(dir, "audit.key")
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi, err)
	}
	check(t, os.WriteFile(path, []byte("torn"), 0o600))
	_, err = serve.AuditKey(dir)
	wantCode(t, err, "data_folder")
	r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: 1, Dir: filepath.Join(dir, "demo")})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r.Close())
	gone := filepath.Join(dir, "demo", "audit.key")
	check(t, os.Remove(gone))
	_, err = serve.AuditSigner(filepath.Join(dir, "demo"))
	wantCode(t, err, "data_folder")
	if _, err := os.Stat(gone); err == nil {
		t.Error("looking for the key made one")
	}
}
