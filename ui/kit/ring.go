package kit

// lineBytes is the room for a line on average: past capacity times this, the oldest go even if lines are few.
const lineBytes = 256

// ring keeps the last lines, by number and by bytes.
type ring struct {
	capacity int
	lines    []Line
	head     int // lines before it are gone
	bytes    int
	gone     int
}

func newRing(capacity int) ring { return ring{capacity: max(1, capacity)} }

func (r *ring) len() int { return len(r.lines) - r.head }

func (r *ring) add(l Line) {
	r.lines = append(r.lines, l)
	r.bytes += len(l.Text)
	for r.len() > r.capacity || r.bytes > r.capacity*lineBytes && r.len() > 1 {
		r.bytes -= len(r.lines[r.head].Text)
		r.lines[r.head] = Line{}
		r.head++
		r.gone++
	}
	if r.head > len(r.lines)/2 {
		n := copy(r.lines, r.lines[r.head:])
		clear(r.lines[n:])
		r.lines, r.head = r.lines[:n], 0
	}
}

func (r *ring) at(i int) Line {
	if i < 0 || i >= r.len() {
		return Line{}
	}
	return r.lines[r.head+i]
}
