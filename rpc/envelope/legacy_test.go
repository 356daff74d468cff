package envelope_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omanager/rpc/envelope"
)

func legacyFile(t *testing.T, name string) string {
	t.Helper()
	if dir := os.Getenv("OMANAGER_LEGACY"); dir != "" {
		return filepath.Join(dir, name)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		p := filepath.Join(dir, "..", "shared", "legacy", "data", name)
		if _, err := os.Stat(p); err == nil {
			return p
		}
		if dir == filepath.Dir(dir) {
			t.Skipf("SKIP: no %s of a legacy installation here; set OMANAGER_LEGACY to its folder", name)
		}
	}
}

func checkVectors(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Key, Plaintext, Envelope string
		SaltHex                        string `json:"salt_hex"`
	}
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) == 0 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		salt, err := hex.DecodeString(v.SaltHex)
		if err != nil || len(salt) != 16 {
			t.Fatalf("%s: salt %q: %v", v.Name, v.SaltHex, err)
		}
		if got := envelope.SealRC4([]byte(v.Key), [16]byte(salt), []byte(v.Plaintext)); got != v.Envelope {
			t.Errorf("%s: sealed %s, want %s", v.Name, got, v.Envelope)
		}
		got, err := envelope.OpenRC4([]byte(v.Key), v.Envelope)
		if err != nil || string(got) != v.Plaintext {
			t.Errorf("%s: opened %q, %v", v.Name, got, err)
		}
		j, err := envelope.ParseJob(v.Plaintext)
		if err != nil {
			continue // a reply, or no job at all
		}
		if text, err := envelope.FormatJob(j); err != nil || text != v.Plaintext {
			t.Errorf("%s: formatted %q, %v", v.Name, text, err)
		}
	}
}

func TestE07Vectors(t *testing.T)       { checkVectors(t, filepath.Join("testdata", "rc4-vectors.json")) }
func TestE07LegacyVectors(t *testing.T) { checkVectors(t, legacyFile(t, "envelope-vectors.json")) }

func TestOpenRC4Refuses(t *testing.T) {
	for _, s := range []string{"", "AAAA", "not base64!", "AAECAwQFBgcICQoLDA0O"} {
		if _, err := envelope.OpenRC4([]byte("k"), s); !errors.Is(err, envelope.ErrFormat) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestJobText(t *testing.T) {
	cases := map[string]envelope.Job{
		"1004@@10.0.0.1*h@@":            {Module: "1004", Hosts: []envelope.JobHost{{LIP: "10.0.0.1", Serial: "h"}}},
		"1001@@10.0.0.1*h@@30@@":        {Module: "1001", Hosts: []envelope.JobHost{{LIP: "10.0.0.1", Serial: "h"}}, Params: []string{"30"}},
		"1001@@10.0.0.1*@@@@@a@@":       {Module: "1001", Hosts: []envelope.JobHost{{LIP: "10.0.0.1"}}, Params: []string{"", "@a"}},
		"3300@@a*b,c*d@@x y@@line\n二@@": {Module: "3300", Hosts: []envelope.JobHost{{LIP: "a", Serial: "b"}, {LIP: "c", Serial: "d"}}, Params: []string{"x y", "line\n二"}},
	}
	for text, want := range cases {
		got, err := envelope.ParseJob(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q: %s", text, d)
		}
		if back, err := envelope.FormatJob(want); err != nil || back != text {
			t.Errorf("format: %q, %v, want %q", back, err, text)
		}
	}
}

func TestE05DelimitersAreRefused(t *testing.T) {
	h := []envelope.JobHost{{LIP: "10.0.0.1", Serial: "h"}}
	bad := map[string]envelope.Job{
		"module with code":   {Module: "1001 import os", Hosts: h},
		"module empty":       {Hosts: h},
		"no host":            {Module: "1001"},
		"comma in address":   {Module: "1001", Hosts: []envelope.JobHost{{LIP: "10.0.0.1,10.0.0.2", Serial: "h"}}},
		"star in serial":     {Module: "1001", Hosts: []envelope.JobHost{{LIP: "10.0.0.1", Serial: "h*x"}}},
		"at in serial":       {Module: "1001", Hosts: []envelope.JobHost{{LIP: "10.0.0.1", Serial: "h@"}}},
		"empty address":      {Module: "1001", Hosts: []envelope.JobHost{{Serial: "h"}}},
		"field mark":         {Module: "1001", Hosts: h, Params: []string{"a@@b"}},
		"at the end":         {Module: "1001", Hosts: h, Params: []string{"a@"}},
		"not UTF-8":          {Module: "1001", Hosts: h, Params: []string{"\xff"}},
		"three parameters":   {Module: "1001", Hosts: h, Params: []string{"a", "b", "c"}},
		"new line in serial": {Module: "1001", Hosts: []envelope.JobHost{{LIP: "10.0.0.1", Serial: "h\n"}}},
	}
	for name, j := range bad {
		if text, err := envelope.FormatJob(j); !errors.Is(err, envelope.ErrDelimiter) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	for _, text := range []string{"", "@@", "1001", "1001@@", "1001@@@@", "1001@@h@@", "1001@@a*b@@x", "1001@@a*b,@@", "x@@a*b@@", "1001@@a*b@@1@@2@@3@@"} {
		if j, err := envelope.ParseJob(text); !errors.Is(err, envelope.ErrJobText) {
			t.Errorf("%q: %v, %v", text, j, err)
		}
	}
}

func FuzzJobText(f *testing.F) {
	f.Add("1001@@10.0.0.1*h@@30@@")
	f.Add("1004@@a*b,c*d@@")
	f.Add("1004@@a*b@@@@@x@@")
	f.Fuzz(func(t *testing.T, s string) {
		j, err := envelope.ParseJob(s)
		if err != nil {
			return
		}
		if back, err := envelope.FormatJob(j); err != nil || back != s {
			t.Fatalf("%q became %q, %v", s, back, err)
		}
	})
}
