// Package inventory is the tree of servers: category -> application -> server, read from the asset XML of the
// legacy system, selected by host expressions. It holds no connection and no operator.
package inventory

// Category is the first level of the tree, for example "database servers". ID is the legacy number as text.
type Category struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Level Level  `json:"level"` // never empty in an Inventory
}

// Server is one host. The fields up to CategoryID are the legacy file's; the rest come from optional elements
// that old readers skip.
type Server struct {
	ID         string `json:"id"` // unique in the inventory: Serial, or LIP*Serial where the serial is not unique or empty
	IP         string `json:"ip"`
	Serial     string `json:"serial"` // the host name
	WIP        string `json:"wip"`
	LIP        string `json:"lip"`
	OS         string `json:"os"`
	App        string `json:"app"`
	Locate     string `json:"locate"`
	CategoryID string `json:"category"`

	Address string `json:"address,omitempty"` // dial address; empty means LIP
	Port    int    `json:"port,omitempty"`
	User    string `json:"user,omitempty"`
	Jump    string `json:"jump,omitempty"`
	HostKey string `json:"host_key,omitempty"`
}

// DialAddr is the address commands go to.
func (s Server) DialAddr() string {
	if s.Address != "" {
		return s.Address
	}
	return s.LIP
}
