package commercetools

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Position is a place in the orders by last modification: everything up to it was
// seen. The zero value is the beginning.
type Position struct {
	ModifiedAt time.Time `json:"modified_at"`
	ID         string    `json:"id"`
}

const timeFormat = "2006-01-02T15:04:05.000Z"

// OrdersModified is a page of orders that were modified after the position, in the
// order of their modification, and the position behind it. A page that is not full
// is the last one. It pages by key, so it does not skip or repeat orders that change
// meanwhile, and costs the same on the first page and the thousandth.
func (c *Client) OrdersModified(ctx context.Context, after Position, until time.Time, limit int) ([]Snapshot, Position, error) {
	query := url.Values{
		"where":        modified(after, until),
		"sort":         {"lastModifiedAt asc", "id asc"},
		"limit":        {strconv.Itoa(limit)},
		"withTotal":    {"false"},
		"expand":       {"state"},
		"var.modified": {after.ModifiedAt.UTC().Format(timeFormat)},
		"var.until":    {until.UTC().Format(timeFormat)},
	}
	if after.ID != "" {
		query.Set("var.id", after.ID)
	}
	var page struct {
		Results []Snapshot `json:"results"`
	}
	if err := c.list(ctx, query, &page); err != nil {
		return nil, after, err
	}
	if page.Results == nil {
		return nil, after, unreadable("a list of orders", errShapeless)
	}
	if n := len(page.Results); n > 0 {
		last := page.Results[n-1]
		after = Position{ModifiedAt: last.LastModifiedAt, ID: last.ID}
	}
	return page.Results, after, nil
}

// CountOrdersModified is how many orders OrdersModified will give in all.
func (c *Client) CountOrdersModified(ctx context.Context, after Position, until time.Time) (int, error) {
	query := url.Values{
		"where":        modified(after, until),
		"limit":        {"1"},
		"withTotal":    {"true"},
		"var.modified": {after.ModifiedAt.UTC().Format(timeFormat)},
		"var.until":    {until.UTC().Format(timeFormat)},
	}
	if after.ID != "" {
		query.Set("var.id", after.ID)
	}
	var page struct {
		Total *int `json:"total"`
	}
	err := c.list(ctx, query, &page)
	if err == nil && page.Total == nil {
		err = unreadable("a list of orders", errShapeless)
	}
	if err != nil {
		return 0, err
	}
	return *page.Total, nil
}

// CountOrdersWithField is how many orders have a value in a custom field; commercetools counts
// to 10,000.
func (c *Client) CountOrdersWithField(ctx context.Context, field string) (int, error) {
	var page struct {
		Total int `json:"total"`
	}
	query := url.Values{"where": {"custom(fields(" + field + " is defined))"}, "limit": {"1"}, "withTotal": {"true"}}
	err := c.list(ctx, query, &page)
	return page.Total, err
}

func modified(after Position, until time.Time) []string {
	where := []string{`lastModifiedAt >= :modified`}
	if after.ID != "" {
		where = []string{`lastModifiedAt > :modified or (lastModifiedAt = :modified and id > :id)`}
	}
	if !until.IsZero() {
		where = append(where, `lastModifiedAt <= :until`)
	}
	return where
}

func (c *Client) list(ctx context.Context, query url.Values, page any) error {
	if query.Get("var.until") == (time.Time{}).Format(timeFormat) {
		query.Del("var.until")
	}
	return c.call(operation(ctx, "list orders"), http.MethodGet, "/orders", query, nil, "a list of orders", page)
}
