package ctsim

import (
	"bytes"
	"time"
)

// Revision is one version of an order.
type Revision struct {
	Version       int64
	At            time.Time
	ClientID      string // the API client that made it
	OrderState    string
	ShipmentState string
	TypeKey       string // of the custom type, empty without one
	CustomFields  map[string]any
	Actions       []string // names of the update actions; nil for the creation
}

// revision is a Revision whose custom fields are still encoded.
type revision struct {
	Revision
	custom []byte
}

// recordRevision keeps the order's new version. The platform's lock is held.
func (p *Platform) recordRevision(r *storedResource, client string, actions []string) revision {
	next := revision{Revision: Revision{
		Version: r.version, At: r.at, ClientID: client, Actions: actions,
		OrderState: r.doc.string("orderState"), ShipmentState: r.doc.string("shipmentState"),
	}}
	raw := r.doc.raw("custom")
	if n := len(r.history); n > 0 && bytes.Equal(r.history[n-1].custom, raw) {
		next.custom, next.TypeKey = r.history[n-1].custom, r.history[n-1].TypeKey
	} else {
		next.custom = bytes.Clone(raw)
		next.TypeKey = p.typeKey(raw)
	}
	r.history = append(r.history, next)
	return next
}

func (p *Platform) typeKey(custom []byte) string {
	value, _ := decode(custom).(map[string]any)
	id, _ := valueAt(value, "type", "id").(string)
	if r := p.collections["types"].byID[id]; r != nil {
		return r.key
	}
	return ""
}

func (r revision) decoded() Revision {
	full := r.Revision
	value, _ := decode(r.custom).(map[string]any)
	full.CustomFields, _ = value["fields"].(map[string]any)
	return full
}

// History is every version of an order so far, oldest first.
func (p *Platform) History(id string) []Revision {
	p.mu.Lock()
	var kept []revision
	if r := p.orders.byID[id]; r != nil {
		kept = r.history[:len(r.history):len(r.history)]
	}
	p.mu.Unlock()
	all := make([]Revision, len(kept))
	for i, r := range kept {
		all[i] = r.decoded()
	}
	return all
}

// valueAt follows names through nested objects; nil when one is missing.
func valueAt(value map[string]any, names ...string) any {
	var v any = value
	for _, name := range names {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}
