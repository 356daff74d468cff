package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// killTimeout bounds the whole of a cancellation on one host.
const killTimeout = 30 * time.Second

var (
	errAlive = errors.New("it is still running")
	errNoPid = errors.New("the server never said which process it is")
)

// killOn runs Killer on a connection and reads its verdict.
func killOn(ctx context.Context, c *conn, pid, mark string) error {
	ch, reqs, err := openSession(c, openTimeout)
	if err != nil {
		return fmt.Errorf("open a second session: %s", cause(err))
	}
	discarded := make(chan struct{})
	go func() {
		defer close(discarded)
		ssh.DiscardRequests(reqs)
	}()
	stop := context.AfterFunc(ctx, func() { _ = c.client.Close() })
	answer, err := ask(ch, pid, mark)
	_ = ch.Close()
	<-discarded
	stop()
	switch {
	case ctx.Err() != nil:
		return errors.New("no answer in time")
	case strings.HasPrefix(answer, "OM1 gone"):
		return nil
	case strings.HasPrefix(answer, "OM1 alive"):
		return errAlive
	case err != nil:
		return fmt.Errorf("ask what is left: %s", cause(err))
	}
	return errors.New("the server gave no verdict")
}

func ask(ch ssh.Channel, pid, mark string) (string, error) {
	ok, err := ch.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{Killer}))
	if err != nil {
		return "", err
	}
	if !ok {
		return "", errors.New("the server refused a second command")
	}
	if _, err := io.WriteString(ch, pid+"\n"+mark+"\n"); err != nil {
		return "", err
	}
	_ = ch.CloseWrite()
	out, err := io.ReadAll(io.LimitReader(ch, 4096))
	// A login shell may print before the verdict.
	if i := strings.Index(string(out), "OM1 "); i >= 0 {
		out = out[i:]
	}
	return string(out), err
}
