package pictures

import (
	"fmt"
	"os"
	"path/filepath"

	"omanager/app/console"
	"omanager/app/console/oplog"
	"omanager/app/console/people"
	"omanager/app/console/prefs"
	"omanager/app/rights"
	"omanager/ui/look"
	"omanager/ui/shell"
)

// staff fills the lists of operators and roles, so that the pages have something to show. It returns the password and
// the key file of the colleague.
func (a *artist) staff(p *people.People) (password, keyFile string, err error) {
	c := a.o.Console
	each := []func(){
		func() {
			p.PutRole(rights.Role{Name: "database-duty", Note: "On-call of the database group", Grants: []rights.Grant{
				{Verbs: []string{rights.Look, rights.Run}, Modules: []string{"3302", "category:bas"}, Servers: []string{"category:2"}},
				{Verbs: []string{rights.Look}, Servers: []string{"app:bbs.example.com", "server:lb01"}},
			}})
		},
		func() {
			p.PutRole(rights.Role{Name: "auditor", Note: "Reads the operation log", Manage: []string{rights.ManageAudit}, Grants: []rights.Grant{
				{Verbs: []string{rights.Look}, Servers: []string{rights.Any}},
			}})
		},
		func() { p.Add("duty1", "zhiban", []string{"database-duty"}) },
		func() { p.Add("web2", "1,3", nil) },
		func() { p.SetDisabled("web2", true) },
		func() { p.Add("audit1", "", []string{"auditor"}) },
		func() { p.Add(colleague, "root", nil) },
	}
	for _, do := range each {
		op, n := people.OpChange, p.Changes()
		do()
		if c.IsBusy(people.OpRole) || c.Err(people.OpRole) != nil {
			op = people.OpRole
		}
		if err := a.until(op, func() bool { return p.Changes() > n && !c.IsBusy(op) }); err != nil {
			return "", "", err
		}
	}
	dir, err := os.MkdirTemp("", "omanager-pictures-")
	if err != nil {
		return "", "", fmt.Errorf("make a folder for a key file: %w", err)
	}
	a.remove = dir
	keyFile, password = filepath.Join(dir, "key"), p.Handover().Password
	p.SaveKey(keyFile)
	err = a.until(people.OpKey, func() bool { return p.Handover().Saved != "" })
	p.EndHandover()
	return password, keyFile, err
}

// colleague is the operator who asks for an approval.
const colleague = "dba1"

// ask logs the colleague in elsewhere, which shows the page for a first password, and asks for an approval.
func (a *artist) ask(cfg console.Config, password, keyFile string) error {
	cfg.Settings = ""
	c := console.New(cfg)
	defer c.Close()
	o := a.o
	o.Console, o.Words = c, look.NewWords(look.English)
	b := newArtist(a.dir, o)
	defer b.close()
	c.Login(console.Credentials{Address: a.o.Console.Who().Address, Operator: colleague, Password: password, KeyFile: keyFile})
	if err := b.until(console.OpLogin, func() bool { return c.Question() != nil }); err != nil {
		return err
	}
	c.Trust(true)
	if err := b.until(console.OpLogin, func() bool { return c.Who().In }); err != nil {
		return err
	}
	b.settle()
	if err := b.each("6-first-password"); err != nil {
		return err
	}
	const own = "a password for pictures only"
	c.ChangePassword(password, own, own)
	if err := b.until(console.OpPassword, func() bool { m, _ := c.Modules(); return len(m) > 0 && !c.IsBusy(console.OpLoad) }); err != nil {
		return err
	}
	c.SetTicked([]string{"db01", "db02", "db03"})
	c.Choose("3302")
	c.MakePlan()
	if err := b.until(console.OpPlan, func() bool { return c.Plan() != nil && !c.IsBusy(console.OpPlan) }); err != nil {
		return err
	}
	c.RequestApproval("Memory has grown since the night; the primary was switched to db04 for this.")
	return b.until(console.OpRequest, func() bool { return c.Gate().Approval != nil })
}

// pages draws every page beside the work.
func (a *artist) pages(cfg console.Config) error {
	c := a.o.Console
	if !c.Who().Operators {
		return nil
	}
	p := a.shell.People()
	password, keyFile, err := a.staff(p)
	if err != nil {
		return err
	}
	if err := a.ask(cfg, password, keyFile); err != nil {
		return err
	}
	c.LoadApprovals()
	if err := a.until(console.OpApprovals, func() bool { return c.Waiting() == 1 }); err != nil {
		return err
	}
	a.fresh(look.English)
	a.settle()
	if err := a.draw("6-waiting-en-light", 1280, 800); err != nil {
		return err
	}
	for _, page := range a.shell.Pages() {
		if err := a.turn(page); err != nil {
			return err
		}
		if err := a.each("6-" + string(page)); err != nil {
			return err
		}
	}
	if err := a.turn(shell.Operators); err != nil {
		return err
	}
	p.Add("sun.li", "2", nil)
	if err := a.until(people.OpChange, func() bool { return p.Handover() != nil }); err != nil {
		return err
	}
	return a.each("6-handover")
}

// turn shows a page with what is read for it.
func (a *artist) turn(page shell.Page) error {
	a.shell.ShowPage(page)
	for _, op := range []console.Op{people.OpLoad, oplog.OpSearch, prefs.OpLoad, console.OpApprovals} {
		if err := a.until(op, func() bool { return !a.o.Console.IsBusy(op) }); err != nil {
			return err
		}
	}
	return nil
}
