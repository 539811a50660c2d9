package commercetools

import (
	"encoding/json"
	"fmt"
	"time"
)

// Snapshot is an order at one version, as far as a decision needs it. It is decoded
// by itself: through the SDK's types the same answer costs four times the CPU.
type Snapshot struct {
	ID             string         `json:"id"`
	Version        int            `json:"version"`
	OrderNumber    string         `json:"orderNumber"`
	CreatedAt      time.Time      `json:"createdAt"`
	LastModifiedAt time.Time      `json:"lastModifiedAt"`
	OrderState     string         `json:"orderState"`
	ShipmentState  string         `json:"shipmentState"`
	TypeID         string         `json:"-"` // of the order's custom type; empty without one
	Fields         map[string]any `json:"-"` // its custom fields
}

// UnmarshalJSON reads what the snapshot keeps of an Order.
func (s *Snapshot) UnmarshalJSON(text []byte) error {
	type plain Snapshot
	var order struct {
		*plain
		Custom *struct {
			Type struct {
				ID string `json:"id"`
			} `json:"type"`
			Fields map[string]any `json:"fields"`
		} `json:"custom"`
	}
	order.plain = (*plain)(s)
	if err := json.Unmarshal(text, &order); err != nil {
		return err
	}
	if order.Custom != nil {
		s.TypeID, s.Fields = order.Custom.Type.ID, order.Custom.Fields
	}
	return nil
}

// Text is the custom field's value when it is a text, else empty.
func (s Snapshot) Text(field string) string {
	text, _ := s.Fields[field].(string)
	return text
}

func decodeSnapshot(text []byte) (Snapshot, error) {
	var s Snapshot
	if err := s.UnmarshalJSON(text); err != nil {
		return Snapshot{}, unreadable("an order", err)
	}
	if s.ID == "" || s.Version == 0 {
		return Snapshot{}, fmt.Errorf("commercetools: an order without id or version")
	}
	return s, nil
}
