package control_test

import (
	"os"
	"path/filepath"
	"testing"

	"omanager/app/inventory"
)

// writeAssets makes four servers, h1 to h4, in two categories.
func writeAssets(t *testing.T, dir string) {
	t.Helper()
	cats := []inventory.Category{{ID: "1", Name: "应用服务器"}, {ID: "2", Name: "数据库服务器"}}
	var servers []inventory.Server
	for i, id := range []string{"h1", "h2", "h3", "h4"} {
		servers = append(servers, inventory.Server{ID: id, Serial: id, IP: "10.0.0." + id[1:], LIP: "10.0.0." + id[1:], CategoryID: cats[i/2].ID})
	}
	option, list := inventory.Marshal(inventory.New(cats, servers))
	for name, body := range map[string][]byte{"ServerOptioninfo.xml": option, "Serverinfo.xml": list} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
