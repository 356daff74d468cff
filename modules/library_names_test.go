package modules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omanager/app/engine/enginetest"
	"omanager/app/job"
)

// TestJ14NamesFromServersStayData: files with hostile names lie on a server; modules that list, scan and compare them
// run none of it, and each name that comes back goes out again as a parameter and runs nothing either. The negative
// control: a script that puts such names into a command line makes the marker.
func TestJ14NamesFromServersStayData(t *testing.T) {
	s := newSite(t)
	dir := s.dir()
	marker := filepath.Join(s.dir(), "m")
	var names []string
	for _, p := range enginetest.Payloads("$(printf '" + strings.ReplaceAll(marker, "/", `\057`) + "')") { // without a slash
		name := strings.ReplaceAll(p, "/", "")
		if name == "" || name == "." || name == ".." || len(name) > 250 {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			continue // a name that this file system does not take
		}
		names = append(names, name)
	}
	if len(names) < 150 {
		t.Fatalf("%d names", len(names))
	}
	none := func(what string) {
		t.Helper()
		if _, err := os.Stat(marker); err == nil {
			t.Fatalf("%s ran a name", what)
		}
	}
	_, list, _ := s.run("3617", "folder="+dir)
	none("3617")
	if strings.Count(list, "\n") < 150 {
		t.Errorf("the list has %d lines", strings.Count(list, "\n"))
	}
	s.files["list"] = list
	s.run("3617", "folder="+dir, "reference=list")
	s.want(job.OK, " files, sha256 ", "3613", "folder="+dir)
	s.run("3305", "folder="+dir, "hours=1")
	none("3305")
	for i, name := range names {
		if i%6 == 0 && !strings.ContainsAny(name, "\n\r\t\x1b\x01\x07\x7f") {
			s.run("3613", "folder="+dir+"/"+name)
			s.run("1005", "source=list", "destination="+dir+"/"+name, "action=check")
			none(name)
		}
	}
	s.run("1000", "command=cd "+dir+"; for f in *; do eval \"echo $f\"; done")
	if _, err := os.Stat(marker); err != nil {
		t.Error("this test could not have failed: ", err)
	}
}
