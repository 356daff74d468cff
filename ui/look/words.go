package look

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"fyne.io/fyne/v2/lang"

	"omanager/assets"
)

// Languages the console speaks.
const (
	English = "en"
	Chinese = "zh"
)

// Languages lists the languages, the fall-back first.
func Languages() []string { return []string{English, Chinese} }

// SystemLanguage is the language of the person's system, English when it is none of ours.
func SystemLanguage() string {
	if strings.HasPrefix(strings.ToLower(lang.SystemLocale().LanguageString()), Chinese) {
		return Chinese
	}
	return English
}

// Words is the catalogue of the console's texts in the language chosen. Fyne has no switch of language at run
// time, so this is our own. It is safe for use from any goroutine; listeners run on the caller of SetLanguage.
type Words struct {
	mu        sync.RWMutex
	language  string
	catalogue map[string]map[string]string
	listeners map[int]func()
	next      int
}

// NewWords loads the built-in catalogues and chooses a language; an unknown one is English.
func NewWords(language string) *Words {
	w := &Words{catalogue: map[string]map[string]string{}, listeners: map[int]func(){}}
	for _, l := range Languages() {
		w.catalogue[l], _ = loadCatalogue(l) // a test holds that both load; a lost one shows its keys
	}
	w.language = known(language)
	return w
}

func known(language string) string {
	if language == Chinese {
		return Chinese
	}
	return English
}

func loadCatalogue(language string) (map[string]string, error) {
	b, err := assets.Translation(language)
	if err != nil {
		return nil, err
	}
	m := map[string]string{}
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("read catalogue %s: %w", language, err)
	}
	return m, nil
}

// T is the text of a key. Args are name, value pairs that fill {name} places: T("tree.count", "n", 3).
// A key without a text is returned as it is.
func (w *Words) T(key string, args ...any) string {
	w.mu.RLock()
	s, ok := w.catalogue[w.language][key]
	w.mu.RUnlock()
	if !ok {
		return key
	}
	if len(args) == 0 {
		return s
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(args[i])+"}", fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Has reports whether the chosen language has a text for the key.
func (w *Words) Has(key string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	_, ok := w.catalogue[w.language][key]
	return ok
}

// Language is the language chosen.
func (w *Words) Language() string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.language
}

// SetLanguage chooses a language and tells every listener, on this goroutine, if it changed.
func (w *Words) SetLanguage(language string) {
	w.mu.Lock()
	language = known(language)
	changed := language != w.language
	w.language = language
	calls := make([]func(), 0, len(w.listeners))
	for i := 0; changed && i < w.next; i++ {
		if f, ok := w.listeners[i]; ok {
			calls = append(calls, f)
		}
	}
	w.mu.Unlock()
	for _, f := range calls {
		f()
	}
}

// OnChange registers a listener for a change of language, called in the order of registration until stop.
func (w *Words) OnChange(f func()) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := w.next
	w.next++
	w.listeners[id] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.listeners, id)
	}
}
