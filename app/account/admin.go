package account

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"omanager/app/problem"
)

// Admin changes operators. That the caller may manage operators at all has been decided already: omserver's command
// line by holding the data folder, others by their rights. Whom the Actor may change is decided here: nobody changes an
// operator who may do more than itself, gives more than it has, or locks itself out. Every change ends the operator's
// sessions.
type Admin struct {
	Store  Store
	Params Params // of new password hashes; zero means the default
	Now    func() time.Time
	Actor  *Operator // nil is the command line, which may change everybody
}

// operatorName is the legacy table's width and characters that no file system, log or shell minds.
var operatorName = regexp.MustCompile(`\A[A-Za-z][A-Za-z0-9._-]{0,19}\z`)

// CheckName refuses a name that an operator cannot have.
func CheckName(name string) error {
	if !operatorName.MatchString(name) {
		return problem.New("operator_name", "name", shown(name))
	}
	return nil
}

// CheckNew refuses the name of an operator that exists.
func CheckNew(ctx context.Context, s Store, name string) error {
	switch _, err := s.Operator(ctx, name); {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("read operator %s: %w", name, err)
	}
	return problem.New("operator_exists", "name", name)
}

// Add makes an operator with a one-time password and a key file; neither is stored.
func (a Admin) Add(ctx context.Context, name, privileges string, roles ...string) (password string, keyfile []byte, err error) {
	if err := CheckName(name); err != nil {
		return "", nil, err
	}
	o := Operator{Name: name, Created: a.Now().UTC()}
	o.give(privileges, roles)
	if err := a.checkRights(ctx, o); err != nil {
		return "", nil, err
	}
	if err := a.may(ctx, o, "grant_above"); err != nil {
		return "", nil, err
	}
	if err := CheckNew(ctx, a.Store, name); err != nil {
		return "", nil, err
	}
	if password, err = a.newPassword(&o); err != nil {
		return "", nil, err
	}
	if keyfile, err = newKey(&o); err != nil {
		return "", nil, err
	}
	return password, keyfile, a.Store.PutOperator(ctx, o)
}

// NewPassword gives the operator a new one-time password.
func (a Admin) NewPassword(ctx context.Context, name string) (password string, err error) {
	err = a.change(ctx, name, func(o *Operator) (err error) {
		password, err = a.newPassword(o)
		return err
	})
	return password, err
}

// KeepPassword makes a one-time password a lasting one: of a simulated fleet's operator, who is to try things at once.
func (a Admin) KeepPassword(ctx context.Context, name string) error {
	return a.change(ctx, name, func(o *Operator) error {
		o.OneTime = false
		return nil
	})
}

// NewKey gives the operator a new key file; the old one stops working.
func (a Admin) NewKey(ctx context.Context, name string) (keyfile []byte, err error) {
	err = a.change(ctx, name, func(o *Operator) (err error) {
		keyfile, err = newKey(o)
		return err
	})
	return keyfile, err
}

// SetPrivileges replaces what the operator may do, its roles too. The last one with all rights keeps them.
func (a Admin) SetPrivileges(ctx context.Context, name, privileges string, roles ...string) error {
	o := Operator{Name: shown(name)}
	o.give(privileges, roles)
	if err := a.checkRights(ctx, o); err != nil {
		return err
	}
	return a.change(ctx, name, func(o *Operator) error {
		o.give(privileges, roles)
		return nil
	})
}

func (o *Operator) give(privileges string, roles []string) {
	o.Privileges, o.Roles = strings.TrimSpace(privileges), slices.Clone(roles)
	slices.Sort(o.Roles)
	o.Roles = slices.Compact(o.Roles)
}

// SetDisabled locks the operator out or lets it in again.
func (a Admin) SetDisabled(ctx context.Context, name string, disabled bool) error {
	return a.change(ctx, name, func(o *Operator) error {
		o.Disabled = disabled
		return nil
	})
}

func (a Admin) newPassword(o *Operator) (string, error) {
	p := a.Params
	def(&p, DefaultParams())
	password := NewPassword()
	hash, err := HashPassword(password, p)
	if err != nil {
		return "", err
	}
	o.Password, o.OneTime = hash, true
	return password, nil
}

func newKey(o *Operator) ([]byte, error) {
	file := NewKeyFile()
	key, err := KeyFromFile(file)
	if err != nil {
		return nil, err
	}
	o.PublicKey, o.LegacyKey = key.Public().(ed25519.PublicKey), ""
	return file, nil
}

// change edits one operator, keeps somebody in charge, and ends the operator's sessions.
func (a Admin) change(ctx context.Context, name string, edit func(*Operator) error) error {
	o, err := a.Store.Operator(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return problem.New("operator_unknown", "name", shown(name))
	}
	if err != nil {
		return fmt.Errorf("read operator %s: %w", name, err)
	}
	was := o
	if err := edit(&o); err != nil {
		return err
	}
	if err := a.allowed(ctx, was, o); err != nil {
		return err
	}
	if rules(was) && !rules(o) {
		if err := a.anotherRules(ctx, name); err != nil {
			return err
		}
	}
	if err := a.Store.PutOperator(ctx, o); err != nil {
		return fmt.Errorf("store operator %s: %w", name, err)
	}
	return a.Store.DeleteSessionsOf(ctx, name)
}

// allowed judges the change from was to o by who makes it.
func (a Admin) allowed(ctx context.Context, was, o Operator) error {
	switch {
	case a.Actor == nil:
		return nil
	case a.Actor.Name == o.Name:
		if o.Disabled || o.Privileges != was.Privileges || !slices.Equal(o.Roles, was.Roles) {
			return problem.New("operator_self", "name", o.Name)
		}
		return nil
	}
	if err := a.may(ctx, was, "operator_above"); err != nil {
		return err
	}
	return a.may(ctx, o, "grant_above")
}

// shown is a text that a person may have got wrong, made fit for a sentence: short and on one line.
func shown(s string) string {
	const most = 60
	if r := []rune(s[:min(len(s), 4*most)]); len(r) > most || len(s) > 4*most {
		s = string(r[:min(len(r), most)]) + "…"
	}
	return strings.Trim(strconv.Quote(s), `"`)
}

func rules(o Operator) bool { return o.Privileges == "root" && !o.Disabled }

func (a Admin) anotherRules(ctx context.Context, name string) error {
	all, err := a.Store.Operators(ctx)
	if err != nil {
		return fmt.Errorf("list operators: %w", err)
	}
	for _, o := range all {
		if o.Name != name && rules(o) {
			return nil
		}
	}
	return problem.New("operator_last", "name", name)
}
