package author

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"omanager/modules"
)

var slugMarks = regexp.MustCompile(`[^\p{L}\p{N}]+`)

const newForm = `<?xml version="1.0" encoding="UTF-8"?>
<resource xmlns="http://www.wxwidgets.org/wxxrc" version="2.5.3.0">
  <object class="wxPanel" name="panel">
    <size>420,220</size>
    <object class="wxStaticText" name="help">
      <label>Help</label>
      <pos>20,16</pos>
    </object>
    <object class="wxStaticText" name="Parameter1_object_id_label">
      <label>Limit</label>
      <pos>20,50</pos>
    </object>
    <object class="wxSpinCtrl" name="Parameter1_object_id">
      <pos>20,74</pos>
      <size>120,-1</size>
      <value>80</value>
      <min>1</min>
      <max>100</max>
    </object>
  </object>
</resource>
`

const newManifest = `titles: {en: %[1]s, zh: %[1]s}
help:
  en: Shows file systems that are filled above a limit.
  zh: 显示使用率超过阈值的文件系统。
danger: low # low: runs at once; medium, high: must be confirmed
idempotent: true
timeout: 30s
results:
  table:
    separator: " "
    columns:
      - {name: filesystem, titles: {en: File system, zh: 文件系统}}
      - {name: used, type: percent, titles: {en: Used, zh: 使用率}}
      - {name: mount, titles: {en: Mounted on, zh: 挂载点}}
params:
  - name: percent
    control: Parameter1_object_id # of form.xrc
    type: int
    labels: {en: "Limit, %%", zh: 阈值（%%）}
    help: {en: 1 to 100, zh: 1 到 100}
    default: 80
    min: 1
    max: 100
`

const newTask = `#!/bin/sh
# Parameters are variables OM_<name> and JSON on standard input. Quote them; never use eval.
set -u
df -P | while read -r filesystem _ _ _ used mount; do
  case "$used" in
    [0-9]*%) test "${used%\%}" -ge "$OM_percent" && echo "$filesystem $used $mount" ;;
  esac
done
exit 0
`

// New makes a module folder that works, below dir, and returns its path.
func New(dir, category, id, title string) (string, error) {
	slug := strings.Trim(strings.ToLower(slugMarks.ReplaceAllString(title, "_")), "_")
	quoted, err := yaml.Marshal(title)
	if err != nil {
		return "", err
	}
	name := category + "_" + id + "_" + slug
	return write(dir, name, map[string][]byte{
		"form.xrc": []byte(newForm), "module.yaml": fmt.Appendf(nil, newManifest, strings.TrimSpace(string(quoted))), "ssh.sh": []byte(newTask),
	})
}

// write makes a module folder whole or not at all: what does not load is not written, what is there stays.
func write(dir, name string, files map[string][]byte) (string, error) {
	if _, err := modules.ParseFolder(name, files); err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	if _, err := os.Lstat(path); err == nil {
		return "", fmt.Errorf("%s is there already: %w", path, os.ErrExist)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(dir, ".new-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // gone already if renamed
	for file, body := range files {
		mode := os.FileMode(0o644)
		if file == "ssh.sh" {
			mode = 0o755
		}
		err = errors.Join(err, os.WriteFile(filepath.Join(tmp, file), body, mode))
	}
	if err = errors.Join(err, os.Chmod(tmp, 0o755)); err != nil { //nolint:gosec // modules are no secret
		return "", err
	}
	return path, os.Rename(tmp, path)
}
