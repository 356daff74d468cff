package inventory

import (
	"fmt"
	"strconv"

	"omanager/app/problem"
)

// The names of the two asset files in their folder.
const (
	OptionFile = "ServerOptioninfo.xml"
	ServerFile = "Serverinfo.xml"
)

// Positions in serverSchema's fields.
const (
	fSerial = iota
	fWIP
	fLIP
	fOS
	fApp
	fLocate
	fOption
	fAddress
	fPort
	fUser
	fJump
	fHostKey
)

func optionSchema() schema {
	return schema{file: OptionFile, record: "AppClass", attr: "id", extra: "level", fields: []string{"appname"}}
}

func serverSchema() schema {
	return schema{file: ServerFile, record: "server", attr: "ip", fields: []string{
		"serverserial", "wip", "lip", "os", "app", "locate", "option", "address", "port", "user", "jump", "hostkey"}}
}

// Parse reads the two asset files: UTF-8 with or without byte-order mark, or declared GBK. It is strict: what is
// not the files' shape is refused with a *problem.Error that names file and line. Elements it does not know inside
// a server or category are skipped. No server is lost: one whose category is unknown gets a category of its id.
func Parse(optionXML, serverXML []byte) (*Inventory, error) {
	cats, notice, err := parseCategories(optionXML)
	if err != nil {
		return nil, err
	}
	servers, err := parseServers(serverXML)
	if err != nil {
		return nil, err
	}
	inv := New(cats, servers)
	inv.notice = notice
	return inv, nil
}

// parseCategories takes a level that it does not know as the strictest and says so in the notice: a slip of the pen must
// neither open a category nor take all servers away.
func parseCategories(data []byte) (cats []Category, notice, err error) {
	lines := make(map[string]int)
	err = readRecords(optionSchema(), data, func(r record) error {
		level, known := ParseLevel(r.extra)
		c := Category{ID: r.attr, Name: r.vals[0], Level: level}
		if c.ID == "" {
			return bad(OptionFile, r.line, "<AppClass> %d has no id", r.number)
		}
		if err := checkToken(c.ID); err != nil {
			return bad(OptionFile, r.line, "the id %v", err)
		}
		if err := checkText(c.Name); err != nil {
			return bad(OptionFile, r.line, "the name %v", err)
		}
		if line, ok := lines[c.ID]; ok {
			return bad(OptionFile, r.line, "category %s is on line %d and again on line %d", short(c.ID), line, r.line)
		}
		if c.Name == "" {
			c.Name = c.ID
		}
		if !known && notice == nil {
			notice = problem.New("inventory_level", "file", OptionFile, "line", strconv.Itoa(r.line), "category", c.Name, "level", short(r.extra))
		}
		lines[c.ID] = r.line
		cats = append(cats, c)
		return nil
	})
	return cats, notice, err
}

func parseServers(data []byte) ([]Server, error) {
	var servers []Server
	var lines []int
	err := readRecords(serverSchema(), data, func(r record) error {
		s, err := serverOf(r)
		if err != nil {
			return bad(ServerFile, r.line, "server %d: %v", r.number, err)
		}
		servers = append(servers, s)
		lines = append(lines, r.line)
		return nil
	})
	if err != nil {
		return nil, err
	}
	assignIDs(servers)
	first := make(map[string]int, len(servers))
	for i := range servers {
		id := servers[i].ID
		if j, ok := first[id]; ok {
			return nil, bad(ServerFile, lines[i], "server %d on line %d and server %d on line %d are both %s",
				j+1, lines[j], i+1, lines[i], short(id))
		}
		first[id] = i
	}
	return servers, nil
}

// serverOf makes a server of a record and checks every field.
func serverOf(r record) (Server, error) {
	v := r.vals
	s := Server{IP: r.attr, Serial: v[fSerial], WIP: v[fWIP], LIP: v[fLIP], OS: v[fOS], App: v[fApp], Locate: v[fLocate],
		CategoryID: v[fOption], Address: v[fAddress], User: v[fUser], Jump: v[fJump]}
	if s.Serial == "" && s.LIP == "" {
		return s, fmt.Errorf("it has neither <serverserial> nor <lip>")
	}
	checks := []struct {
		name, value string
		check       func(string) error
	}{
		{"ip", s.IP, checkText}, {"serverserial", s.Serial, checkToken}, {"wip", s.WIP, checkText},
		{"lip", s.LIP, checkToken}, {"os", s.OS, checkText}, {"app", s.App, checkText}, {"locate", s.Locate, checkText},
		{"option", s.CategoryID, checkToken}, {"address", s.Address, checkAddress}, {"user", s.User, checkToken},
		{"jump", s.Jump, checkJump},
	}
	for _, c := range checks {
		if err := c.check(c.value); err != nil {
			return s, fmt.Errorf("%s %w", c.name, err)
		}
	}
	var err error
	if s.Port, err = parsePort(v[fPort]); err != nil {
		return s, fmt.Errorf("port %w", err)
	}
	if s.HostKey, err = cleanHostKey(v[fHostKey]); err != nil {
		return s, fmt.Errorf("hostkey %w", err)
	}
	return s, nil
}
