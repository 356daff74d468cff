package control_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/control"
	"omanager/app/rights"
)

// member stores an operator with roles of exactly these and gives it as the server would after a login.
func (r *rig) member(t *testing.T, name, privileges string, roles ...rights.Role) control.Caller {
	t.Helper()
	o := account.Operator{Name: name, Privileges: privileges, Created: time.Now()}
	for _, role := range roles {
		must(t, r.store.PutRole(t.Context(), role))
		o.Roles = append(o.Roles, role.Name)
	}
	must(t, r.store.PutOperator(t.Context(), o))
	compiled, err := rights.Compile(privileges, roles...)
	must(t, err)
	return control.Caller{Operator: o, Rights: &compiled, Source: "test"}
}

func managing() rights.Role {
	return rights.Role{Name: "manager", Manage: []string{rights.ManageOperators}}
}

func runOn(name, module, server string) rights.Role {
	return rights.Role{Name: name, Grants: []rights.Grant{{Verbs: []string{rights.Run}, Modules: []string{module}, Servers: []string{server}}}}
}

// everyChange is every use case that changes operators or roles, by name.
func (r *rig) everyChange(t *testing.T, who control.Caller) map[string]error {
	t.Helper()
	ctx := t.Context()
	_, _, add := r.AddOperator(ctx, who, "new", "", nil)
	_, pass := r.NewPassword(ctx, who, "victim")
	_, key := r.NewKey(ctx, who, "victim")
	return map[string]error{
		"add": add, "password": pass, "key": key, "disable": r.SetDisabled(ctx, who, "victim", true), "rights": r.SetRights(ctx, who, "victim", "", nil),
		"put": r.PutRole(ctx, who, rights.Role{Name: "free", Note: "changed"}), "delete": r.DeleteRole(ctx, who, "free"),
	}
}

func (r *rig) events(t *testing.T) []string {
	t.Helper()
	log, err := r.store.AuditRecords(t.Context(), audit.Query{Limit: 1000})
	must(t, err)
	var out []string
	for _, e := range slices.Backward(log) {
		out = append(out, e.Event)
	}
	return out
}

// TestChangesAreRecordedBeforeTheyAreMade: with a log that cannot be written nothing changes; with one that can, each
// change is in it.
func TestChangesAreRecordedBeforeTheyAreMade(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	must(t, r.store.PutRole(t.Context(), rights.Role{Name: "free"}))
	victim := r.member(t, "victim", "1").Operator
	r.store.unlogged.Store(true)
	for what, err := range r.everyChange(t, admin) {
		wantCode(t, what+" without a log", err, "disk_full")
	}
	r.store.unlogged.Store(false)
	after, err := r.store.Operator(t.Context(), "victim")
	if err != nil || after.Disabled || after.Privileges != victim.Privileges || after.Password != "" || len(after.PublicKey) > 0 {
		t.Errorf("the operator was changed: %+v, %v", after, err)
	}
	if role, err := r.store.Role(t.Context(), "free"); err != nil || role.Note != "" {
		t.Errorf("the role was changed: %+v, %v", role, err)
	}
	if all, err := r.store.Operators(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%d operators, %v", len(all), err)
	}
	for what, err := range r.everyChange(t, admin) { // the control: with a log they are made
		must(t, err)
		_ = what
	}
	want := []string{
		audit.EventOperatorAdd, audit.EventNewPassword, audit.EventNewKey, audit.EventOperatorState, audit.EventRights, audit.EventRolePut, audit.EventRoleDelete,
	}
	got := r.events(t)
	for _, e := range want {
		if !slices.Contains(got, e) {
			t.Errorf("%s is not in the operation log: %v", e, got)
		}
	}
	if slices.Contains(got, audit.EventRefused) {
		t.Errorf("something was refused: %v", got)
	}
}

// TestA14WhoManagesNothing changes nothing, whatever else it may do. The control is a manager.
func TestA14WhoManagesNothing(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	must(t, r.store.PutRole(t.Context(), rights.Role{Name: "free"}))
	r.member(t, "victim", "")
	for _, who := range []control.Caller{
		{}, r.member(t, "cat", "1,2"), r.member(t, "duty", "zhiban"), r.member(t, "all", "", runOn("all", rights.Any, rights.Any)),
		r.member(t, "auditor", "", rights.Role{Name: "auditor", Manage: []string{rights.ManageAudit}}),
	} {
		for what, err := range r.everyChange(t, who) {
			wantCode(t, what+" by "+who.Operator.Name, err, "not_allowed")
		}
		_, err := r.Operators(t.Context(), who)
		wantCode(t, "operators by "+who.Operator.Name, err, "not_allowed")
		_, err = r.Roles(t.Context(), who)
		wantCode(t, "roles by "+who.Operator.Name, err, "not_allowed")
	}
	for what, err := range r.everyChange(t, r.member(t, "manager", "", managing())) {
		if err != nil {
			t.Errorf("%s by the manager: %v", what, err)
		}
	}
}

