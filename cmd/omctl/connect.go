package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"omanager/app/problem"
	"omanager/app/safetext"
	"omanager/app/wholefile"
	"omanager/rpc/client"
)

// connection is how the control server is reached; it is also the form of a saved profile.
type connection struct {
	Addr        string         `json:"server"`
	Fingerprint string         `json:"fingerprint"`
	Operator    string         `json:"operator"`
	KeyFile     string         `json:"keyfile"`
	Session     client.Session `json:"session"`

	profile string
}

// maxKeyFile bounds a key file; more than this is surely not one.
const maxKeyFile = 1 << 20

func profilePath(name string) (string, error) {
	if name == "" || strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") {
		return "", problem.New("usage", "cause", "profile name \""+name+"\" is not usable; use letters and digits")
	}
	if dir := os.Getenv("OMCTL_CONFIG_DIR"); dir != "" {
		return filepath.Join(dir, name+".json"), nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", problem.Wrap(err, "usage", "cause", "there is no folder for profiles: "+err.Error()+". Set OMCTL_CONFIG_DIR.")
	}
	return filepath.Join(dir, "omanager", "omctl", name+".json"), nil
}

// resolve completes the flags from the saved profile; flags win, and other flags than the profile's drop its session.
func (a *app) resolve() error {
	path, err := profilePath(a.conn.profile)
	if err != nil {
		return err
	}
	var saved connection
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return problem.Wrap(err, "usage", "cause", "profile "+path+" cannot be read: "+err.Error())
	default:
		if err := json.Unmarshal(b, &saved); err != nil {
			return problem.Wrap(err, "usage", "cause", "profile "+path+" is damaged. Remove it and log in again: omctl login")
		}
	}
	asked := a.conn
	fill(&a.conn.Addr, saved.Addr)
	fill(&a.conn.Fingerprint, saved.Fingerprint)
	fill(&a.conn.Operator, saved.Operator)
	fill(&a.conn.KeyFile, saved.KeyFile)
	same := (asked.Addr == "" || asked.Addr == saved.Addr) && (asked.Operator == "" || asked.Operator == saved.Operator) &&
		(asked.Fingerprint == "" || asked.Fingerprint == saved.Fingerprint)
	if same {
		a.conn.Session = saved.Session
	}
	return nil
}

func fill(v *string, from string) {
	if *v == "" {
		*v = from
	}
}

// save writes the profile, whole or not at all, readable by its owner only.
func (a *app) save() (string, error) {
	path, err := profilePath(a.conn.profile)
	if err != nil {
		return "", err
	}
	b, err := json.MarshalIndent(a.conn, "", "  ")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return path, wholefile.WriteBytes(path, b)
}

// connect gives a logged-in client: with the saved session if it still holds, else by a new login.
func (a *app) connect(ctx context.Context) (*client.Client, error) {
	if err := a.resolve(); err != nil {
		return nil, err
	}
	for flag, v := range map[string]string{"--server": a.conn.Addr, "--fingerprint": a.conn.Fingerprint, "--operator": a.conn.Operator} {
		if v == "" {
			return nil, problem.New("usage", "cause", flag+" is not given and no profile is saved. Log in once: omctl login --server ADDR --operator NAME --keyfile FILE")
		}
	}
	c := client.Dial(a.conn.Addr, a.conn.Fingerprint)
	if s := a.conn.Session; s.Token != "" && time.Now().Before(s.Expires) {
		c.Resume(s)
		return c, nil
	}
	return c, a.login(ctx, c)
}

// withSession runs f and, if the saved session turns out to be over, logs in and runs it once more.
func (a *app) withSession(ctx context.Context, f func(*client.Client) error) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	err = f(c)
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != "session_expired" || a.conn.Session.Token == "" {
		return err
	}
	a.conn.Session = client.Session{}
	if err := a.login(ctx, c); err != nil {
		return err
	}
	return f(c)
}

func (a *app) login(ctx context.Context, c *client.Client) error {
	if a.conn.KeyFile == "" {
		return problem.New("usage", "cause", "--keyfile is not given. Name the operator's key file.")
	}
	key, err := readKeyFile(a.conn.KeyFile)
	if err != nil {
		return err
	}
	password, err := a.password()
	if err != nil {
		return err
	}
	if err := c.Login(ctx, a.conn.Operator, password, key); err != nil {
		return err
	}
	return a.checkLog(ctx, c)
}

