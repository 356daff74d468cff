package shell

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/approvals"
	"omanager/ui/kit"
	"omanager/ui/operators"
	"omanager/ui/oplog"
	"omanager/ui/password"
	"omanager/ui/settings"
)

// Page names what stands between tool bar and status bar.
type Page string

// The pages. Work is servers, modules, form and results; the others take its place.
const (
	Work      Page = "work"
	Approvals Page = "approvals"
	Operators Page = "operators"
	Roles     Page = "roles"
	OpLog     Page = "log"
	Password  Page = "password"
	Settings  Page = "settings"
)

// page is a page other than Work.
type page interface {
	changing
	Content() fyne.CanvasObject
	Focus()
}

// Pages lists the pages that the person who is logged in may open, in the order of the menu.
func (s *Shell) Pages() []Page {
	out := []Page{Approvals}
	if s.o.Console.Who().Operators {
		out = append(out, Operators, Roles)
	}
	if s.o.Console.Who().Log {
		out = append(out, OpLog)
	}
	return append(out, Settings, Password)
}

func (p Page) icon() fyne.Resource {
	switch p {
	case Approvals:
		return theme.ConfirmIcon()
	case Operators:
		return theme.AccountIcon()
	case Roles:
		return theme.ListIcon()
	case OpLog:
		return theme.DocumentIcon()
	case Password:
		return theme.LoginIcon()
	case Settings:
		return theme.SettingsIcon()
	}
	return theme.HomeIcon()
}

// key is what opens the page together with Ctrl (Cmd on a Mac).
func (p Page) key() fyne.KeyName {
	switch p {
	case Work:
		return fyne.Key1
	case Approvals:
		return fyne.Key2
	case Operators:
		return fyne.Key3
	case Roles:
		return fyne.Key4
	case OpLog:
		return fyne.Key5
	case Settings:
		return fyne.Key6
	}
	return fyne.Key7
}

// ShowPage brings a page on view, with what the control server knows now.
func (s *Shell) ShowPage(p Page) {
	if !s.in || s.must || p == s.page {
		return
	}
	if left, ok := s.open.(interface{ Leave() }); ok {
		left.Leave()
	}
	s.page = p
	s.load()
	s.fill()
	s.menu()
	s.focus()
}

// reload reads again what the page on view shows.
func (s *Shell) reload() {
	if s.page == Work {
		s.o.Console.Reload()
		return
	}
	s.load()
}

func (s *Shell) load() {
	switch s.page {
	case Approvals:
		s.o.Console.LoadApprovals()
	case Operators, Roles:
		s.deps.People.Load()
	case OpLog:
		s.deps.Log.Find()
		s.deps.Log.Check()
	case Settings:
		s.deps.Prefs.Load()
	case Work, Password:
	}
}

// fill puts the page on view between the bars.
func (s *Shell) fill() {
	s.open = nil
	switch s.page {
	case Approvals:
		s.open = approvals.New(s.deps)
	case Operators:
		s.open = operators.New(s.deps)
	case Roles:
		s.open = operators.NewRoles(s.deps)
	case OpLog:
		s.open = oplog.New(s.deps)
	case Settings:
		s.open = settings.New(s.deps)
	case Password:
		s.open = password.New(s.deps)
	case Work:
	}
	tools, content := s.tools, s.work
	if s.open != nil {
		tools, content = s.pageBar(), s.open.Content()
	}
	s.top.Objects, s.body.Objects = []fyne.CanvasObject{tools}, []fyne.CanvasObject{content}
	s.top.Refresh()
	s.body.Refresh()
}

// pageIcons are the pages on the tool bar beside the work; what each is for stands in the status bar.
func (s *Shell) pageIcons() fyne.CanvasObject {
	box := container.NewHBox()
	for _, p := range s.Pages() {
		if p == Password || p == Roles { // one step further away
			continue
		}
		b := s.deps.Tool(p.icon(), "", s.deps.T("page."+string(p)), func() { s.ShowPage(p) })
		if p == Approvals {
			s.waiting = []*kit.ToolButton{b}
		}
		box.Add(b)
	}
	return box
}

// countWaiting puts the number of approvals that wait for this person on the buttons of their page, and says it.
func (s *Shell) countWaiting() string {
	n := s.o.Console.Waiting()
	for i, b := range s.waiting {
		text := ""
		if i > 0 {
			text = s.deps.T("page." + string(Approvals))
		}
		if n > 0 {
			text = strings.TrimSpace(text + " " + strconv.Itoa(n))
		}
		if b.Text() != text {
			b.SetText(text)
			b.SetOn(n > 0 && i == 0)
			s.top.Refresh()
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return s.deps.T("status.approval")
	}
	return s.deps.T("status.approvals", "n", n)
}

// pageBar is the tool bar of a page: the way back, and the other pages.
func (s *Shell) pageBar() fyne.CanvasObject {
	back := s.deps.Tool(theme.NavigateBackIcon(), s.deps.T("page.back"), s.deps.T("page.back_hint"), func() { s.ShowPage(Work) })
	objects := []fyne.CanvasObject{back, divider()}
	for _, p := range s.Pages() {
		b := kit.NewToolButton(p.icon(), s.deps.T("page."+string(p)), func() { s.ShowPage(p) })
		b.SetOn(p == s.page)
		if p == Approvals {
			s.waiting = append(s.waiting[:1], b)
		}
		objects = append(objects, b)
	}
	out := s.tool(theme.LogoutIcon(), "tool.logout", s.logout)
	return kit.NewToolBar(append(objects, layout.NewSpacer(), s.switches(), divider(), out)...)
}

// pageItems are the pages in the menu.
func (s *Shell) pageItems() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, p := range append([]Page{Work}, s.Pages()...) {
		i := fyne.NewMenuItem(s.deps.T("page."+string(p)), func() { s.ShowPage(p) })
		i.Checked = p == s.page
		i.Shortcut = &desktop.CustomShortcut{KeyName: p.key(), Modifier: fyne.KeyModifierShortcutDefault}
		items = append(items, i)
	}
	return items
}

// mustChange is the screen of a person whose password was made by somebody else.
func (s *Shell) mustChange() fyne.CanvasObject {
	s.first = password.New(s.deps, widget.NewButtonWithIcon(s.deps.T("tool.logout"), theme.LogoutIcon(), s.logout))
	return container.NewStack(s.first.Content(), container.NewVBox(container.NewHBox(layout.NewSpacer(), s.switches())))
}
