package inventory

import (
	"bytes"
	"encoding/xml"
	"strconv"
)

const fileHead = "\uFEFF" + `<?xml version="1.0" encoding="UTF-8"?>` + "\n<wml>"

// Marshal writes both asset files as the legacy system does, for old and new readers alike: what old readers do
// not know stands behind what they read. Parse gives an inventory that came from Parse back unchanged.
func Marshal(inv *Inventory) (optionXML, serverXML []byte) {
	return marshalOptions(inv.cats), marshalServers(inv.servers)
}

func marshalOptions(cats []Category) []byte {
	var b bytes.Buffer
	b.WriteString(fileHead)
	for _, c := range cats {
		b.WriteString(`<AppClass id="`)
		escape(&b, c.ID)
		if c.Level != Normal {
			b.WriteString(`" level="`)
			escape(&b, string(c.Level))
		}
		b.WriteString(`">`)
		element(&b, "appname", c.Name)
		b.WriteString("</AppClass>")
	}
	b.WriteString("</wml>\n")
	return b.Bytes()
}

func marshalServers(servers []Server) []byte {
	var b bytes.Buffer
	fields := serverSchema().fields
	b.WriteString(fileHead)
	for i := range servers {
		s := &servers[i]
		port := ""
		if s.Port != 0 {
			port = strconv.Itoa(s.Port)
		}
		vals := [...]string{s.Serial, s.WIP, s.LIP, s.OS, s.App, s.Locate, s.CategoryID, s.Address, port, s.User, s.Jump, s.HostKey}
		b.WriteString(`<server ip="`)
		escape(&b, s.IP)
		b.WriteString(`">`)
		for f, v := range vals {
			if f <= fOption || v != "" {
				element(&b, fields[f], v)
			}
		}
		b.WriteString("</server>")
	}
	b.WriteString("</wml>\n")
	return b.Bytes()
}

func element(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	escape(b, text)
	b.WriteString("</" + name + ">")
}

// escape cannot end in an error: a bytes.Buffer takes everything.
func escape(b *bytes.Buffer, text string) { _ = xml.EscapeText(b, []byte(text)) }
