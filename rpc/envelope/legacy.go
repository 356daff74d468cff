package envelope

import (
	"crypto/rc4"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const rc4Salt = 16

// SealRC4 makes a legacy envelope: base64(salt || RC4(SHA1(key || salt), plaintext)). It neither authenticates
// nor stops replay: use it only towards a legacy peer, inside a trusted channel. The salt must be random.
func SealRC4(key []byte, salt [rc4Salt]byte, plaintext []byte) string {
	out := make([]byte, rc4Salt+len(plaintext))
	copy(out, salt[:])
	xorRC4(out[rc4Salt:], plaintext, key, salt[:])
	return base64.StdEncoding.EncodeToString(out)
}

// OpenRC4 reads a legacy envelope. A wrong key gives garbage, not an error.
func OpenRC4(key []byte, env string) ([]byte, error) {
	if len(env) > base64.StdEncoding.EncodedLen(rc4Salt+MaxPlaintext) {
		return nil, fmt.Errorf("open legacy envelope of %d characters: %w: too large", len(env), ErrFormat)
	}
	raw, err := base64.StdEncoding.DecodeString(env)
	if err != nil {
		return nil, fmt.Errorf("open legacy envelope: %w: not base64", ErrFormat)
	}
	if len(raw) < rc4Salt {
		return nil, fmt.Errorf("open legacy envelope of %d bytes: %w: too short", len(raw), ErrFormat)
	}
	out := make([]byte, len(raw)-rc4Salt)
	xorRC4(out, raw[rc4Salt:], key, raw[:rc4Salt])
	return out, nil
}

func xorRC4(dst, src, key, salt []byte) {
	sum := sha1.Sum(append(append(make([]byte, 0, len(key)+len(salt)), key...), salt...))
	// A key of 20 bytes is always in RC4's range, so there is no error to pass on.
	c, _ := rc4.NewCipher(sum[:])
	c.XORKeyStream(dst, src)
}

// What the job text refuses.
var (
	ErrDelimiter = errors.New("value cannot be carried by the legacy wire")
	ErrJobText   = errors.New("not a legacy job")
)

const (
	fieldSep  = "@@"
	maxParams = 2
)

// JobHost is a server as the legacy job text names it.
type JobHost struct {
	LIP    string
	Serial string
}

// Job is a legacy job: module id (digits), one or more hosts, at most two parameters.
type Job struct {
	Module string
	Hosts  []JobHost
	Params []string
}

// FormatJob writes id@@lip*serial,...@@p1@@p2@@. What ParseJob would not read back the same is refused.
func FormatJob(j Job) (string, error) {
	if err := j.check(); err != nil {
		return "", fmt.Errorf("format legacy job: %w", err)
	}
	hosts := make([]string, len(j.Hosts))
	for i, h := range j.Hosts {
		hosts[i] = h.LIP + "*" + h.Serial
	}
	fields := append([]string{j.Module, strings.Join(hosts, ",")}, j.Params...)
	return strings.Join(fields, fieldSep) + fieldSep, nil
}

// ParseJob reads what FormatJob writes and nothing else.
func ParseJob(text string) (Job, error) {
	fields := strings.Split(text, fieldSep)
	last := len(fields) - 1
	if last < 2 || fields[last] != "" {
		return Job{}, fmt.Errorf("parse legacy job: %w: %d fields", ErrJobText, len(fields))
	}
	j := Job{Module: fields[0]}
	for h := range strings.SplitSeq(fields[1], ",") {
		lip, serial, ok := strings.Cut(h, "*")
		if !ok {
			return Job{}, fmt.Errorf("parse legacy job: %w: host %.80q has no *", ErrJobText, h)
		}
		j.Hosts = append(j.Hosts, JobHost{LIP: lip, Serial: serial})
	}
	if last > 2 {
		j.Params = fields[2:last]
	}
	if err := j.check(); err != nil {
		return Job{}, fmt.Errorf("parse legacy job: %w: %w", ErrJobText, err)
	}
	return j, nil
}

func (j Job) check() error {
	if j.Module == "" || len(j.Module) > 16 || strings.Trim(j.Module, "0123456789") != "" {
		return fmt.Errorf("%w: module id %.40q is not a number", ErrDelimiter, j.Module)
	}
	if len(j.Hosts) == 0 {
		return fmt.Errorf("%w: no host", ErrDelimiter)
	}
	for _, h := range j.Hosts {
		if h.LIP == "" || !plainHost(h.LIP) || !plainHost(h.Serial) {
			return fmt.Errorf("%w: host %.80q*%.80q", ErrDelimiter, h.LIP, h.Serial)
		}
	}
	if len(j.Params) > maxParams {
		return fmt.Errorf("%w: %d parameters", ErrDelimiter, len(j.Params))
	}
	for i, p := range j.Params {
		if strings.Contains(p, fieldSep) || strings.HasSuffix(p, "@") || !utf8.ValidString(p) || strings.Contains(p, "\x00") {
			return fmt.Errorf("%w: parameter %d", ErrDelimiter, i+1)
		}
	}
	return nil
}

func plainHost(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsAny(s, "@,*\x00\r\n\t ")
}
