package inventory

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func TestX16Legacy(t *testing.T) {
	options, servers := legacyFile(t, OptionFile), legacyFile(t, ServerFile)
	inv := mustParse(t, options, servers)
	var cats []string
	for _, c := range inv.Categories() {
		cats = append(cats, c.ID+" "+c.Name)
	}
	wantCats := []string{"1 应用服务器", "2 数据库服务器", "3 日志服务器", "4 功能服务器", "5 静态服务器", "6 负载均衡服务器", "7 测试服务器",
		"8 退役服务器", "9 企业托管", "10 安全检测服务器", "11 DNS服务器", "12 邮件服务器", "13 游戏服务器"}
	if d := cmp.Diff(wantCats, cats); d != "" {
		t.Error(d)
	}
	row := func(serial, wip, lip, app, locate, cat string) Server {
		return Server{ID: serial, IP: lip, Serial: serial, WIP: wip, LIP: lip, OS: "Linux", App: app, Locate: locate, CategoryID: cat}
	}
	want := []Server{
		row("SN2013-08-020", "218.31.20.20", "192.168.1.20", "www.domain.com", "05-02-10", "1"),
		row("SN2013-08-021", "218.31.20.21", "192.168.1.21", "www.domain.com", "05-05-01", "1"),
		row("SN2013-08-022", "228.31.20.22", "192.168.1.22", "www.domain.com", "05-05-07", "1"),
		row("SN2012-07-010", "218.31.20.10", "192.168.1.10", "bbs.domain.com", "05-05-02", "2"),
		row("SN2012-07-011", "218.31.20.11", "192.168.1.11", "bbs.domain.com", "05-05-21", "2"),
	}
	if d := cmp.Diff(want, inv.Servers()); d != "" {
		t.Error(d)
	}
	o, s := Marshal(inv)
	if !bytes.Equal(bytes.TrimSpace(o), bytes.TrimSpace(options)) || !bytes.Equal(bytes.TrimSpace(s), bytes.TrimSpace(servers)) {
		t.Error("written files differ from the legacy ones")
	}
}

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5oHM2cUcX3sd1bUjyyDBBmfQlzF8y3Pv4lXB0g8eUz"

func TestExtraElements(t *testing.T) {
	extra := `<future><deep/></future><address>2001:db8::1</address><port>2222</port><user>ops</user>` +
		`<jump>a@gate1:2200,[2001:db8::2]:22,gate3</jump><hostkey>` + "\n  " + hostKey + "\n  " + hostKey + ` again` + "\n" + `</hostkey>`
	inv := mustParse(t, wml(option("1", "网站")), wml(server("web1", "10.0.0.1", "1", extra)))
	want := []Server{{ID: "web1", IP: "10.0.0.1", Serial: "web1", WIP: "w10.0.0.1", LIP: "10.0.0.1", OS: "Linux", App: "shop",
		Locate: "r1", CategoryID: "1", Address: "2001:db8::1", Port: 2222, User: "ops",
		Jump: "a@gate1:2200,[2001:db8::2]:22,gate3", HostKey: hostKey + "\n" + hostKey + " again"}}
	if d := cmp.Diff(want, inv.Servers()); d != "" {
		t.Error(d)
	}
	if got := inv.Servers()[0].DialAddr(); got != "2001:db8::1" {
		t.Errorf("dials %s", got)
	}
	roundTrip(t, inv)
}

