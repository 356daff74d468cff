package modules

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"omanager/app/problem"
	"omanager/modules/xrc"
)

// The bounds of one folder.
const (
	maxFiles = 64
	maxFile  = 4 << 20
	maxTotal = 8 << 20
)

const (
	manifestFile = "module.yaml"
	formFile     = "form.xrc"
)

var (
	folderName = regexp.MustCompile(`\A(bas|app|dba|ser|mid)_([1-9][0-9]{0,8})_([^\x00-\x1f\x7f/\\:]{1,100})\z`)
	engineName = regexp.MustCompile(`\A[a-z]{1,20}\z`)
)

// taskFiles names the file of each engine's task.
func taskFiles() map[string]string {
	return map[string]string{"ssh": "ssh.sh", "ansible": "ansible.yml", "salt": "salt.sls"}
}

// ParseFolder loads a module folder, whose name is <category>_<id>_<slug>. Its error is a *problem.Error.
func ParseFolder(folder string, files map[string][]byte) (*Module, error) {
	m, err := parseFolder(folder, files)
	if err != nil {
		return nil, bad(folder, err)
	}
	if err := m.readTasks(); err != nil {
		return nil, bad(folder, err)
	}
	return m, nil
}

// ParseBare loads a legacy form called <category>_<id>_<name>.xrc: a module without a task, whose parameters are
// the controls Parameter1_object_id and Parameter2_object_id. Its error is a *problem.Error.
func ParseBare(name string, data []byte) (*Module, error) {
	m, err := parseBare(name, map[string][]byte{name: data})
	if err != nil {
		return nil, bad(name, err)
	}
	return m, nil
}

// ParseWire loads what a control server sends: the same files without tasks. The engines and the hash are the
// server's word. Its error is a *problem.Error.
func ParseWire(folder string, files map[string][]byte, engines []string, hash string) (*Module, error) {
	parse := parseFolder
	if isBare(folder) {
		parse = parseBare
	}
	files, offers := splitOffers(files)
	m, err := parse(folder, files)
	if err != nil {
		return nil, bad(folder, err)
	}
	m.offer(offers)
	m.Hash = hash
	m.Tasks = map[string]Task{}
	for _, e := range engines {
		if !engineName.MatchString(e) || len(m.Tasks) > 20 {
			return nil, bad(folder, fmt.Errorf("engine name %q is not usable", e))
		}
		m.Tasks[e] = Task{}
	}
	return m, nil
}

func bad(folder string, err error) *problem.Error {
	return problem.Wrap(err, "module_bad", "folder", folder, "cause", err.Error())
}

func isBare(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".xrc") }

// begin checks name and sizes.
func begin(name, folder string, files map[string][]byte) (*Module, error) {
	if !utf8.ValidString(name) {
		return nil, errors.New("its name is not UTF-8")
	}
	parts := folderName.FindStringSubmatch(folder)
	if parts == nil {
		return nil, errors.New("its name must be CATEGORY_ID_NAME with category bas, app, dba, ser or mid, such as bas_1001_system_log")
	}
	if len(files) > maxFiles {
		return nil, fmt.Errorf("it has %d files, at most %d", len(files), maxFiles)
	}
	total := 0
	for f, data := range files {
		if len(data) > maxFile {
			return nil, fmt.Errorf("%s has %d bytes, at most %d", f, len(data), maxFile)
		}
		total += len(data)
	}
	if total > maxTotal {
		return nil, fmt.Errorf("its files have %d bytes together, at most %d", total, maxTotal)
	}
	return &Module{
		Folder: name, Category: parts[1], ID: parts[2], Slug: parts[3],
		Files: maps.Clone(files), Hash: hashFiles(files), Tasks: map[string]Task{},
	}, nil
}

func parseFolder(folder string, files map[string][]byte) (*Module, error) {
	m, err := begin(folder, folder, files)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{manifestFile, formFile} {
		if _, has := files[name]; !has {
			return nil, fmt.Errorf("%s is missing", name)
		}
	}
	if m.Form, err = xrc.Parse(files[formFile]); err != nil {
		return nil, fmt.Errorf("%s: %w", formFile, err)
	}
	f, err := readManifest(files[manifestFile])
	if err != nil {
		return nil, err
	}
	return m, f.apply(m)
}

func parseBare(name string, files map[string][]byte) (*Module, error) {
	if !isBare(name) {
		return nil, errors.New("its name does not end in .xrc")
	}
	m, err := begin(name, name[:len(name)-len(".xrc")], files)
	if err != nil {
		return nil, err
	}
	data, has := files[name]
	if !has {
		return nil, errors.New("the form is missing")
	}
	if m.Form, err = xrc.Parse(data); err != nil {
		return nil, err
	}
	m.Titles = map[string]string{"zh": m.Slug}
	m.Danger = Medium
	m.Params = deriveParams(m.Form)
	return m, nil
}

func (m *Module) readTasks() error {
	for engine, file := range taskFiles() {
		body, has := m.Files[file]
		if !has {
			continue
		}
		if err := checkTask(file, body); err != nil {
			return err
		}
		m.Tasks[engine] = Task{File: file, Body: body}
	}
	return nil
}

func checkTask(file string, body []byte) error {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return fmt.Errorf("%s is empty", file)
	case bytes.IndexByte(body, 0) >= 0:
		return fmt.Errorf("%s holds a NUL byte", file)
	case file == "ssh.sh" && !bytes.HasPrefix(body, []byte("#!")):
		return fmt.Errorf("%s does not start with \"#!\" and an interpreter", file)
	case file == "ssh.sh" && bytes.Contains(body, []byte("\r\n")):
		return fmt.Errorf("%s has Windows line ends, which a shell does not take", file)
	case file == "ansible.yml":
		if err := yaml.Unmarshal(body, &yaml.Node{}); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// hashFiles is the SHA-256 over names and contents in the order of names, each preceded by its length.
func hashFiles(files map[string][]byte) string {
	h := sha256.New()
	part := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part([]byte(name))
		part(files[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}
