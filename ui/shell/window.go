package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"omanager/assets"
	"omanager/ui/look"
	"omanager/ui/results"
)

// Open makes the window and shows it; the app's Run then draws it.
func (s *Shell) Open() {
	w := s.o.App.NewWindow("OManager " + s.o.Version)
	s.window = w
	w.SetMaster()
	w.SetPadded(false)
	w.SetIcon(fyne.NewStaticResource("omanager.png", assets.IconPNG()))
	w.SetContent(s.root)
	s.SetCanvas(w.Canvas())
	w.SetCloseIntercept(s.quit)
	s.menu()
	s.keys()
	w.Resize(s.size())
	w.CenterOnScreen()
	w.Show()
	s.focus()
}

// size is the window's first size; the content keeps it from being too small.
func (s *Shell) size() fyne.Size {
	if s.o.Width > 0 && s.o.Height > 0 {
		return fyne.NewSize(s.o.Width, s.o.Height)
	}
	return fyne.NewSize(1280, 800)
}

// keys sets the shortcuts of the window.
func (s *Shell) keys() {
	add := func(k fyne.KeyName, f func()) {
		s.canvas.AddShortcut(&desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) {
			if s.in && !s.must {
				f()
			}
		})
	}
	add(fyne.KeyF, func() { s.ShowPage(Work); s.servers.FocusSearch() })
	add(fyne.KeyReturn, func() {
		if s.page == Work {
			s.execute()
		}
	})
	add(fyne.KeyR, s.reload)
	s.canvas.SetOnTypedKey(func(k *fyne.KeyEvent) {
		switch {
		case !s.in || s.must:
		case k.Name == fyne.KeyF5:
			s.reload()
		case k.Name == fyne.KeyEscape:
			s.ShowPage(Work)
		}
	})
}

func (s *Shell) live() bool {
	r := s.o.Console.Run()
	return r != nil && r.Live()
}

// quit asks first while a job runs.
func (s *Shell) quit() {
	if !s.live() {
		s.o.App.Quit()
		return
	}
	s.deps.Confirm(s.deps.T("quit.title"), s.deps.T(s.leaving()), s.deps.T("quit.yes"), s.o.App.Quit)
}

// leaving names what happens to the running job: inside this program it ends, elsewhere it goes on.
func (s *Shell) leaving() string {
	if s.o.Console.Who().Demo {
		return "quit.demo"
	}
	return "quit.text"
}

func (s *Shell) logout() {
	if !s.live() {
		s.o.Console.Logout()
		return
	}
	s.deps.Confirm(s.deps.T("logout.title"), s.deps.T(s.leaving()), s.deps.T("logout.yes"), s.o.Console.Logout)
}

// menu makes the menu bar anew; Fyne has no change of one item.
func (s *Shell) menu() {
	if s.window == nil {
		return
	}
	s.window.SetMainMenu(s.mainMenu())
}

func (s *Shell) mainMenu() *fyne.MainMenu {
	t := s.deps.T
	quit := fyne.NewMenuItem(t("menu.quit"), s.quit)
	quit.IsQuit = true
	file := fyne.NewMenu(t("menu.file"))
	menus := []*fyne.Menu{file, s.viewMenu()}
	if s.in && s.must {
		file.Items = append(file.Items, fyne.NewMenuItem(t("menu.logout"), s.logout))
	}
	if s.in && !s.must {
		file.Items = append(file.Items,
			fyne.NewMenuItem(t("menu.reload"), s.reload),
			fyne.NewMenuItem(t("menu.copy"), func() { s.results.CopyTable() }),
			fyne.NewMenuItemSeparator(),
			fyne.NewMenuItem(t("menu.logout"), s.logout))
		menus = append(menus, s.functionMenu())
	}
	file.Items = append(file.Items, quit)
	about := fyne.NewMenuItem(t("menu.about"), func() {
		s.deps.Tell("OManager", t("about.text", "version", s.o.Version))
	})
	keys := fyne.NewMenuItem(t("menu.keys"), func() { s.deps.Tell(t("menu.keys"), t("keys.text")) })
	return fyne.NewMainMenu(append(menus, fyne.NewMenu(t("menu.help"), keys, about))...)
}

func (s *Shell) viewMenu() *fyne.Menu {
	t := s.deps.T
	colors := fyne.NewMenuItem(t("menu.theme"), nil)
	colors.ChildMenu = fyne.NewMenu("")
	for _, m := range look.Modes() {
		i := fyne.NewMenuItem(t("theme."+string(m)), func() { s.SetTheme(m) })
		i.Checked = m == s.o.Theme
		colors.ChildMenu.Items = append(colors.ChildMenu.Items, i)
	}
	lang := fyne.NewMenuItem(t("menu.language"), nil)
	lang.ChildMenu = fyne.NewMenu("")
	for _, l := range look.Languages() {
		i := fyne.NewMenuItem(map[string]string{look.English: "English", look.Chinese: "中文"}[l], func() { s.SetLanguage(l) })
		i.Checked = l == s.o.Words.Language()
		lang.ChildMenu.Items = append(lang.ChildMenu.Items, i)
	}
	m := fyne.NewMenu(t("menu.view"))
	if s.in && !s.must {
		m.Items = append(m.Items,
			s.toggle("menu.servers", &s.frame.noServers), s.toggle("menu.modules", &s.frame.noModules),
			fyne.NewMenuItemSeparator(),
			fyne.NewMenuItem(t("results.groups"), func() { s.ShowPage(Work); s.results.Show(results.Groups) }),
			fyne.NewMenuItem(t("results.servers"), func() { s.ShowPage(Work); s.results.Show(results.Servers) }),
			fyne.NewMenuItem(t("results.jobs"), func() { s.ShowPage(Work); s.results.Show(results.Jobs) }),
			fyne.NewMenuItemSeparator())
	}
	m.Items = append(m.Items, colors, lang)
	return m
}

// toggle shows or hides a panel.
func (s *Shell) toggle(key string, off *bool) *fyne.MenuItem {
	i := fyne.NewMenuItem(s.deps.T(key), func() {
		*off = !*off
		s.rebuild()
	})
	i.Checked = !*off
	return i
}