func roundTrip(t *testing.T, inv *Inventory) {
	t.Helper()
	o, s := Marshal(inv)
	again := mustParse(t, o, s)
	if d := cmp.Diff(inv.Categories(), again.Categories()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(inv.Servers(), again.Servers()); d != "" {
		t.Error(d)
	}
	if inv.Revision() != again.Revision() {
		t.Error("revision differs")
	}
}

func TestIDs(t *testing.T) {
	inv := mustParse(t, wml(""), wml(server("web1", "10.0.0.1", "1", "")+server("web2", "10.0.0.2", "1", "")+
		server("web1", "10.0.0.3", "1", "")+server("", "10.0.0.4", "1", "")))
	var ids []string
	for _, s := range inv.Servers() {
		ids = append(ids, s.ID)
	}
	if d := cmp.Diff([]string{"10.0.0.1*web1", "web2", "10.0.0.3*web1", "10.0.0.4*"}, ids); d != "" {
		t.Error(d)
	}
	roundTrip(t, inv)
	_, err := Parse(wml(""), wml("\n"+server("web1", "10.0.0.1", "1", "")+"\n"+server("b", "10.0.0.1", "1", "")+"\n"+server("web1", "10.0.0.1", "2", "")))
	wantProblem(t, err, "inventory_xml", ServerFile, "server 1 on line 2 and server 3 on line 4", "10.0.0.1*web1", "near line 4")
	_, err = Parse(wml(option("1", "a")+"\n"+option("1", "b")), wml(""))
	wantProblem(t, err, "inventory_xml", OptionFile, "line 1 and again on line 2")
}

func TestUnknownCategoryIsKept(t *testing.T) {
	inv := mustParse(t, wml(option("1", "网站")), wml(server("a", "10.0.0.1", "77", "")+server("b", "10.0.0.2", "", "")))
	want := []Category{{"1", "网站", Normal}, {"77", "77", Normal}, {"none", "none", Normal}}
	if d := cmp.Diff(want, inv.Categories()); d != "" {
		t.Error(d)
	}
	if len(inv.Servers()) != 2 || inv.Servers()[1].CategoryID != "none" {
		t.Errorf("servers are %v", inv.Servers())
	}
	roundTrip(t, inv)
}

func TestEscapes(t *testing.T) {
	inv := mustParse(t, wml(option("1", "A &amp; B &lt;&quot;&#x4e2d;")), wml(""))
	if got := inv.CategoryName("1"); got != `A & B <"中` {
		t.Errorf("name is %q", got)
	}
	roundTrip(t, inv)
}

func TestX12Encodings(t *testing.T) {
	text := `<?xml version="1.0" encoding="UTF-8"?>` + "\n<wml>" + option("1", "数据库服务器") + option("2", "日志") + "</wml>"
	encode := func(label string) []byte {
		b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(strings.Replace(text, "UTF-8", label, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, label := range []string{"GBK", "gb2312", "GB18030"} {
		inv := mustParse(t, encode(label), wml(""))
		if got := inv.CategoryName("1") + inv.CategoryName("2"); got != "数据库服务器日志" {
			t.Errorf("%s reads %q", label, got)
		}
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"GBK bytes as UTF-8":   {encode("UTF-8"), "not UTF-8"},
		"UTF-16":               {utf16, "UTF-16"},
		"unknown":              {[]byte(strings.Replace(text, "UTF-8", "Big5", 1)), `"Big5" is not supported`},
		"mark and GBK":         {append([]byte("\xEF\xBB\xBF"), encode("GBK")...), "UTF-8 mark"},
		"UTF-8 as GBK":         {[]byte(strings.Replace(text, "UTF-8", "GBK", 1)), "its text is UTF-8"},
		"broken GBK":           {append(encode("GBK"), 0x81, 0xFF), "not GBK"},
		"hidden declaration":   {[]byte(strings.Replace(text, ` encoding=`, ` x="?>" encoding=`, 1)), ""},
		"two declarations":     {[]byte(strings.Replace(text, ` encoding=`, ` encoding="GBK" encoding=`, 1)), ""},
		"space before it":      {[]byte(" " + text), "instruction"},
		"version from nowhere": {[]byte(strings.Replace(text, "1.0", "1.1", 1)), "version"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.data, wml(""))
			wantProblem(t, err, "inventory_xml", OptionFile, c.says)
		})
	}
}

func TestRefused(t *testing.T) {
	one := server("web1", "10.0.0.1", "1", "")
	with := func(extra string) string { return server("web1", "10.0.0.1", "1", extra) }
	head := `<?xml version="1.0"?>`
	for name, c := range map[string]struct{ doc, says string }{
		"X01 XXE file":        {head + `<!DOCTYPE wml [<!ENTITY x SYSTEM "file:///etc/passwd">]><wml>` + server("&x;", "1", "1", "") + `</wml>`, "DOCTYPE"},
		"X01 entity alone":    {`<wml>` + server("&x;", "1", "1", "") + `</wml>`, "entity"},
		"X03 laughs":          {`<!DOCTYPE wml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><wml/>`, "DOCTYPE"},
		"X06 two roots":       {`<wml></wml><wml></wml>`, "second"},
		"X06 other root":      {`<xml></xml>`, "<xml>"},
		"X07 junk behind":     {`<wml></wml>junk`, "junk"},
		"X07 junk before":     {`junk<wml></wml>`, "junk"},
		"X07 text between":    {`<wml>` + one + `junk</wml>`, "junk"},
		"X07 text in server":  {`<wml>` + with("junk") + `</wml>`, "junk"},
		"X07 instruction":     {`<wml><?php x?></wml>`, "php"},
		"X08 child twice":     {`<wml>` + with("<lip>10.0.0.2</lip>") + `</wml>`, "<lip> is given twice"},
		"X08 extra twice":     {`<wml>` + with("<user>a</user><user>b</user>") + `</wml>`, "<user>"},
		"X09 attribute twice": {`<wml><server ip="1" ip="2"><lip>1</lip></server></wml>`, "twice"},
		"X10 namespace":       {`<wml xmlns="urn:x"></wml>`, "namespace"},
		"X10 prefix":          {`<wml xmlns:a="urn:x"><a:server/></wml>`, "namespace"},
		"X10 twin":            {`<wml>` + with("<x:lip>10.0.0.9</x:lip>") + `</wml>`, "namespace"},
		"X10 attribute":       {`<wml><server x:ip="1"><lip>1</lip></server></wml>`, "namespace"},
		"X11 comment split":   {`<wml>` + server("web<!-- x -->1", "10.0.0.1", "1", "") + `</wml>`, "comment"},
		"X11 CDATA split":     {`<wml>` + server("web<![CDATA[1]]>", "10.0.0.1", "1", "") + `</wml>`, "pieces"},
		"X13 NUL":             {"<wml>" + server("web\x001", "10.0.0.1", "1", "") + `</wml>`, "U+0000"},
		"X13 NUL reference":   {"<wml>" + server("web&#0;1", "10.0.0.1", "1", "") + `</wml>`, ""},
		"X13 escape":          {"<wml>" + server("a", "10.0.0.1", "1", "<jump>&#x1b;[2J</jump>") + `</wml>`, ""},
		"X13 newline":         {"<wml>" + server("a\nb", "10.0.0.1", "1", "") + `</wml>`, "serverserial"},
		"X13 control in text": {`<wml><server><lip>1</lip><app>a&#x9b;b</app></server></wml>`, "app"},
		"X13 bidi":            {"<wml><server><lip>1</lip><app>a\u202eb</app></server></wml>", "app"},
		"element in field":    {`<wml>` + server("<b>x</b>", "10.0.0.1", "1", "") + `</wml>`, "<b>"},
		"wrong record":        {`<wml>` + option("1", "x") + `</wml>`, "<AppClass>"},
		"nameless server":     {`<wml><server ip="10.0.0.1"></server></wml>`, "neither"},
		"empty":               {``, "no <wml>"},
		"only a mark":         {"\uFEFF", "no <wml>"},
		"J03 serial":          {`<wml>` + server("-oProxyCommand=touch", "10.0.0.1", "1", "") + `</wml>`, "begins with -"},
		"J03 lip":             {`<wml>` + server("a", "-R", "1", "") + `</wml>`, "begins with -"},
		"J03 address":         {`<wml>` + with("<address>-oX</address>") + `</wml>`, "begins with -"},
		"J03 user":            {`<wml>` + with("<user>-oX</user>") + `</wml>`, "begins with -"},
		"J03 hop":             {`<wml>` + with("<jump>good,-oX</jump>") + `</wml>`, "hop"},
		"J03 hop user":        {`<wml>` + with("<jump>-oX@good</jump>") + `</wml>`, "hop"},
		"J03 hop port":        {`<wml>` + with("<jump>good:0</jump>") + `</wml>`, "hop"},
		"J03 empty hop":       {`<wml>` + with("<jump>a,,b</jump>") + `</wml>`, "hop"},
		"port 0":              {`<wml>` + with("<port>0</port>") + `</wml>`, "1 to 65535"},
		"port high":           {`<wml>` + with("<port>65536</port>") + `</wml>`, "1 to 65535"},
		"port sign":           {`<wml>` + with("<port>+22</port>") + `</wml>`, "1 to 65535"},
		"port in address":     {`<wml>` + with("<address>web1:22</address>") + `</wml>`, "<port>"},
		"no key":              {`<wml>` + with("<hostkey>ssh-ed25519 QUJD</hostkey>") + `</wml>`, "public key"},
		"key of other type":   {`<wml>` + with("<hostkey>ssh-rsa "+strings.Fields(hostKey)[1]+"</hostkey>") + `</wml>`, "public key"},
		"serial too long":     {`<wml>` + server(strings.Repeat("a", 256), "1", "1", "") + `</wml>`, "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(wml(""), []byte(c.doc))
			wantProblem(t, err, "inventory_xml", ServerFile, c.says)
		})
	}
	for _, meta := range " \t|&;<>()$`\\\"'*?[]{}!#~^,=%@/\u3000\u200b" {
		for _, field := range []string{"address", "user"} {
			_, err := Parse(wml(""), wml(with("<"+field+">a"+escaped(meta)+"b</"+field+">")))
			wantProblem(t, err, "inventory_xml", field)
		}
		_, err := Parse(wml(""), wml(server("a"+escaped(meta)+"b", "10.0.0.1", "1", "")))
		wantProblem(t, err, "inventory_xml", "serverserial")
	}
}

func escaped(r rune) string { return fmt.Sprintf("&#%d;", r) }

func TestX02NothingIsFetched(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hits := make(chan int)
	go func() {
		n := 0
		for {
			c, err := l.Accept()
			if err != nil {
				hits <- n
				return
			}
			n++
			c.Close()
		}
	}()
	url := "http://" + l.Addr().String() + "/x.dtd"
	for _, doc := range []string{
		`<!DOCTYPE wml SYSTEM "` + url + `"><wml></wml>`,
		`<!DOCTYPE wml [<!ENTITY x SYSTEM "` + url + `">]><wml>` + server("&x;", "1", "1", "") + `</wml>`,
		`<?xml-stylesheet href="` + url + `"?><wml></wml>`,
	} {
		_, err := Parse(wml(""), []byte(doc))
		wantProblem(t, err, "inventory_xml")
	}
	l.Close()
	if n := <-hits; n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestX04Depth(t *testing.T) {
	ok := server("a", "10.0.0.1", "1", "<x><y/></x>")
	mustParse(t, wml(""), wml(ok))
	_, err := Parse(wml(""), wml(server("a", "10.0.0.1", "1", "<x><y><z/></y></x>")))
	wantProblem(t, err, "inventory_xml", "deeper than 4")
	_, err = Parse(wml(""), []byte(strings.Repeat("<wml>", 1_000_000)))
	wantProblem(t, err, "inventory_xml")
	_, err = Parse(wml(""), wml("<server>"+strings.Repeat("<a>", 1_000_000)))
	wantProblem(t, err, "inventory_xml", "deeper than 4")
}

func TestX05Size(t *testing.T) {
	full := append(wml(""), bytes.Repeat([]byte(" "), MaxFile)...)
	mustParse(t, wml(""), full[:MaxFile])
	_, err := Parse(wml(""), full[:MaxFile+1])
	wantProblem(t, err, "inventory_size", ServerFile, "16 MiB")
	var many strings.Builder
	for i := range maxRecords + 1 {
		fmt.Fprintf(&many, "<server><lip>%d</lip></server>", i)
	}
	_, err = Parse(wml(""), wml(many.String()))
	wantProblem(t, err, "inventory_xml", "more than 100000")
}

func TestX14Truncated(t *testing.T) {
	o, s := Marshal(mustParse(t, wml(option("1", "网站")), wml("\n"+server("web1", "10.0.0.1", "1", "<user>ops</user>")+"\n<!-- c -->\n"+
		server("网2", "10.0.0.2", "1", ""))))
	o, s = bytes.TrimSpace(o), bytes.TrimSpace(s)
	for n := range o {
		_, err := Parse(o[:n], s)
		wantProblem(t, err, "inventory_xml", OptionFile, "near line ")
	}
	for n := range s {
		_, err := Parse(o, s[:n])
		wantProblem(t, err, "inventory_xml", ServerFile, "near line ")
	}
	_, err := Parse(o, []byte("<wml>\n\n<server>"))
	wantProblem(t, err, "inventory_xml", "ends in the middle", "near line 3")
}

func FuzzParse(f *testing.F) {
	f.Add(wml(option("1", "网站")), wml(server("web1", "10.0.0.1", "1", "<port>22</port><jump>a@b:1</jump>")))
	f.Add([]byte("<wml/>"), []byte("\xEF\xBB\xBF<wml><server><lip>1</lip><hostkey>"+hostKey+"</hostkey></server></wml>"))
	f.Add([]byte(`<?xml version="1.0" encoding="GBK"?><wml><AppClass id="1"><appname>`+"\xca\xfd"+`</appname></AppClass></wml>`), wml(""))
	f.Fuzz(func(t *testing.T, o, s []byte) {
		inv, err := Parse(o, s)
		if err != nil {
			return
		}
		roundTrip(t, inv)
		if n := len(inv.Servers()); n > 0 {
			got, err := inv.Select("all")
			if err != nil || len(got) != n {
				t.Fatalf("all chooses %d of %d: %v", len(got), n, err)
			}
		}
	})
}

func big(n int) (options, servers []byte) {
	var cats []Category
	for i := range 13 {
		cats = append(cats, Category{ID: fmt.Sprint(i + 1), Name: fmt.Sprintf("类别%d", i+1)})
	}
	list := make([]Server, n)
	for i := range list {
		ip := fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)
		list[i] = Server{IP: ip, Serial: fmt.Sprintf("SN2013-%05d", i), WIP: "218" + ip[2:], LIP: ip, OS: "Linux",
			App: fmt.Sprintf("app%d.domain.com", i%200), Locate: "05-02-10", CategoryID: fmt.Sprint(i%13 + 1)}
	}
	return Marshal(New(cats, list))
}

func BenchmarkParse10k(b *testing.B) {
	o, s := big(10_000)
	b.SetBytes(int64(len(o) + len(s)))
	b.ReportAllocs()
	for b.Loop() {
		inv := mustParse(b, o, s)
		inv.Revision()
		inv.index()
	}
}
