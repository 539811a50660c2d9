package commercetools

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/remote"
)

// Probe is a call that does no harm and shows whether a scope is there.
type Probe struct {
	Scope string // one that suffices
	For   string // what it is needed for
	call  func(ctx context.Context, c *Client) error
}

// nobody is an id that no resource has.
const nobody = "00000000-0000-4000-8000-000000000000"

// Probes lists what the connector needs. A write is tried on a resource that does
// not exist: not found means that it would have been allowed.
func Probes() []Probe {
	// A list is there whenever the project is: that it was not found proves no scope.
	read := func(scope, need, path string) Probe {
		return Probe{Scope: scope, For: need, call: func(ctx context.Context, c *Client) error {
			_, err := c.callRaw(withOperation(ctx, "try "+path), http.MethodGet, path, url.Values{"limit": {"1"}}, nil)
			if status, ok := remote.StatusOf(err); ok && status == http.StatusNotFound {
				return &NoProjectError{ProjectKey: c.opts.ProjectKey, cause: err}
			}
			return err
		}}
	}
	write := func(scope, need, path string) Probe {
		return Probe{Scope: scope, For: need, call: func(ctx context.Context, c *Client) error {
			_, err := c.callRaw(withRepeatableWrite(ctx, "try "+path), http.MethodPost, path, nil, []byte(`{"version":1,"actions":[]}`))
			return err
		}}
	}
	return []Probe{
		read("view_orders", "reading orders", "/orders"),
		write("manage_orders", "updating orders", "/orders/"+nobody),
		read("view_types", "reading the order type", "/types"),
		write("manage_types", "install: creating the order type", "/types/"+nobody),
		read("manage_subscriptions", "install: the subscription", "/subscriptions"),
		read("view_stores", "facilities of store orders", "/stores"),
		read("view_channels", "channels as facilities, facilities of store orders, and click-and-collect facilities given as a reference", "/channels"),
		read("view_shipping_methods", "checking the configuration", "/shipping-methods"),
		read("view_project_settings", "the project's languages and countries", ""),
	}
}

// NoProjectError says that the region has no such project.
type NoProjectError struct {
	ProjectKey string
	cause      error
}

func (e *NoProjectError) Error() string {
	return "commercetools has no project " + e.ProjectKey + " in this region: correct CTP_PROJECT_KEY or CTP_REGION"
}

// Unwrap gives the platform's answer.
func (e *NoProjectError) Unwrap() error { return e.cause }

// Try makes the call. The error is nil when the scope is there.
func (p Probe) Try(ctx context.Context, c *Client) error { return errMissingScope(p.call(ctx, c)) }

func errMissingScope(err error) error {
	var none *NoProjectError
	if errors.As(err, &none) {
		return err
	}
	if remote.Is(err, remote.Rejected) || remote.Is(err, remote.NotFound) || remote.Is(err, remote.Conflict) {
		return nil
	}
	return err
}

// ShippingMethods lists the shipping methods; a project has a hundred at most.
func (c *Client) ShippingMethods(ctx context.Context) ([]platform.ShippingMethod, error) {
	found, err := c.sdk().ShippingMethods().Get().Limit(500).Execute(withOperation(ctx, "list shipping methods"))
	page, err := checkedAnswer("a list of shipping methods", found, err, func(p *platform.ShippingMethodPagedQueryResponse) bool { return p.Results != nil })
	if err != nil {
		return nil, err
	}
	return page.Results, nil
}

// SupplyChannels lists channels that hold stock, at most limit of them.
func (c *Client) SupplyChannels(ctx context.Context, limit int) ([]platform.Channel, error) {
	found, err := c.sdk().Channels().Get().Where([]string{`roles contains any ("InventorySupply")`}).Limit(limit).Execute(withOperation(ctx, "list channels"))
	page, err := checkedAnswer("a list of channels", found, err, func(p *platform.ChannelPagedQueryResponse) bool { return p.Results != nil })
	if err != nil {
		return nil, err
	}
	return page.Results, nil
}

// Stores lists stores with their supply channels, at most limit of them.
func (c *Client) Stores(ctx context.Context, limit int) ([]platform.Store, error) {
	found, err := c.sdk().Stores().Get().Expand([]string{"supplyChannels[*]"}).Limit(limit).Execute(withOperation(ctx, "list stores"))
	page, err := checkedAnswer("a list of stores", found, err, func(p *platform.StorePagedQueryResponse) bool { return p.Results != nil })
	if err != nil {
		return nil, err
	}
	return page.Results, nil
}
