package openssh

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
)

const bom = "\ufeff"

type assetServer struct {
	IP      string `xml:"ip,attr"`
	Serial  string `xml:"serverserial"`
	WIP     string `xml:"wip"`
	LIP     string `xml:"lip"`
	OS      string `xml:"os"`
	App     string `xml:"app"`
	Locate  string `xml:"locate"`
	Option  int    `xml:"option"`
	Port    int    `xml:"port"`
	User    string `xml:"user"`
	HostKey string `xml:"hostkey"`
}

type assetCategory struct {
	ID   int    `xml:"id,attr"`
	Name string `xml:"appname"`
}

// Categories are the names WriteAssets gives the categories 1, 2, ...; the servers go round them.
func Categories() []string {
	return []string{"应用服务器", "数据库服务器", "日志服务器", "静态服务器", "负载均衡服务器"}
}

// WriteAssets writes the servers as ServerOptioninfo.xml and Serverinfo.xml into dir: the legacy files' shape, with
// port, user and host key as extra elements. Serials are SN-001, SN-002, ...
func (s *Servers) WriteAssets(dir string) error {
	var categories struct {
		XMLName xml.Name        `xml:"wml"`
		Classes []assetCategory `xml:"AppClass"`
	}
	var servers struct {
		XMLName xml.Name      `xml:"wml"`
		Servers []assetServer `xml:"server"`
	}
	names := Categories()
	for i, name := range names {
		categories.Classes = append(categories.Classes, assetCategory{ID: i + 1, Name: name})
	}
	for i, a := range s.Addrs {
		category := i%len(names) + 1
		servers.Servers = append(servers.Servers, assetServer{
			IP: a, Serial: fmt.Sprintf("SN-%03d", i+1), WIP: fmt.Sprintf("192.0.2.%d", i+1), LIP: a, OS: "Linux",
			App:    fmt.Sprintf("app%d-%d.example.com", category, i/len(names)%2+1),
			Locate: fmt.Sprintf("05-%02d-%02d", i/20+1, i%20+1),
			Option: category, Port: s.Port, User: s.User, HostKey: s.HostKeyLine,
		})
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write assets: %w", err)
	}
	if err := writeXML(filepath.Join(dir, "ServerOptioninfo.xml"), categories); err != nil {
		return err
	}
	return writeXML(filepath.Join(dir, "Serverinfo.xml"), servers)
}

func writeXML(path string, v any) error {
	body, err := xml.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return writeFile(path, bom+xml.Header+string(body))
}
