package modules_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"omanager/app/engine"
	"omanager/app/engine/enginetest"
	"omanager/app/engine/enginetest/openssh"
	"omanager/app/engine/ssh"
	"omanager/app/job"
	"omanager/modules"
)

// site is a real OpenSSH server, the shipped modules, and the files of a pretended control server.
type site struct {
	t      *testing.T
	engine engine.Engine
	host   engine.Host
	home   string // of the login
	cat    *modules.Catalogue
	files  map[string]string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s, err := openssh.Start(t.Context(), openssh.Options{})
	if errors.Is(err, openssh.ErrMissing) {
		t.Skip("SKIPPED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	e, err := ssh.New(ssh.Config{User: s.User, KeyFiles: []string{s.KeyFile}, KnownHosts: s.KnownHosts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	cat, err := modules.Open(modules.Library())
	if err != nil {
		t.Fatal(err)
	}
	login, err := user.Lookup(s.User)
	if err != nil {
		t.Fatal(err)
	}
	return &site{t: t, engine: e, home: login.HomeDir, host: engine.Host{ID: "h", Addr: s.Addrs[0], Port: s.Port}, cat: cat, files: map[string]string{}}
}

// dir is a folder that the login of the server may write to.
func (s *site) dir() string {
	s.t.Helper()
	dir, err := os.MkdirTemp(s.home, "om-site-")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

// run goes the whole way: check, input, task, server.
func (s *site) run(id string, params ...string) (job.Outcome, string, string) {
	s.t.Helper()
	m, ok := s.cat.Get(id)
	if !ok {
		s.t.Fatalf("module %s is not shipped", id)
	}
	know := modules.Lookup{Source: func(path string) ([]byte, error) {
		if body, is := s.files[path]; is {
			return []byte(body), nil
		}
		return nil, os.ErrNotExist
	}}
	in := map[string]string{}
	for _, p := range params {
		k, v, _ := strings.Cut(p, "=")
		in[k] = v
	}
	checked, err := m.CheckWith(in, know)
	if err != nil {
		s.t.Fatalf("%s %v: %v", id, params, err)
	}
	vars, files, err := m.Input(checked, know)
	if err != nil {
		s.t.Fatal(err)
	}
	r := enginetest.NewRecorder()
	task := engine.Task{JobID: "j", Script: m.Tasks["ssh"].Body, Params: vars, Files: files, OK: m.OK, Changed: m.Changed, Timeout: 2 * time.Minute}
	if err := s.engine.Run(context.WithoutCancel(s.t.Context()), task, []engine.Host{s.host}, 1, r); err != nil {
		s.t.Fatal(err)
	}
	got := r.Host("h")
	return got.Result.Outcome, string(got.Out[job.Stdout]), string(got.Out[job.Stderr])
}

// want runs a module and compares its outcome and a part of what it said.
func (s *site) want(o job.Outcome, says, id string, params ...string) {
	s.t.Helper()
	got, out, errs := s.run(id, params...)
	if got != o || !strings.Contains(out+errs, says) || says == "" {
		s.t.Errorf("%s %v: %s, %q %q; want %s %q", id, params, got, out, errs, o, says)
	}
	if got == job.Failed && strings.Count(errs, "\n") != 1 && !strings.Contains(errs, ": ") {
		s.t.Errorf("%s %v: more than one line of reason: %q", id, params, errs)
	}
}

func (s *site) holds(path, want string) {
	s.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || string(b) != want {
		s.t.Errorf("%s holds %q, %v, want %q", path, b, err, want)
	}
}

// clean: nothing of a module's own is left beside its files.
func (s *site) clean(dir string) {
	s.t.Helper()
	left, _ := filepath.Glob(filepath.Join(dir, "*.om-??????"))
	more, _ := filepath.Glob(filepath.Join(dir, ".om*"))
	if left = append(left, more...); len(left) > 0 {
		s.t.Errorf("left behind: %v", left)
	}
}

func TestSynchroniseAFile(t *testing.T) {
	s := newSite(t)
	dir := s.dir()
	file := filepath.Join(dir, "a 'file'; $(x).conf")
	to := "destination=" + file
	s.files = map[string]string{"one": "1\n", "two": "2\n\x00\xff binary", "big": strings.Repeat("0123456789abcdef", 60_000), "empty": ""}
	s.want(job.OK, "would be changed", "1005", "source=one", to, "action=check")
	if _, err := os.Stat(file); err == nil {
		t.Error("check has written")
	}
	s.want(job.Changed, "was written, sha256 4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865", "1005", "source=one", to)
	s.holds(file, "1\n")
	s.want(job.OK, "is the same already", "1005", "source=one", to)
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	s.want(job.OK, "would be changed", "1005", "source=two", to, "action=check")
	s.want(job.Changed, "was written", "1005", "source=two", to)
	s.holds(file, s.files["two"])
	s.holds(file+".om-old", "1\n")
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o666 {
		t.Errorf("mode %v %v", st.Mode(), err)
	}
	s.want(job.Changed, "is back", "1005", "source=one", to, "action=roll_back")
	s.holds(file, "1\n")
	s.want(job.Failed, "no earlier", "1005", "source=one", to, "action=roll_back")
	s.want(job.Changed, "was written", "1005", "source=big", to)
	s.holds(file, s.files["big"])
	s.want(job.Changed, "was written", "1005", "source=empty", to)
	s.holds(file, "")
	s.want(job.Failed, "does not exist", "1005", "source=one", "destination="+dir+"/nowhere/x")
	s.want(job.Failed, "is a folder", "1005", "source=one", "destination="+dir)
	s.clean(dir)
}

// A follow-up that fails (haproxy is not installed, or its check refuses the text) brings the earlier state back.
func TestFailedFollowUpBringsTheFileBack(t *testing.T) {
	s := newSite(t)
	dir := s.dir()
	s.files["new"] = "no such directive\n"
	for file, old := range map[string]string{filepath.Join(dir, "there.cfg"): "old\n", filepath.Join(dir, "none.cfg"): ""} {
		if old != "" {
			if err := os.WriteFile(file, []byte(old), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		s.want(job.Failed, "the earlier state is back", "1005", "source=new", "destination="+file, "follow=haproxy")
		if b, err := os.ReadFile(file); old != "" && string(b) != old || old == "" && err == nil {
			t.Errorf("%s holds %q", file, b)
		}
	}
	s.clean(dir)
}

func TestEditConfiguration(t *testing.T) {
	s := newSite(t)
	dir, err := os.MkdirTemp("/usr/local", "om-test-") //nolint:usetesting // it must lie below one of the module's folders
	if err != nil {
		t.Skip("SKIPPED: no folder can be made in /usr/local: ", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	file := "file=" + dir + "/my conf"
	s.want(job.OK, "would be changed; now its sha256 is none", "3300", file, "text=a=1\nb='2' $(id)")
	s.want(job.Changed, "was written", "3300", file, "text=a=1\nb='2' $(id)", "action=write")
	s.holds(dir+"/my conf", "a=1\nb='2' $(id)\n")
	_, out, _ := s.run("3300", file, "text=a=2")
	if !strings.Contains(out, "-a=1\n-b='2' $(id)\n+a=2\n") {
		t.Errorf("difference %q", out)
	}
	_, sum, found := strings.Cut(strings.TrimSpace(out), "now its sha256 is ")
	if !found || len(sum) != 64 {
		t.Fatalf("no checksum in %q", out)
	}
	s.want(job.Failed, "has changed since", "3300", file, "text=a=2", "action=write", "was="+strings.Repeat("0", 64))
	s.want(job.Failed, "the check does not pass", "3300", file, "text=a=2", "action=write", "check=sshd")
	s.holds(dir+"/my conf", "a=1\nb='2' $(id)\n")
	s.want(job.Changed, "was written", "3300", file, "text=a=2", "action=write", "was="+sum)
	s.want(job.OK, "the same already", "3300", file, "text=a=2", "action=write")
	s.want(job.Changed, "is back", "3300", file, "action=roll_back")
	s.holds(dir+"/my conf", "a=1\nb='2' $(id)\n")
	s.clean(dir)
	m, _ := s.cat.Get("3300")
	if _, err := m.Check(map[string]string{"file": "/root/x", "text": "x"}); err == nil {
		t.Error("a file outside of the folders")
	}
}

// pack makes a .tar.gz; a name that ends in @TARGET is a link.
func pack(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		name, target, link := strings.Cut(files[i], "@")
		h := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg}
		if link {
			h = &tar.Header{Name: name, Linkname: target, Typeflag: tar.TypeSymlink, Mode: 0o777}
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if !link {
			if _, err := w.Write([]byte(files[i+1])); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCodeRelease(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("SKIPPED: curl is not installed")
	}
	s := newSite(t)
	dir := s.dir()
	var sick atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if sick.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer srv.Close()
	for v := range 4 {
		s.files[fmt.Sprintf("v%d.tgz", v)] = pack(t, "app/version", fmt.Sprintf("%d\n", v))
	}
	release := func(v int, more ...string) []string {
		return append([]string{"base=" + dir, fmt.Sprintf("archive=v%d.tgz", v), fmt.Sprintf("version=1.%d", v), "health=" + srv.URL + "/", "keep=2"}, more...)
	}
	at := func(want string) {
		t.Helper()
		s.holds(filepath.Join(dir, "current", "app", "version"), want)
	}
	s.want(job.Changed, "1.0 is current", "3202", release(0)...)
	at("0\n")
	s.want(job.OK, "is current already", "3202", release(0)...)
	s.want(job.Changed, "1.1 is current", "3202", release(1)...)
	at("1\n")
	sick.Store(true)
	s.want(job.Failed, "1.2 is not healthy; releases/1.1 is current again", "3202", release(2)...)
	at("1\n")
	sick.Store(false)
	s.want(job.Changed, "switched back to 1.0", "3202", "base="+dir, "action=roll_back")
	at("0\n")
	s.want(job.Changed, "switched back to 1.1", "3202", "base="+dir, "action=roll_back")
	s.want(job.Changed, "1.3 is current", "3202", release(3)...)
	s.want(job.OK, "1.3 current\n", "3202", "base="+dir, "action=list")
	if _, err := os.Stat(filepath.Join(dir, "releases", "1.0")); err == nil {
		t.Error("more versions are kept than asked for")
	}
	s.want(job.Failed, "cannot be opened", "3202", "base=/nowhere", "action=list")
	s.files["v9.tgz"] = "no archive"
	s.want(job.Failed, "cannot be unpacked", "3202", release(9)...)
	at("3\n")
	s.clean(filepath.Join(dir, "releases"))
}

// TestJ12ArchiveStaysInItsFolder: no name in an archive writes beside the version's folder. The negative control: tar
// told to keep such names does.
func TestJ12ArchiveStaysInItsFolder(t *testing.T) {
	s := newSite(t)
	outside := s.dir()
	marker := filepath.Join(outside, "marker")
	evil := map[string]string{
		"parent":      pack(t, "../../../marker", "x"),
		"deep parent": pack(t, "a/b/../../../../../marker", "x"),
		"absolute":    pack(t, marker, "x"),
		"dot":         pack(t, "./../marker", "x"),
		"link out":    pack(t, "a@"+outside, "", "a/marker", "x"),
		"link up":     pack(t, "a@../../..", "", "a/marker", "x"),
		"link twice":  pack(t, "a@b", "", "b@"+outside, "", "a/marker", "x"),
		"option":      pack(t, "--checkpoint-action=exec=touch "+marker, "x", "--checkpoint=1", "x"),
	}
	for name, archive := range evil {
		dir := s.dir()
		s.files["evil.tgz"] = archive
		_, out, errs := s.run("3202", "base="+dir, "archive=evil.tgz", "version=1")
		for _, m := range []string{marker, filepath.Join(dir, "marker"), filepath.Join(filepath.Dir(dir), "marker"), filepath.Join(dir, "releases", "marker")} {
			if _, err := os.Stat(m); err == nil {
				t.Errorf("%s wrote %s: %q %q", name, m, out, errs)
			}
		}
		s.clean(filepath.Join(dir, "releases"))
	}
	s.files["evil.tgz"] = evil["absolute"]
	s.want(job.OK, "loose", "1000", "command=printf '%s' '"+base64.StdEncoding.EncodeToString([]byte(evil["absolute"]))+"' | base64 -d | tar -xzPf - -C / && echo loose")
	if _, err := os.Stat(marker); err != nil {
		t.Error("this test could not have failed: ", err)
	}
}

func TestFolderDifference(t *testing.T) {
	s := newSite(t)
	dir := s.dir()
	for name, body := range map[string]string{"a": "1", "sub/b c": "2"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(body), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	_, list, _ := s.run("3617", "folder="+dir)
	if strings.Count(list, "\n") != 2 || !strings.Contains(list, "  ./sub/b c\n") {
		t.Fatalf("list %q", list)
	}
	s.files["list"] = strings.ReplaceAll(list, "\n", "\r\n")
	s.want(job.OK, "no difference", "3617", "folder="+dir, "reference=list")
	s.files["list"] = strings.Replace(list, "./a", "./other", 1)
	s.want(job.Failed, "here      ./a\nreference ./other\n", "3617", "folder="+dir, "reference=list")
	s.want(job.Failed, "cannot be opened", "3617", "folder=/nowhere")
}

func TestControllableServersAndTables(t *testing.T) {
	s := newSite(t)
	_, out, _ := s.run("3100")
	m, _ := s.cat.Get("3100")
	rows, left := m.Table.Parse([]byte(out))
	if len(rows) != 1 || left != 0 || !rows[0][2].Is || rows[0][1].Text == "" {
		t.Errorf("%q: %v, %d left", out, rows, left)
	}
	for _, c := range []struct{ id, params string }{{"3105", ""}, {"3106", ""}, {"3107", ""}, {"3600", "count=5"}, {"3601", "percent=0"}, {"3612", "filter=kernel"}} {
		m, _ := s.cat.Get(c.id)
		if m.Table == nil {
			t.Errorf("%s has no table", c.id)
			continue
		}
		o, out, errs := s.run(c.id, strings.Fields(c.params)...)
		if !o.Good() {
			t.Logf("SKIPPED a part: %s %q", c.id, errs)
			continue
		}
		rows, left := m.Table.Parse([]byte(out))
		if len(rows) == 0 || left > 0 {
			t.Errorf("%s: %d rows, %d lines left of %q", c.id, len(rows), left, out)
		}
	}
}
