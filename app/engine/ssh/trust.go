package ssh

import (
	"net"

	"golang.org/x/crypto/ssh"
)

// shown is the host key that a connection was made with.
type shown struct {
	addr   string
	pinned bool // the inventory names the key, and a changed one is another target
	remote net.Addr
	key    ssh.PublicKey
	err    error // why it was refused
}

// warm gives a standing connection whose host key, and those of the jump hosts on its way, are still the ones to
// expect; or nil. What is not trusted any more serves its present users to their end and is given to nobody else.
func (p *pool) warm(s *slot, limit int) (*conn, error) {
	check, state, err := p.known.load()
	if err != nil {
		return nil, err
	}
	for {
		c, ask := p.pick(s, limit, state)
		if c == nil || len(ask) == 0 {
			return c, nil
		}
		good := true
		for _, hop := range ask {
			ok := hop.shown.pinned || check(hop.shown.addr, hop.shown.remote, hop.shown.key) == nil
			p.judge(hop, state, ok)
			good = good && ok
		}
		if good {
			return c, nil
		}
		p.judge(c, state, false)
		p.release(c)
	}
}

// pick takes a connection with room for one more user, and lists those on its way that were not looked at since
// known_hosts changed.
func (p *pool) pick(s *slot, limit, state int) (*conn, []*conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range s.conns {
		if c.users >= limit || c.refused || c.dead() {
			continue
		}
		c.users++
		var ask []*conn
		for hop := c; hop != nil; hop = hop.via {
			if hop.state != state || hop.refused {
				ask = append(ask, hop)
			}
		}
		return c, ask
	}
	return nil, nil
}

func (p *pool) judge(c *conn, state int, trusted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.state, c.refused = state, c.refused || !trusted
}
