package inventory

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
	"sync"
)

// noCategory is where servers go whose file names no category at all.
const noCategory = "none"

// Inventory is one state of the tree. It never changes once made, so any number of goroutines may read it.
type Inventory struct {
	cats    []Category
	servers []Server
	notice  error
	index   func() *index
	rev     func() string
}

// New makes an inventory of copies of the slices, in their order. A server without ID gets one by the rule of
// Server.ID; a category that servers name and cats lacks is added at the end with its id as name and level normal. A
// level that is none counts as the strictest.
func New(cats []Category, servers []Server) *Inventory {
	inv := &Inventory{cats: slices.Clone(cats), servers: slices.Clone(servers)}
	for i := range inv.cats {
		inv.cats[i].Level, _ = ParseLevel(string(inv.cats[i].Level))
	}
	assignIDs(inv.servers)
	inv.addMissing()
	inv.index = sync.OnceValue(func() *index { return makeIndex(inv.cats, inv.servers) })
	inv.rev = sync.OnceValue(inv.sum)
	return inv
}

// assignIDs fills empty IDs: the serial, or LIP*Serial where the serial is empty or not alone.
func assignIDs(servers []Server) {
	count := make(map[string]int, len(servers))
	for i := range servers {
		count[servers[i].Serial]++
	}
	for i := range servers {
		s := &servers[i]
		switch {
		case s.ID != "":
		case s.Serial != "" && count[s.Serial] == 1:
			s.ID = s.Serial
		default:
			s.ID = s.LIP + "*" + s.Serial
		}
	}
}

func (inv *Inventory) addMissing() {
	known := make(map[string]bool, len(inv.cats))
	for _, c := range inv.cats {
		known[c.ID] = true
	}
	for i := range inv.servers {
		s := &inv.servers[i]
		if s.CategoryID == "" {
			s.CategoryID = noCategory
		}
		if !known[s.CategoryID] {
			known[s.CategoryID] = true
			inv.cats = append(inv.cats, Category{ID: s.CategoryID, Name: s.CategoryID, Level: Normal})
		}
	}
}

// Notice is what is wrong in the files that the inventory was read from though they are in use, or nil.
func (inv *Inventory) Notice() error { return inv.notice }

// Categories gives the categories in file order, those without servers too. The slice must not be changed.
func (inv *Inventory) Categories() []Category { return inv.cats }

// Servers gives the servers in file order. The slice must not be changed.
func (inv *Inventory) Servers() []Server { return inv.servers }

// Get finds a server by its ID.
func (inv *Inventory) Get(id string) (Server, bool) {
	i, ok := inv.index().ids[id]
	if !ok {
		return Server{}, false
	}
	return inv.servers[i], true
}

// CategoryName is the name of a category, or its id where there is none.
func (inv *Inventory) CategoryName(id string) string {
	if i, ok := inv.index().catIDs[id]; ok {
		return inv.cats[i].Name
	}
	return id
}

// Revision names the content: equal inventories have equal revisions. It is computed once.
func (inv *Inventory) Revision() string { return inv.rev() }

// Visible keeps the servers that one function accepts, their categories, and the categories that the other accepts,
// with servers or without.
func (inv *Inventory) Visible(category func(id string) bool, server func(Server) bool) *Inventory {
	ok := make(map[string]bool, len(inv.cats))
	var servers []Server
	for _, s := range inv.servers {
		if server(s) {
			ok[s.CategoryID] = true
			servers = append(servers, s)
		}
	}
	var cats []Category
	for _, c := range inv.cats {
		if ok[c.ID] || category(c.ID) {
			cats = append(cats, c)
		}
	}
	if len(servers) == len(inv.servers) && len(cats) == len(inv.cats) {
		return inv
	}
	return New(cats, servers)
}

func (inv *Inventory) sum() string {
	h := sha256.New()
	number(h, len(inv.cats))
	for _, c := range inv.cats {
		texts(h, c.ID, c.Name, string(c.Level))
	}
	number(h, len(inv.servers))
	for i := range inv.servers {
		s := &inv.servers[i]
		texts(h, s.ID, s.IP, s.Serial, s.WIP, s.LIP, s.OS, s.App, s.Locate, s.CategoryID,
			s.Address, strconv.Itoa(s.Port), s.User, s.Jump, s.HostKey)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// texts hashes each text behind its length, so that no two lists of texts hash the same bytes.
func texts(h hash.Hash, list ...string) {
	for _, s := range list {
		number(h, len(s))
		h.Write([]byte(s))
	}
}

func number(h hash.Hash, n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

// index holds positions in the inventory's slices.
type index struct {
	ids      map[string]int
	names    map[string][]int // id, serial and every address
	apps     map[string][]int
	inCat    map[string][]int // category id -> servers
	catIDs   map[string]int
	catNames map[string][]int
}

func makeIndex(cats []Category, servers []Server) *index {
	x := &index{
		ids:      make(map[string]int, len(servers)),
		names:    make(map[string][]int, 3*len(servers)),
		apps:     make(map[string][]int),
		inCat:    make(map[string][]int),
		catIDs:   make(map[string]int, len(cats)),
		catNames: make(map[string][]int, len(cats)),
	}
	for i, c := range cats {
		if _, ok := x.catIDs[c.ID]; !ok {
			x.catIDs[c.ID] = i
		}
		x.catNames[c.Name] = append(x.catNames[c.Name], i)
	}
	for i := range servers {
		s := &servers[i]
		if _, ok := x.ids[s.ID]; !ok {
			x.ids[s.ID] = i
		}
		for _, n := range names(s) {
			if at := x.names[n]; n != "" && (len(at) == 0 || at[len(at)-1] != i) {
				x.names[n] = append(at, i)
			}
		}
		x.apps[s.App] = append(x.apps[s.App], i)
		x.inCat[s.CategoryID] = append(x.inCat[s.CategoryID], i)
	}
	return x
}

// names are the texts a plain name or a wildcard of an expression is compared with.
func names(s *Server) [6]string {
	return [6]string{s.ID, s.Serial, s.IP, s.LIP, s.WIP, s.Address}
}
