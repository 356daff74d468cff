package rpyc

import (
	"context"
	"errors"
	"fmt"
	"io"

	"omanager/app/problem"
)

// exception is what a client is told instead of a result; the connection stays.
type exception struct{ class, text string }

func (e *exception) Error() string { return e.class + ": " + e.text }

// answer puts the answer to one request into the buffer. An error ends the connection.
func (s *session) answer(ctx context.Context, m message) error {
	r, err := loadRequest(m.body)
	if err != nil {
		return err
	}
	result, err := s.handle(ctx, r)
	reply := message{kindReply, m.seq, result}
	var ex *exception
	switch {
	case errors.As(err, &ex):
		reply = message{kindException, m.seq, dumpException(ex.class, ex.text, s.isBytes)}
	case err != nil:
		return err
	}
	data, err := s.dialect.encode(reply)
	if err != nil {
		return err
	}
	return s.w.write(data)
}

// handle is all that a client can reach. The result is boxed.
func (s *session) handle(ctx context.Context, r request) (tuple, error) {
	switch {
	case r.handler == handleClose:
		return nil, io.EOF
	case r.handler == handleGetRoot && len(r.args) == 0:
		return root.ref(), nil
	case r.handler == handlePing && len(r.args) == 1 && plain(r.args[0]):
		return boxValue(r.args[0]), nil
	case len(r.args) == 0:
		return nil, denied()
	}
	o, ok := objectOf(r.args[0])
	if !ok {
		return nil, denied()
	}
	switch args := r.args[1:]; {
	case r.handler == handleDel:
		return boxValue(nil), nil
	case r.handler == handleInspect && len(args) == 0:
		return boxValue(o.methods()), nil
	case r.handler == handleGetAttr && len(args) == 1:
		found, err := s.attribute(o, args[0])
		if err != nil {
			return nil, err
		}
		return found.ref(), nil
	case r.handler == handleCall && (len(args) == 1 || len(args) == 2):
		return s.call(ctx, o, args)
	case r.handler == handleCallAttr && (len(args) == 2 || len(args) == 3):
		found, err := s.attribute(o, args[0])
		if err != nil {
			return nil, err
		}
		return s.call(ctx, found, args[1:])
	}
	return nil, denied()
}

func denied() error { return &exception{"AttributeError", "access denied"} }

func (s *session) attribute(o object, v any) (object, error) {
	name, isBytes, ok := text(v)
	if !ok {
		return "", &exception{"TypeError", "name must be a string"}
	}
	s.isBytes = isBytes
	found, ok := attribute(o, name)
	if !ok {
		return "", &exception{"AttributeError", fmt.Sprintf("cannot access %.80q", name)}
	}
	return found, nil
}

// call calls one of the two methods with text and nothing else: (arguments, keywords).
func (s *session) call(ctx context.Context, o object, args tuple) (tuple, error) {
	positional, ok := args[0].(tuple)
	if len(args) == 2 {
		if keywords, isTuple := args[1].(tuple); !isTuple || len(keywords) > 0 {
			ok = false
		}
	}
	texts := make([]string, len(positional))
	var isBytes bool
	for i, a := range positional {
		var isText bool
		texts[i], isBytes, isText = text(a)
		ok = ok && isText
	}
	ctx, cancel := context.WithTimeout(ctx, s.lim.CallTime)
	defer cancel()
	switch {
	case ok && o == login && len(texts) == 2:
		return boxValue(nil), s.login(ctx, texts[0], texts[1])
	case ok && o == runcommands && len(texts) == 1:
		out, err := s.run(ctx, texts[0])
		if err != nil {
			return nil, fault(err)
		}
		return boxValue(textLike(out, isBytes)), nil
	}
	return nil, &exception{"TypeError", "login takes two strings, Runcommands one"}
}

func (s *session) login(ctx context.Context, user, password string) error {
	if s.logins++; s.logins > s.lim.Logins {
		return ErrLogins
	}
	s.operand, s.refused = s.handler.Login(ctx, s.source, user, password)
	s.inside.Store(s.refused == nil)
	return nil
}

func (s *session) run(ctx context.Context, envelope string) (string, error) {
	if s.refused != nil {
		return s.handler.Refuse(ctx, s.refused)
	}
	if err := s.out.Flush(); err != nil { // earlier answers do not wait for a long job
		return "", err
	}
	return s.handler.Runcommands(ctx, s.operand, envelope)
}

// fault keeps the inside of the server from the client, except for what is written for people.
func fault(err error) error {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return &exception{"RuntimeError", p.Error()}
	}
	return &exception{"RuntimeError", "the control server had a fault"}
}
