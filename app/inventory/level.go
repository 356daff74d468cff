package inventory

// Level is how much care a category's servers ask for. With a module's danger it decides what the control server asks
// before it starts a job.
type Level string

// The levels, from the lowest.
const (
	Normal   Level = "normal"
	Guarded  Level = "guarded"
	Critical Level = "critical"
)

// rank orders the levels; what is no level counts as the strictest, nothing at all as normal.
func (l Level) rank() int {
	switch l {
	case "", Normal:
		return 0
	case Guarded:
		return 1
	}
	return 2
}

// ParseLevel reads a level as a file or a message has it: nothing means Normal, and what is not understood gives the
// strictest level and false.
func ParseLevel(s string) (Level, bool) {
	l := Level(s)
	switch {
	case s == "":
		return Normal, true
	case l == Normal || l == Guarded || l == Critical:
		return l, true
	}
	return Critical, false
}

// Level is the highest level among the categories of these servers. A server that is not in the inventory counts as
// critical: nobody knows better.
func (inv *Inventory) Level(servers ...Server) Level {
	highest := Normal
	for i := range servers {
		l := Critical
		if at, ok := inv.index().catIDs[servers[i].CategoryID]; ok {
			l = inv.cats[at].Level
		}
		if l.rank() > highest.rank() {
			highest = l
		}
	}
	return highest
}
