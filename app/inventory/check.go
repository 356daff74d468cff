package inventory

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shellMeta are the characters that mean something to a shell, to ssh's own expansions, to the legacy wire
// (* , @) or to a path. No name that reaches a command line or a connection holds one.
const shellMeta = "|&;<>()$`\\\"'*?[]{}!#~^,=%@/"

// Longest values, in bytes; an RSA key of 16384 bits is a text of 2.8 kB.
const (
	maxToken = 255
	maxText  = 4096
)

// checkToken refuses texts that a shell or a program's option reader could take for something else than a name.
func checkToken(s string) error {
	if len(s) > maxToken {
		return fmt.Errorf("%s is longer than %d bytes", short(s), maxToken)
	}
	if strings.HasPrefix(s, "-") {
		return fmt.Errorf("%s begins with -", short(s))
	}
	for _, c := range s {
		if unicode.IsSpace(c) || !unicode.IsGraphic(c) || c == utf8.RuneError || strings.ContainsRune(shellMeta, c) {
			return fmt.Errorf("%s holds the character %q", short(s), c)
		}
	}
	return nil
}

// checkText refuses control characters and marks that reorder what a person reads.
func checkText(s string) error {
	if len(s) > maxText {
		return fmt.Errorf("%s is longer than %d bytes", short(s), maxText)
	}
	for _, c := range s {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return fmt.Errorf("%s holds the control character %q", short(s), c)
		}
	}
	return nil
}

// checkAddress takes a name or an IP address, without port.
func checkAddress(s string) error {
	if err := checkToken(s); err != nil {
		return err
	}
	if strings.Contains(s, ":") {
		if _, err := netip.ParseAddr(s); err != nil {
			return fmt.Errorf("%s is no address; a port has its own element <port>", short(s))
		}
	}
	return nil
}

func parsePort(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%s is no port; allowed is 1 to 65535", short(s))
	}
	return int(n), nil
}

// checkJump takes "user@host:port" hops joined by commas; user and port may be left out.
func checkJump(s string) error {
	if s == "" {
		return nil
	}
	for hop := range strings.SplitSeq(s, ",") {
		host := hop
		if user, rest, ok := strings.Cut(hop, "@"); ok {
			if err := checkToken(user); err != nil || user == "" {
				return fmt.Errorf("user of hop %s is not allowed", short(hop))
			}
			host = rest
		}
		if h, port, err := net.SplitHostPort(host); err == nil {
			if _, err := parsePort(port); err != nil || port == "" {
				return fmt.Errorf("port of hop %s is not 1 to 65535", short(hop))
			}
			host = h
		}
		if err := checkAddress(host); err != nil || host == "" {
			return fmt.Errorf("host of hop %s is not allowed", short(hop))
		}
	}
	return nil
}

// cleanHostKey takes public keys in authorized_keys form without options, one a line.
func cleanHostKey(s string) (string, error) {
	var lines []string
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if err := checkText(line); err != nil {
			return "", err
		}
		f := strings.Fields(line)
		if len(f) < 2 || !isKey(f[0], f[1]) {
			return "", fmt.Errorf("%s is no public key", short(line))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n"), nil
}

// isKey reports whether the blob names the key type that stands before it, as every SSH public key does.
func isKey(kind, blob string) bool {
	b, err := base64.StdEncoding.DecodeString(blob)
	if err != nil || len(b) < 4 {
		return false
	}
	n := binary.BigEndian.Uint32(b)
	return n > 0 && uint64(len(b)) > 4+uint64(n) && string(b[4:4+n]) == kind
}
