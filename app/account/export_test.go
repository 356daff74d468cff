package account

// Around lets f do, or leave out, the work of every hash that is about to be evaluated or made; left out, no password
// is right. stranger tells who asked for it.
func (s *Service) Around(f func(stranger bool, hash string, work func())) { s.around = f }

// ForgetNonces is a server that does not remember which nonces were used.
func (s *Service) ForgetNonces() {
	s.nonces.mu.Lock()
	defer s.nonces.mu.Unlock()
	clear(s.nonces.used)
}