// TestA14ManagersStayBelowThemselves: a manager with one category makes nobody and no role of more.
func TestA14ManagersStayBelowThemselves(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	own := runOn("own", "1003", "app:x")
	m := r.member(t, "manager", "1", managing(), own)
	r.member(t, "peer", "1", own)
	r.member(t, "above", "", runOn("wide", rights.Any, rights.Any))
	ctx := t.Context()
	for what, c := range map[string]struct {
		err  error
		want string
	}{
		"root":             {r.SetRights(ctx, m, "peer", "root", nil), "grant_above"},
		"another category": {r.SetRights(ctx, m, "peer", "2", nil), "grant_above"},
		"zhiban":           {r.SetRights(ctx, m, "peer", "zhiban", nil), "grant_above"},
		"a wider role":     {r.SetRights(ctx, m, "peer", "1", []string{"wide"}), "grant_above"},
		"no such role":     {r.SetRights(ctx, m, "peer", "1", []string{"nothere"}), "role_unknown"},
		"strange":          {r.SetRights(ctx, m, "peer", "1;2", nil), "privileges_bad"},
		"who has more":     {r.SetDisabled(ctx, m, "above", true), "operator_above"},
		"the admin":        {r.SetRights(ctx, m, "admin", "", nil), "operator_above"},
		"itself off":       {r.SetDisabled(ctx, m, "manager", true), "operator_self"},
		"itself less":      {r.SetRights(ctx, m, "manager", "", nil), "operator_self"},
		"widen a role":     {r.PutRole(ctx, m, runOn("new", rights.Any, rights.Any)), "role_above"},
		"audit":            {r.PutRole(ctx, m, rights.Role{Name: "new", Manage: []string{rights.ManageAudit}}), "role_above"},
		"a role above":     {r.PutRole(ctx, m, rights.Role{Name: "wide"}), "role_above"},
		"delete above":     {r.DeleteRole(ctx, m, "wide"), "role_above"},
		"its own role":     {r.PutRole(ctx, m, rights.Role{Name: "own"}), "role_own"},
		"delete its own":   {r.DeleteRole(ctx, m, "own"), "role_own"},
		"delete unknown":   {r.DeleteRole(ctx, m, "nothere"), "role_unknown"},
		"the last root":    {r.SetDisabled(ctx, r.member(t, "root2", "root"), "admin", true), ""},
		"a smaller role":   {r.PutRole(ctx, m, runOn("small", "1003", "category:1")), ""},
		"a peer":           {r.SetRights(ctx, m, "peer", "1", []string{"own"}), ""},
	} {
		if c.want == "" {
			must(t, c.err)
			continue
		}
		wantCode(t, what, c.err, c.want)
	}
	root2 := control.Caller{Operator: account.Operator{Name: "root2", Privileges: "root"}}
	wantCode(t, "the last root about itself", r.SetRights(ctx, root2, "root2", "", nil), "operator_self")
	if refused := strings.Count(strings.Join(r.events(t), " "), audit.EventRefused); refused < 15 {
		t.Errorf("%d refusals in the operation log", refused)
	}
}

func TestRoleInUseIsKept(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	r.member(t, "ann", "", runOn("web", "1003", "app:x"))
	err := r.DeleteRole(t.Context(), admin, "web")
	wantCode(t, "held", err, "role_in_use")
	if err != nil && !strings.Contains(err.Error(), "ann") {
		t.Errorf("it does not say who holds it: %v", err)
	}
	must(t, r.SetRights(t.Context(), admin, "ann", "", nil))
	must(t, r.DeleteRole(t.Context(), admin, "web"))
}

// TestSmallerRoleEndsSessions: one that allows less ends the sessions of who holds it; one that allows more does not.
func TestSmallerRoleEndsSessions(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	r.member(t, "ann", "", runOn("web", "1003", "app:x"))
	session := account.Session{TokenHash: []byte("ann"), Operator: "ann", Created: time.Now(), Expires: time.Now().Add(time.Hour)}
	must(t, r.store.PutSession(t.Context(), session))
	wider := runOn("web", "1003", "app:x")
	wider.Grants = append(wider.Grants, rights.Grant{Verbs: []string{rights.Look}, Servers: []string{rights.Any}})
	must(t, r.PutRole(t.Context(), admin, wider))
	if _, err := r.store.Session(t.Context(), session.TokenHash); err != nil {
		t.Errorf("the session ended though the role allows more: %v", err)
	}
	must(t, r.PutRole(t.Context(), admin, runOn("web", "1003", "app:x")))
	if _, err := r.store.Session(t.Context(), session.TokenHash); err == nil {
		t.Error("the session goes on with less than it began with")
	}
}
