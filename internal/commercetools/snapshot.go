package commercetools

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fftconnect/internal/remote"
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
	PaymentState   string         `json:"paymentState"`
	Workflow       Workflow       `json:"state"`
	ShipmentState  string         `json:"shipmentState"`
	TypeID         string         `json:"-"` // of the order's custom type; empty without one
	Fields         map[string]any `json:"-"` // its custom fields
	Lines          []Line         `json:"lineItems"`
	CustomLines    []Line         `json:"customLineItems"`
	Shipping       []Shipping     `json:"-"` // one in Single mode, without a key; none: nothing ships
	ReturnKeys     []string       `json:"-"` // keys of return items
}

// Workflow is the order's state in the shop's own workflow; empty when it has none.
type Workflow struct {
	ID  string `json:"id"`
	Key string `json:"-"` // only where the state was expanded
}

// UnmarshalJSONFrom reads a StateReference.
func (w *Workflow) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	var reference struct {
		ID  string `json:"id"`
		Obj struct {
			Key string `json:"key"`
		} `json:"obj"`
	}
	if err := json.UnmarshalDecode(from, &reference); err != nil {
		return err
	}
	w.ID, w.Key = reference.ID, reference.Obj.Key
	return nil
}

// Line is a line item or a custom line item.
type Line struct {
	ID       string `json:"id"`
	Quantity int    `json:"quantity"`
	Variant  struct {
		SKU string `json:"sku"`
	} `json:"variant"`
	States   []LineState `json:"state"`
	Shipping struct {
		Targets []struct {
			ShippingKey string `json:"shippingMethodKey"`
		} `json:"targets"`
	} `json:"shippingDetails"`
}

// LineState is how many pieces of a line are in a workflow state.
type LineState struct {
	Quantity int `json:"quantity"`
	State    struct {
		ID string `json:"id"`
	} `json:"state"`
}

// Shipping is one of the ways in which an order ships, with what went that way.
type Shipping struct {
	Key        string     `json:"shippingKey"`
	Deliveries []Delivery `json:"-"`
}

// Delivery is goods on their way together.
type Delivery struct {
	Key     string         `json:"key"`
	Items   []DeliveryItem `json:"items"`
	Parcels []Parcel       `json:"parcels"`
}

// DeliveryItem is a line's part of a delivery.
type DeliveryItem struct {
	ID       string `json:"id"`
	Quantity int    `json:"quantity"`
}

// Parcel is one of a delivery's parcels.
type Parcel struct {
	Key          string `json:"key"`
	Measurements *struct {
		Height int `json:"heightInMillimeter"`
		Length int `json:"lengthInMillimeter"`
		Width  int `json:"widthInMillimeter"`
		Weight int `json:"weightInGram"`
	} `json:"measurements"`
	Tracking struct {
		ID      string `json:"trackingId"`
		Carrier string `json:"carrier"`
	} `json:"trackingData"`
	Custom *custom `json:"custom"`
}

// TypeID is the id of the parcel's custom type; empty without one.
func (p Parcel) TypeID() string {
	if p.Custom == nil {
		return ""
	}
	return p.Custom.Type.ID
}

// TextField is the custom field's value when it is a text, else empty.
func (p Parcel) TextField(field string) string {
	if p.Custom == nil {
		return ""
	}
	text, _ := p.Custom.Fields[field].(string)
	return text
}

// custom is how commercetools writes a resource's custom fields.
type custom struct {
	Type struct {
		ID string `json:"id"`
	} `json:"type"`
	Fields map[string]any `json:"fields"`
}

// shippingInfo is how commercetools writes what went a way.
type shippingInfo struct {
	Deliveries []Delivery `json:"deliveries"`
}

// fields are a Snapshot's that are read as they are.
type fields Snapshot

// rest is what a Snapshot keeps in another shape than commercetools.
type rest struct {
	Custom       *custom       `json:"custom"`
	ShippingInfo *shippingInfo `json:"shippingInfo"`
	Shipping     []struct {
		Shipping
		Info shippingInfo `json:"shippingInfo"`
	} `json:"shipping"`
	ReturnInfo []struct {
		Items []struct {
			Key string `json:"key"`
		} `json:"items"`
	} `json:"returnInfo"`
}

// UnmarshalJSONFrom reads what the snapshot keeps of an Order.
func (s *Snapshot) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	var order struct {
		fields
		rest
	}
	err := json.UnmarshalDecode(from, &order)
	s.fill(order.fields, order.rest)
	return err
}

// snapshotReader reads a Snapshot whose lines are those of another one, if there is one.
type snapshotReader struct {
	Snapshot
	lines *Snapshot
}

// UnmarshalJSONFrom reads what the snapshot keeps of an Order.
func (s *snapshotReader) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	if s.lines == nil {
		return json.UnmarshalDecode(from, &s.Snapshot)
	}
	var order struct {
		fields
		rest
		Lines       skipped `json:"lineItems"`
		CustomLines skipped `json:"customLineItems"`
	}
	err := json.UnmarshalDecode(from, &order)
	s.fill(order.fields, order.rest)
	s.Lines, s.CustomLines = s.lines.Lines, s.lines.CustomLines
	return err
}

// skipped is a value that is not read.
type skipped struct{}

// UnmarshalJSONFrom reads over the value.
func (*skipped) UnmarshalJSONFrom(from *jsontext.Decoder) error { return from.SkipValue() }

func (s *Snapshot) fill(as fields, order rest) {
	*s = Snapshot(as)
	if order.Custom != nil {
		s.TypeID, s.Fields = order.Custom.Type.ID, order.Custom.Fields
	}
	if order.ShippingInfo != nil {
		s.Shipping = []Shipping{{Deliveries: order.ShippingInfo.Deliveries}}
	}
	for _, shipping := range order.Shipping {
		s.Shipping = append(s.Shipping, Shipping{Key: shipping.Key, Deliveries: shipping.Info.Deliveries})
	}
	for _, info := range order.ReturnInfo {
		for _, item := range info.Items {
			if item.Key != "" {
				s.ReturnKeys = append(s.ReturnKeys, item.Key)
			}
		}
	}
}

// UnmarshalJSON is for encoding/json.
func (s *Snapshot) UnmarshalJSON(text []byte) error { return remote.Decode(text, s) }

// TextField is the custom field's value when it is a text, else empty.
func (s Snapshot) TextField(field string) string {
	text, _ := s.Fields[field].(string)
	return text
}

// validate finds an answer that is no order.
func (s Snapshot) validate() error {
	if s.ID == "" || s.Version == 0 {
		return errUnreadable("an order", errShapeless)
	}
	return nil
}
