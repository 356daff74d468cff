package control_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"omanager/app/inventory"
)

// writeAssets makes a category of each level, "1" and so on, with two servers each: h1, h2, h3...
func writeAssets(t *testing.T, dir string, levels ...inventory.Level) {
	t.Helper()
	var cats []inventory.Category
	var servers []inventory.Server
	for i, l := range levels {
		cats = append(cats, inventory.Category{ID: strconv.Itoa(i + 1), Name: fmt.Sprintf("类别%d", i+1), Level: l})
		for n := 2*i + 1; n <= 2*i+2; n++ {
			id := strconv.Itoa(n)
			servers = append(servers, inventory.Server{ID: "h" + id, Serial: "h" + id, IP: "10.0.0." + id, LIP: "10.0.0." + id, CategoryID: cats[i].ID})
		}
	}
	option, list := inventory.Marshal(inventory.New(cats, servers))
	for name, body := range map[string][]byte{"ServerOptioninfo.xml": option, "Serverinfo.xml": list} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
