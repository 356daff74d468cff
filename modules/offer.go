package modules

import (
	"maps"
	"strings"
)

// OfferPrefix and the name of a parameter name the pretended file in which a control server sends the values it has
// for it, one a line.
const OfferPrefix = "offer/"

func splitOffers(files map[string][]byte) (map[string][]byte, map[string][]string) {
	rest, offers := maps.Clone(files), map[string][]string{}
	for name, body := range files {
		if param, is := strings.CutPrefix(name, OfferPrefix); is {
			delete(rest, name)
			if len(body) > 0 {
				offers[param] = strings.Split(string(body), "\n")
			}
		}
	}
	return rest, offers
}

// offer gives the values to the parameters and to their controls, so that a list shows them.
func (m *Module) offer(offers map[string][]string) {
	for i := range m.Params {
		p := &m.Params[i]
		values := offers[p.Name]
		if p.Type != List && p.Type != Source || len(values) == 0 {
			continue
		}
		p.Offers = values
		if n := m.Form.Root.Find(p.Control); n != nil {
			n.Items = values
		}
	}
}
