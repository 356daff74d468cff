package account_test

import (
	"crypto/ed25519"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"omanager/app/account"
)

// work notes the costs of each hash that a login evaluates, without salt and tag.
type work struct {
	mu   sync.Mutex
	done []string
}

func (r *rig) work() *work {
	w := &work{}
	r.Around(func(stranger bool, hash string, work func()) {
		w.mu.Lock()
		w.done = append(w.done, fmt.Sprint(stranger, " ", hash[:strings.LastIndexByte(hash[:strings.LastIndexByte(hash, '$')], '$')]))
		w.mu.Unlock()
		if !stranger { // theirs fits no password: what it would cost is noted
			work()
		}
	})
	return w
}

func (w *work) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.done
	w.done = nil
	return out
}

// TestA15UnknownNamesCostTheSame: what a login without the operator's key file makes the server do does not tell
// whether the name is known. The full test below measures the time; this one what is done with it.
func TestA15UnknownNamesCostTheSame(t *testing.T) {
	o := unthrottled()
	r := newRig(t, o)
	older, err := account.HashPassword(password, account.Params{Memory: 20 << 10, Time: 3, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	r.change(func(o *account.Operator) { o.Name, o.Disabled = "gone", true })
	r.change(func(o *account.Operator) { o.Name, o.Password = "broken", "junk" })
	r.change(func(o *account.Operator) { o.Name, o.PublicKey = "nokey", nil })
	r.change(func(o *account.Operator) { o.Name, o.Password = "older", older })
	w := r.work()
	stranger := newKey(t)
	seen := make(map[string][]string)
	for _, name := range []string{"demo", "gone", "broken", "nokey", "older", "nobody", "", "DEMO", "' or 1=1 -- ", strings.Repeat("x", 10_000)} {
		for _, pw := range []string{password, "wrong", "", strings.Repeat("x", 1<<20)} {
			_, err := r.login(name, pw, stranger)
			what := fmt.Sprintf("%s after %v", err, w.take())
			seen[what] = append(seen[what], fmt.Sprintf("%.12q/%.8q", name, pw))
		}
	}
	if len(seen) != 1 {
		t.Errorf("strangers are told different things: %v", seen)
	}
	// The control: the same look at a login that may differ sees the difference.
	_, _ = r.login("older", "wrong", mustSign(t, r, "older"))
	if got := fmt.Sprint(w.take()); !strings.Contains(got, "m=20480,t=3") {
		t.Errorf("the key file's holder costs %s: this test does not see costs", got)
	}
	for _, pw := range []string{"wrong", "", strings.Repeat("x", 1<<20)} {
		for _, name := range []string{"demo", "gone", "broken"} {
			if _, err := r.login(name, pw, mustSign(t, r, name)); code(err) != "login_refused" || len(w.take()) != 1 {
				t.Errorf("%s with the key and a wrong password: %v", name, err)
			}
		}
	}
}

// mustSign gives the key of any of the rig's operators: they share it.
func mustSign(t *testing.T, r *rig, name string) ed25519.PrivateKey {
	t.Helper()
	if o, err := r.store.Store.Operator(t.Context(), name); err != nil || !slices.Equal(o.PublicKey, r.key.Public().(ed25519.PublicKey)) {
		t.Fatalf("operator %s has another key, %v", name, err)
	}
	return r.key
}

// TestA15Timing measures 2 x 500 logins, interleaved; with OMANAGER_FULL=1 on a machine that does little else.
func TestA15Timing(t *testing.T) {
	if os.Getenv("OMANAGER_FULL") == "" {
		t.Skip("SKIPPED: a measurement; set OMANAGER_FULL=1")
	}
	const n = 500
	r := newRig(t, unthrottled())
	stranger := newKey(t)
	login := func(name string) func() {
		return func() { _, _ = r.login(name, "wrong", stranger) }
	}
	hash, err := account.HashPassword(password, account.FloorParams())
	if err != nil {
		t.Fatal(err)
	}
	one := func() { _, _ = account.VerifyPassword(hash, "wrong") }
	naive := func() { // a server that looks the name up first
		if _, err := r.store.Operator(t.Context(), "nobody"); err == nil {
			one()
		}
	}
	known, unknown := interleaved(n, login("demo"), login("nobody"))
	plain, _ := interleaved(n/5, one, func() {})
	gap := math.Abs(float64(median(known)-median(unknown))) / float64(median(plain))
	d := distance(known, unknown)
	t.Logf("known %v, unknown %v, one hash %v: a gap of %.2f %%, KS distance %.3f", median(known), median(unknown), median(plain), 100*gap, d)
	if gap >= 0.05 {
		t.Errorf("the medians differ by %.1f %% of a hash", 100*gap)
	}
	// 1.95 sqrt(2/n) is passed by equal distributions in one of a thousand measurements.
	if limit := 1.95 * math.Sqrt(2.0/n); d >= limit {
		t.Errorf("the distributions differ: distance %.3f, at most %.3f", d, limit)
	}
	fast, slow := interleaved(n/5, naive, one)
	if gap := float64(median(slow)-median(fast)) / float64(median(plain)); gap < 0.05 || distance(fast, slow) < 0.5 {
		t.Errorf("a server that looks the name up first differs by %.1f %% only: this test proves nothing", 100*gap)
	}
}

func interleaved(n int, a, b func()) (as, bs []time.Duration) {
	for range n {
		for _, s := range []struct {
			f  func()
			to *[]time.Duration
		}{{a, &as}, {b, &bs}} {
			began := time.Now()
			s.f()
			*s.to = append(*s.to, time.Since(began))
		}
	}
	return as, bs
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}

// distance is the Kolmogorov-Smirnov statistic: the largest gap between the two distributions.
func distance(a, b []time.Duration) (most float64) {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	for _, v := range slices.Concat(a, b) {
		i, _ := slices.BinarySearch(a, v+1)
		j, _ := slices.BinarySearch(b, v+1)
		most = max(most, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return most
}
