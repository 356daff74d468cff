package login_test

import (
	"testing"

	"omanager/ui/login"
)

func TestFingerprintIsShownInGroups(t *testing.T) {
	for in, want := range map[string]string{
		"SHA256:dMGzvdzfBfPye0oGOfoRaWerTneqflBBuXPhqHGyQGg": "SHA256:\ndMGz vdzf BfPy e0oG OfoR aWer Tneq flBB\nuXPh qHGy QGg",
		"AB:CD:EF:01:23": "ABCD EF01 23",
		"":               "",
	} {
		if got := login.Grouped(in); got != want {
			t.Errorf("Grouped(%q) = %q, want %q", in, got, want)
		}
	}
}
