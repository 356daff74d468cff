package account

// Observe calls f with every hash that is about to be evaluated or made, and whether a stranger asked for it.
func (s *Service) Observe(f func(stranger bool, hash string)) {
	s.hasher.around = func(stranger bool, hash string, work func()) {
		f(stranger, hash)
		work()
	}
}

// Around lets f do the work of every hash.
func (s *Service) Around(f func(stranger bool, work func())) {
	s.hasher.around = func(stranger bool, _ string, work func()) { f(stranger, work) }
}

// ForgetNonces is a server that does not remember which nonces were used.
func (s *Service) ForgetNonces() {
	s.nonces.mu.Lock()
	defer s.nonces.mu.Unlock()
	clear(s.nonces.used)
}
