package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omanager/data/store/mariadb"
)

// program is the built omserver with a data folder whose omserver.ini names a MariaDB.
type program struct {
	path, dir string
	maria     *mariadb.Server
	look      func() (string, error) // what a takeover made of the database so far
}

func newProgram(t *testing.T) *program {
	t.Helper()
	maria, err := mariadb.Start(t.Context(), mariadb.Options{Args: []string{"--innodb-flush-method=nosync"}}) // nobody kills the database here
	if errors.Is(err, mariadb.ErrMissing) {
		t.Skipf("SKIP: %v", err)
	}
	ok(t, err)
	t.Cleanup(func() { ok(t, maria.Close()) })
	p := &program{path: filepath.Join(t.TempDir(), "omserver"), dir: t.TempDir(), maria: maria}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", p.path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build omserver: %v\n%s", err, out)
	}
	ini := "[db]\ndb_ip = " + maria.Socket + "\ndb_user = " + mariadb.User + "\ndb_pass = " + mariadb.Pass + "\ndb_name = OManager\n"
	ok(t, os.WriteFile(filepath.Join(p.dir, "omserver.ini"), []byte(ini), 0o600))
	p.renew(t)
	db, err := maria.Root("OManager")
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	p.look = func() (string, error) { return mariadb.LegacyState(context.Background(), db) }
	return p
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// renew makes the legacy database anew, with a long log.
func (p *program) renew(t *testing.T) {
	t.Helper()
	ok(t, p.maria.Create(t.Context(), "OManager"))
	db, err := p.maria.Root("OManager")
	ok(t, err)
	defer func() { ok(t, db.Close()) }()
	for _, st := range mariadb.LegacySchema() {
		_, err := db.Exec(st)
		ok(t, err)
	}
	_, err = db.Exec("INSERT INTO user_logs (user, event, Datatime) SELECT 'demo', CONCAT('第', seq, '次'), FROM_UNIXTIME(1400000000 + seq) FROM seq_1_to_600")
	ok(t, err)
}

// run runs the program to its end.
func (p *program) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := p.command(args...).CombinedOutput()
	if err != nil {
		t.Fatalf("omserver %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (p *program) command(args ...string) *exec.Cmd {
	return exec.CommandContext(context.Background(), p.path, append(args, "--data", p.dir)...)
}

// kill starts the program, kills it after a while, and says whether it was killed before it had ended.
func (p *program) kill(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	c := p.command(args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	ok(t, c.Start())
	time.Sleep(after) // a random moment, not a wait for something
	_ = c.Process.Kill()
	err := c.Wait()
	if err == nil {
		return false
	}
	if c.ProcessState.Exited() {
		t.Fatalf("omserver %v was not killed, but: %v\n%s", args, err, &out)
	}
	return true
}

func (p *program) state(t *testing.T) string {
	t.Helper()
	s, err := p.look()
	ok(t, err)
	return s
}

func TestMigrate(t *testing.T) {
	p := newProgram(t)
	t.Run("killed", p.killed)
	p.renew(t)
	t.Run("says", p.says)
}

// killed kills the real program at random moments and runs it again, until nothing is left to do: nothing is
// lost, nothing is there twice. Then the same while it drops the old tables.
func (p *program) killed(t *testing.T) {
	for _, c := range []struct {
		args  []string
		kills int
		after []string // what has been run before
	}{
		{[]string{"migrate"}, 30, nil},
		{[]string{"migrate", "--finish", "--yes"}, 4, []string{"migrate"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			prepare := func() {
				p.renew(t)
				if c.after != nil {
					p.run(t, c.after...)
				}
			}
			prepare()
			begun := time.Now()
			p.run(t, c.args...)
			whole, want := time.Since(begun), p.state(t)
			kills, ends, half := 0, 0, 0
			for kills < c.kills {
				prepare()
				for kills < c.kills && p.kill(t, rand.N(whole), c.args...) {
					kills++
					if got, err := p.look(); err != nil || got != want { // err: not even the tables
						half++
					}
				}
				whole -= whole / 8 // it may have been measured in a busy moment
				p.run(t, c.args...)
				if got := p.state(t); got != want {
					t.Fatalf("after %d kills the end is\n%s\nwant\n%s", kills, got, want)
				}
				ends++
			}
			if half == 0 {
				t.Error("every kill came too late to stop anything: this proved nothing")
			}
			t.Logf("%d kills, %d of them halfway, %d ends, each as undisturbed (which takes %v)", kills, half, ends, whole)
		})
	}
}

// says shows the words of a whole takeover.
func (p *program) says(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
		exit int
	}{
		{[]string{"migrate"}, []string{"3 taken over, 0 before", "602 entries", "widths mended", "--finish"}, 0},
		{[]string{"migrate"}, []string{"0 taken over, 3 before", "0 entries"}, 0},
		{[]string{"operator", "list"}, []string{"demo", "1,2,3,5,6", "legacy"}, 0},
		{[]string{"migrate", "--finish"}, []string{"users (3 rows)", "user_logs (602 rows)", "--yes"}, 1},
		{[]string{"migrate", "--finish", "--yes"}, []string{"dropped      user_logs, users"}, 0},
		{[]string{"migrate", "--finish", "--yes"}, []string{"Nothing is left to finish."}, 0},
		{[]string{"migrate"}, []string{"nothing to take over"}, 2},
	} {
		cmd := p.command(c.args...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != c.exit {
			t.Errorf("%v exits %d, want %d", c.args, got, c.exit)
		}
		for _, w := range c.want {
			if !strings.Contains(string(out), w) {
				t.Errorf("%v says\n%s\nwithout %q", c.args, out, w)
			}
		}
		if strings.Contains(string(out), mariadb.Pass) {
			t.Errorf("%v tells the database's password", c.args)
		}
	}
}