// checkLog warns when the operation log does not continue what is known of it here; the warning keeps nobody out.
func (a *app) checkLog(ctx context.Context, c *client.Client) error {
	path, err := profilePath(a.conn.profile)
	if err != nil {
		return err
	}
	err = c.CheckLog(ctx, filepath.Dir(path))
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Code == "password_change_needed" {
		return nil // the next login asks
	}
	if err != nil {
		_, _ = fmt.Fprintln(a.err, "omctl: "+safetext.Line(problem.Describe(a.lang, err)))
	}
	return nil
}

func readKeyFile(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, problem.Wrap(err, "keyfile_read", "file", path, "cause", cause(err))
	}
	if st.Size() > maxKeyFile {
		return nil, problem.New("keyfile_read", "file", path, "cause", "it is larger than 1 MiB")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, problem.Wrap(err, "keyfile_read", "file", path, "cause", cause(err))
	}
	return b, nil
}

func cause(err error) string {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// password comes from OMCTL_PASSWORD or a prompt; never from an argument, which others could see.
func (a *app) password() (string, error) {
	if p, ok := os.LookupEnv("OMCTL_PASSWORD"); ok {
		return p, nil
	}
	if !term.IsTerminal(int(a.in.Fd())) {
		return "", problem.New("usage", "cause", "there is no terminal to ask for the password. Set OMCTL_PASSWORD.")
	}
	return a.ask("Password of " + a.conn.Operator + ": ")
}

// ask reads what is typed without showing it.
func (a *app) ask(prompt string) (string, error) {
	_, _ = fmt.Fprint(a.err, prompt)
	b, err := term.ReadPassword(int(a.in.Fd()))
	_, _ = fmt.Fprintln(a.err)
	return string(b), err
}

func (a *app) loginCommand() *cobra.Command {
	return &cobra.Command{
		Use: "login", Short: "Log in and save a profile", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if err := a.resolve(); err != nil {
				return err
			}
			if a.conn.Addr == "" || a.conn.Operator == "" {
				return problem.New("usage", "cause", "--server and --operator are needed for a first login")
			}
			if a.conn.Fingerprint == "" {
				if err := a.confirmFingerprint(ctx); err != nil {
					return err
				}
			}
			abs, err := filepath.Abs(a.conn.KeyFile)
			if a.conn.KeyFile != "" && err == nil {
				a.conn.KeyFile = abs
			}
			c := client.Dial(a.conn.Addr, a.conn.Fingerprint)
			defer c.Close()
			if err := a.login(ctx, c); err != nil {
				return err
			}
			a.conn.Session = c.Session()
			path, err := a.save()
			if err != nil {
				return fmt.Errorf("save the profile: %w", err)
			}
			_, err = fmt.Fprintf(a.out, "Logged in to %s as %s until %s; profile saved in %s\n",
				a.conn.Addr, a.conn.Operator, a.conn.Session.Expires.Format("2006-01-02 15:04"), path)
			if a.conn.Session.OneTime {
				_, err = fmt.Fprintln(a.out, "This password was made for one use: change it now with: omctl passwd")
			}
			return err
		},
	}
}

// confirmFingerprint shows what the server presents and asks a person, once.
func (a *app) confirmFingerprint(ctx context.Context) error {
	got, err := client.Fingerprint(ctx, a.conn.Addr)
	if err != nil {
		return err
	}
	if !term.IsTerminal(int(a.in.Fd())) {
		return problem.New("usage", "cause", "--fingerprint is not given. The server shows "+got+"; compare it with what omserver init printed, then pass it.")
	}
	_, _ = fmt.Fprintf(a.err, "Control server %s shows the fingerprint\n  %s\nIs it the one that omserver init printed? Type yes: ", a.conn.Addr, got)
	if !a.yes() {
		return problem.New("server_fingerprint", "addr", a.conn.Addr, "got", got, "want", "a confirmed one")
	}
	a.conn.Fingerprint = got
	return nil
}

// yes reads one line and reports whether it is "yes".
func (a *app) yes() bool {
	line, err := a.line()
	return err == nil && line == "yes"
}

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "End the session of the profile", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.resolve(); err != nil {
				return err
			}
			if a.conn.Session.Token == "" {
				return problem.New("session_expired")
			}
			c := client.Dial(a.conn.Addr, a.conn.Fingerprint)
			defer c.Close()
			c.Resume(a.conn.Session)
			err := c.Logout(cmd.Context())
			a.conn.Session = client.Session{}
			_, serr := a.save()
			return errors.Join(err, serr)
		},
	}
}
