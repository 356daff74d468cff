package inventory

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"omanager/app/problem"
)

// MaxFile is the largest asset file that is read, in bytes.
const MaxFile = 16 << 20

// bad is the problem of a file that is not usable. Line 0 means the file as a whole and is shown as 1.
func bad(file string, line int, format string, args ...any) error {
	return problem.New("inventory_xml", "file", file, "cause", fmt.Sprintf(format, args...),
		"line", strconv.Itoa(max(line, 1)))
}

// short keeps a text from a file fit for a sentence.
func short(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		return strconv.Quote(string(r[:40]) + "...")
	}
	return strconv.Quote(s)
}

// toUTF8 gives the text of an asset file without byte-order mark, converted from its declared encoding, and that
// encoding as written ("" where none is declared).
func toUTF8(file string, data []byte) (text []byte, declared string, err error) {
	if len(data) > MaxFile {
		return nil, "", problem.New("inventory_size", "file", file, "limit", "16 MiB")
	}
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return nil, "", bad(file, 1, "it is UTF-16 text; save it as UTF-8")
	}
	body, mark := bytes.CutPrefix(data, []byte("\xEF\xBB\xBF"))
	declared, ok := declaredEncoding(body)
	if !ok {
		return nil, "", bad(file, 1, "the XML declaration is not well formed")
	}
	switch strings.ToLower(declared) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		if n := validPrefix(body); n < len(body) {
			return nil, "", bad(file, lineAt(body, n),
				`it holds bytes that are not UTF-8; save it as UTF-8, or declare encoding="GBK" if it is GBK`)
		}
		return body, declared, nil
	case "gbk", "gb2312", "gb18030", "cp936", "x-gbk":
		if mark {
			return nil, "", bad(file, 1, "it begins with a UTF-8 mark but declares %s; correct the declaration", declared)
		}
		text, err = fromGBK(file, body)
		return text, declared, err
	}
	return nil, "", bad(file, 1, "its encoding %s is not supported; save it as UTF-8 or GBK", short(declared))
}

// fromGBK reads GB18030, of which GBK and GB2312 are parts.
func fromGBK(file string, body []byte) ([]byte, error) {
	if utf8.Valid(body) && bytes.ContainsFunc(body, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return nil, bad(file, 1, "it declares GBK but its text is UTF-8; correct the declaration")
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
	if err != nil {
		return nil, bad(file, 1, "it cannot be converted from GBK: %v", err)
	}
	if n := bytes.IndexRune(text, utf8.RuneError); n >= 0 {
		return nil, bad(file, lineAt(text, n), "it holds bytes that are not GBK, though GBK is declared")
	}
	if len(text) > 2*MaxFile {
		return nil, problem.New("inventory_size", "file", file, "limit", "16 MiB")
	}
	return text, nil
}

// declaredEncoding reads the encoding of the XML declaration; ok is false where the declaration is not well formed.
// The XML decoder later tells what it saw itself, and the reader refuses the file if the two differ.
func declaredEncoding(body []byte) (name string, ok bool) {
	before, _, ok := bytes.Cut(body, []byte("?>"))
	if !ok || !bytes.HasPrefix(body, []byte("<?xml")) || bytes.HasPrefix(body, []byte("<?xml-")) {
		return "", true
	}
	re := regexp.MustCompile(`^<\?xml\s+version\s*=\s*["'][0-9.]+["'](?:\s+encoding\s*=\s*["']([A-Za-z0-9._-]+)["'])?` +
		`(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*$`)
	m := re.FindSubmatch(before)
	if m == nil {
		return "", false
	}
	return string(m[1]), true
}

func validPrefix(b []byte) int {
	n := 0
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size <= 1 {
			return n
		}
		n += size
	}
	return n
}

func lineAt(b []byte, offset int) int { return 1 + bytes.Count(b[:offset], []byte{'\n'}) }
