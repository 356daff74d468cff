package serve

import "omanager/rpc/server"

// WithPolicy is for negative controls: a server whose policy is weaker than the real one.
func WithPolicy(o Options, p server.Policy) Options {
	o.policy = p
	return o
}
