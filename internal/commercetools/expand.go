package commercetools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/remote"
)

// unexpandedReference is a reference of an order whose target's key nobody gave.
type unexpandedReference struct {
	what     string // for people
	id, path string // of the target in the API
	named    bool   // the order has the target's name
	fill     func(key, name string)
}

// UnexpandedReferences names the references whose targets the mapping or a shop's expressions may
// read but that came without them, for people: workflow state, supply channel of line 2.
func (o *Order) UnexpandedReferences() []string {
	var names []string
	for _, reference := range o.unexpandedReferences() {
		names = append(names, reference.what)
	}
	return names
}

// ExpandReferences reads the keys of what is not expanded. Of a shipping method that is gone only its
// name remains; anything else that cannot be read stays as it is, and the error tells of all.
func (c *Client) ExpandReferences(ctx context.Context, order *Order) error {
	var failed error
	for _, reference := range order.unexpandedReferences() {
		if err := c.expandReference(ctx, reference); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", reference.what, err))
		}
	}
	return failed
}

func (c *Client) expandReference(ctx context.Context, reference unexpandedReference) error {
	text, err := c.callRaw(withReadOperation(ctx, "read reference", reference.id), http.MethodGet, reference.path, nil, nil)
	if remote.Is(err, remote.NotFound) && reference.named {
		reference.fill("", "")
		return nil
	}
	if err != nil {
		return err
	}
	var target struct {
		ID   string          `json:"id"`
		Key  string          `json:"key"`
		Name json.RawMessage `json:"name"` // a text, or one for each language
	}
	if err := json.Unmarshal(text, &target); err != nil {
		return errUnreadable("a reference", err)
	}
	if target.ID != reference.id {
		return errUnreadable("a reference", errShapeless)
	}
	var name string
	_ = json.Unmarshal(target.Name, &name) // only a shipping method's is a text
	reference.fill(target.Key, name)
	return nil
}

func (o *Order) unexpandedReferences() []unexpandedReference {
	var found []unexpandedReference
	add := func(what, collection, id string, fill func(key, name string)) {
		if id != "" {
			found = append(found, unexpandedReference{what, id, "/" + collection + "/" + url.PathEscape(id), collection == "shipping-methods", fill})
		}
	}
	if state := o.State; state != nil && state.Obj == nil {
		add("workflow state", "states", state.ID, func(key, _ string) {
			state.Obj = &platform.State{ID: state.ID, Key: key}
			o.Snapshot.Workflow.Key = key
		})
	}
	if group := o.CustomerGroup; group != nil && group.Obj == nil {
		add("customer group", "customer-groups", group.ID, func(key, _ string) {
			group.Obj = &platform.CustomerGroup{ID: group.ID, Key: &key}
		})
	}
	for _, info := range o.shippingInfos() {
		if method := info.ShippingMethod; method != nil && method.Obj == nil {
			add(fmt.Sprintf("shipping method %q", info.ShippingMethodName), "shipping-methods", method.ID, func(key, name string) {
				method.Obj = &platform.ShippingMethod{ID: method.ID, Key: &key, Name: name}
			})
		}
	}
	for i := range o.LineItems {
		if channel := o.LineItems[i].SupplyChannel; channel != nil && channel.Obj == nil {
			add(fmt.Sprintf("supply channel of line %d", i+1), "channels", channel.ID, func(key, _ string) {
				channel.Obj = &platform.Channel{ID: channel.ID, Key: key}
			})
		}
	}
	return found
}

func (o *Order) shippingInfos() []*platform.ShippingInfo {
	var infos []*platform.ShippingInfo
	if o.ShippingInfo != nil {
		infos = append(infos, o.ShippingInfo)
	}
	for i := range o.Shipping {
		infos = append(infos, &o.Shipping[i].ShippingInfo)
	}
	return infos
}
