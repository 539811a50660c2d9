package commercetools

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RoleInventorySupply is the role of channels that hold stock.
const RoleInventorySupply = "InventorySupply"

// Channel is what we read of a channel.
type Channel struct {
	ID      string
	Version int
	Key     string
	Roles   []string
	Name    map[string]string // by language
	Address ChannelAddress    // the zero value when it has none
	// Geo is where it is; nil when it does not say.
	Geo    *Point
	Fields map[string]any // custom fields
	// LastModifiedAt is commercetools' time.
	LastModifiedAt time.Time
}

// Point is a place on the earth, in degrees.
type Point struct{ Lat, Lon float64 }

// ChannelAddress is a channel's address; what it does not say is empty.
type ChannelAddress struct {
	Company               string `json:"company"`
	StreetName            string `json:"streetName"`
	StreetNumber          string `json:"streetNumber"`
	AdditionalStreetInfo  string `json:"additionalStreetInfo"`
	AdditionalAddressInfo string `json:"additionalAddressInfo"`
	Building              string `json:"building"`
	PostalCode            string `json:"postalCode"`
	City                  string `json:"city"`
	Region                string `json:"region"`
	State                 string `json:"state"`
	Country               string `json:"country"`
	Phone                 string `json:"phone"`
	Mobile                string `json:"mobile"`
	Email                 string `json:"email"`
}

// SuppliesInventory reports whether the channel holds stock.
func (c Channel) SuppliesInventory() bool { return slices.Contains(c.Roles, RoleInventorySupply) }

// UnmarshalJSON reads commercetools' Channel.
func (c *Channel) UnmarshalJSON(text []byte) error {
	var wire struct {
		ID             string            `json:"id"`
		Version        int               `json:"version"`
		Key            string            `json:"key"`
		Roles          []string          `json:"roles"`
		Name           map[string]string `json:"name"`
		LastModifiedAt time.Time         `json:"lastModifiedAt"`
		Address        ChannelAddress    `json:"address"`
		Geo            *struct {
			Coordinates []float64 `json:"coordinates"` // longitude first
		} `json:"geoLocation"`
		Custom struct {
			Fields map[string]any `json:"fields"`
		} `json:"custom"`
	}
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	*c = Channel{
		ID: wire.ID, Version: wire.Version, Key: wire.Key, Roles: wire.Roles, Name: wire.Name,
		Address: wire.Address, Fields: wire.Custom.Fields, LastModifiedAt: wire.LastModifiedAt,
	}
	if wire.Geo != nil && len(wire.Geo.Coordinates) >= 2 {
		c.Geo = &Point{Lat: wire.Geo.Coordinates[1], Lon: wire.Geo.Coordinates[0]}
	}
	return nil
}

// Channel reads a channel; a missing one is remote.NotFound.
func (c *Client) Channel(ctx context.Context, id string) (Channel, error) {
	return c.channel(ctx, "/channels/"+url.PathEscape(id), id)
}

// ChannelByKey reads a channel by its key; a missing one is remote.NotFound.
func (c *Client) ChannelByKey(ctx context.Context, key string) (Channel, error) {
	return c.channel(ctx, "/channels/key="+url.PathEscape(key), key)
}

func (c *Client) channel(ctx context.Context, path, resource string) (Channel, error) {
	text, err := c.callRaw(withReadOperation(ctx, "read channel", resource), http.MethodGet, path, nil, nil)
	if err != nil {
		return Channel{}, err
	}
	var channel Channel
	if err := json.Unmarshal(text, &channel); err != nil {
		return Channel{}, errUnreadable("a channel", err)
	}
	if channel.ID == "" {
		return Channel{}, errUnreadable("a channel", errShapeless)
	}
	return channel, nil
}

// SupplyChannelsAfter is a page of channels that hold stock, by id, behind the one with
// this id; the first page when it is empty. A page that is not full is the last one.
func (c *Client) SupplyChannelsAfter(ctx context.Context, id string, limit int) ([]Channel, error) {
	query := url.Values{
		"where": {`roles contains any ("` + RoleInventorySupply + `")`},
		"sort":  {"id asc"}, "limit": {strconv.Itoa(limit)}, "withTotal": {"false"},
	}
	if id != "" {
		query.Add("where", `id > :id`)
		query.Set("var.id", id)
	}
	text, err := c.callRaw(withOperation(ctx, "list channels"), http.MethodGet, "/channels", query, nil)
	if err != nil {
		return nil, err
	}
	var page struct {
		Results []Channel `json:"results"`
	}
	if err := json.Unmarshal(text, &page); err != nil {
		return nil, errUnreadable("a list of channels", err)
	}
	if page.Results == nil {
		return nil, errUnreadable("a list of channels", errShapeless)
	}
	return page.Results, nil
}

// Changes of a resource that a subscription tells of.
const (
	ResourceCreated = "ResourceCreated"
	ResourceUpdated = "ResourceUpdated"
	ResourceDeleted = "ResourceDeleted"
)

// ChangeID names one version of a changed resource: the same in every repetition of
// its notification. It is empty when the notification tells no version.
func (n Notification) ChangeID() string {
	if n.Version == 0 {
		return ""
	}
	return strings.Join([]string{n.ResourceID, strconv.Itoa(n.Version)}, ":")
}
