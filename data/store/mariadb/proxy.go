package mariadb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
)

// Cut is what the proxy does to a connection at its COMMIT.
type Cut int

// The cuts.
const (
	None       Cut = iota
	DropAnswer     // COMMIT is done, the answer is lost
	DropCommit     // COMMIT is lost with both connections
	HoldCommit     // COMMIT is lost, and the server does not learn that the client is gone
	LateCommit     // the client is cut off; COMMIT arrives after another connection began to wait for the lock
)

const (
	comQuery   = 0x03
	comExecute = 0x17
)

// Proxy stands between a client and the server.
type Proxy struct {
	Socket string

	to string
	l  net.Listener
	wg sync.WaitGroup

	mu    sync.Mutex
	cut   Cut
	after int      // COMMITs that pass before the cut
	stay  bool     // the next cut is the beginning of an absence
	away  bool     // nobody gets through
	cuts  int      // done
	late  net.Conn // whose COMMIT is kept back
	held  []byte   // that COMMIT
	open  map[net.Conn]bool
}

// NewProxy listens beside the server's socket; Close ends it.
func (s *Server) NewProxy() (*Proxy, error) {
	p := &Proxy{Socket: filepath.Join(s.Dir, "proxy"), to: s.Socket, open: make(map[net.Conn]bool)}
	var err error
	if p.l, err = net.Listen("unix", p.Socket); err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	p.wg.Go(p.accept)
	return p, nil
}

// CutNext cuts at a COMMIT to come, after some that pass.
func (p *Proxy) CutNext(c Cut, after int) {
	p.mu.Lock()
	p.cut, p.after = c, after
	p.mu.Unlock()
}

// VanishNext is CutNext with no way to the server from then on, until Return.
func (p *Proxy) VanishNext(c Cut, after int) {
	p.mu.Lock()
	p.cut, p.after, p.stay = c, after, true
	p.mu.Unlock()
}

// Return lets new connections through again.
func (p *Proxy) Return() {
	p.mu.Lock()
	p.away = false
	p.mu.Unlock()
}

// Cuts is how many connections were cut.
func (p *Proxy) Cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

// Close ends every connection and waits for them.
func (p *Proxy) Close() error {
	err := p.l.Close()
	p.mu.Lock()
	for c := range p.open {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		server, err := p.dial()
		if err != nil {
			_ = client.Close()
			continue
		}
		p.keep(client, server)
		k := &link{p: p, client: client, server: server}
		p.wg.Go(k.up)
		p.wg.Go(k.down)
	}
}

func (p *Proxy) dial() (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return nil, net.ErrClosed
	}
	return net.Dial("unix", p.to)
}

func (p *Proxy) keep(all ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range all {
		p.open[c] = true
	}
}

func (p *Proxy) drop(all ...net.Conn) {
	for _, c := range all {
		_ = c.Close()
		p.mu.Lock()
		delete(p.open, c)
		p.mu.Unlock()
	}
}

// take is the cut for the COMMIT that has come on the link.
func (p *Proxy) take(k *link) Cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.cut
	if c == None {
		return None
	}
	if p.after > 0 {
		p.after--
		return None
	}
	p.cut = None
	p.cuts++
	if p.stay {
		p.stay, p.away = false, true
		for other := range p.open {
			if other != k.client && other != k.server {
				_ = other.Close()
			}
		}
	}
	return c
}

// release sends a COMMIT that was kept back, and then lets its server see that the client is gone.
func (p *Proxy) release() {
	p.mu.Lock()
	c, packet := p.late, p.held
	p.late, p.held = nil, nil
	p.mu.Unlock()
	if c != nil {
		_, _ = c.Write(packet)
		p.drop(c)
	}
}

// link is one client's connection.
type link struct {
	p              *Proxy
	client, server net.Conn

	mu       sync.Mutex
	deaf     bool // what the server says is lost, and then both connections end
	orphaned bool // the server's connection outlives the client's
}

// up passes the client's packets on until one is to be cut.
func (k *link) up() {
	defer k.end()
	locking := false
	for {
		packet, err := readPacket(k.client)
		if err != nil {
			return
		}
		if len(packet) > 5 && packet[4] == comQuery && bytes.EqualFold(packet[5:], []byte("COMMIT")) {
			if c := k.p.take(k); c != None {
				k.apply(c, packet)
				return
			}
		}
		if _, err := k.server.Write(packet); err != nil {
			return
		}
		if locking && len(packet) > 4 && packet[4] == comExecute {
			k.p.release()
		}
		locking = locking || bytes.Contains(packet, []byte("WHERE token = ? LOCK IN SHARE MODE"))
	}
}

func (k *link) apply(c Cut, packet []byte) {
	k.mu.Lock()
	k.deaf = c == DropAnswer
	k.orphaned = c != DropCommit
	k.mu.Unlock()
	switch c {
	case DropAnswer:
		_, _ = k.server.Write(packet) // down ends the connections when the answer has come
	case LateCommit:
		k.p.mu.Lock()
		k.p.late, k.p.held = k.server, packet
		k.p.mu.Unlock()
		k.p.drop(k.client)
	case HoldCommit:
		k.p.drop(k.client)
	case DropCommit, None:
	}
}

func (k *link) end() {
	k.mu.Lock()
	orphaned := k.orphaned
	k.mu.Unlock()
	if !orphaned {
		k.p.drop(k.client, k.server)
	}
}

// down passes the server's bytes on.
func (k *link) down() {
	buf := make([]byte, 64<<10)
	for {
		n, err := k.server.Read(buf)
		k.mu.Lock()
		deaf := k.deaf
		k.mu.Unlock()
		if err == nil && !deaf {
			_, err = k.client.Write(buf[:n])
		}
		if err != nil || deaf {
			k.p.drop(k.client, k.server)
			return
		}
	}
}

// readPacket reads one packet of the MySQL protocol with its header.
func readPacket(r io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	packet := make([]byte, 4+int(binary.LittleEndian.Uint32(head)&0xffffff))
	copy(packet, head)
	_, err := io.ReadFull(r, packet[4:])
	return packet, err
}
