package demo

import (
	"golang.org/x/crypto/ssh"

	"omanager/app/engine"
	omssh "omanager/app/engine/ssh"
)

// Engine gives the SSH engine that reaches this fleet, under the name "demo". The caller closes it before the fleet.
func (f *Fleet) Engine() (engine.Engine, error) {
	e, err := omssh.New(omssh.Config{User: f.User(), Signers: []ssh.Signer{f.Signer()}})
	if err != nil {
		return nil, err
	}
	return named{e}, nil
}

type named struct{ engine.Engine }

// Name implements engine.Engine.
func (named) Name() string { return "demo" }
