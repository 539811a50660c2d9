package commercetools

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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
		"where":        modifiedPredicates(after, until),
		"sort":         {"lastModifiedAt asc", "id asc"},
		"limit":        {strconv.Itoa(limit)},
		"withTotal":    {"false"},
		"expand":       {"state"},
		"var.modified": {after.ModifiedAt.UTC().Format(timeFormat)},
	}
	if after.ID != "" {
		query.Set("var.id", after.ID)
	}
	if !until.IsZero() {
		query.Set("var.until", until.UTC().Format(timeFormat))
	}
	orders, err := c.snapshots(ctx, query)
	if n := len(orders); n > 0 {
		last := orders[n-1]
		after = Position{ModifiedAt: last.LastModifiedAt, ID: last.ID}
	}
	return orders, after, err
}

// Unfinished says which orders may not be finished: by when they were last modified.
type Unfinished struct {
	Since     time.Time // at all
	Until     time.Time // at all; zero: now
	Shipped   time.Time // of those that are Shipped, Delivered or Canceled: since then
	Cancelled time.Time // of those whose order state is Cancelled: since then
	Spans     []Span    // only within one of these; none: at any time
	// Without is a custom field that they have no value in; empty: none.
	Without string
}

// Span is a time, without its beginning and with its end.
type Span struct{ After, Until time.Time }

// whereWithin is the spans as a predicate, with its variables added to the query.
func whereWithin(spans []Span, query url.Values) string {
	parts := make([]string, len(spans))
	for i, span := range spans {
		after, until := "after"+strconv.Itoa(i), "until"+strconv.Itoa(i)
		parts[i] = "(lastModifiedAt > :" + after + " and lastModifiedAt <= :" + until + ")"
		query.Set("var."+after, span.After.UTC().Format(timeFormat))
		query.Set("var."+until, span.Until.UTC().Format(timeFormat))
	}
	return strings.Join(parts, " or ")
}

// OrdersUnfinished is a page of orders that may not be finished, by id, behind the one of
// that id. A page that is not full is the last one.
func (c *Client) OrdersUnfinished(ctx context.Context, after string, which Unfinished, limit int) ([]Snapshot, error) {
	query := url.Values{
		"where": {
			`lastModifiedAt >= :since`,
			`orderState != "Complete"`,
			`orderState != "Cancelled" or lastModifiedAt >= :cancelled`,
			`shipmentState is not defined or shipmentState in ("Pending", "Backorder", "Delayed", "Ready", "Partial") or lastModifiedAt >= :shipped`,
		},
		"sort":          {"id asc"},
		"limit":         {strconv.Itoa(limit)},
		"withTotal":     {"false"},
		"expand":        {"state"},
		"var.since":     {which.Since.UTC().Format(timeFormat)},
		"var.shipped":   {which.Shipped.UTC().Format(timeFormat)},
		"var.cancelled": {which.Cancelled.UTC().Format(timeFormat)},
	}
	if after != "" {
		query.Add("where", `id > :id`)
		query.Set("var.id", after)
	}
	if !which.Until.IsZero() {
		query.Add("where", `lastModifiedAt <= :until`)
		query.Set("var.until", which.Until.UTC().Format(timeFormat))
	}
	if len(which.Spans) > 0 {
		query.Add("where", whereWithin(which.Spans, query))
	}
	if which.Without != "" {
		query.Add("where", "custom is not defined or custom(fields("+which.Without+" is not defined))")
	}
	return c.snapshots(ctx, query)
}

// CountOrdersWithField is how many orders have a value in a custom field; commercetools counts
// to 10,000.
func (c *Client) CountOrdersWithField(ctx context.Context, field string) (int, error) {
	var page struct {
		Total *int `json:"total"`
	}
	query := url.Values{"where": {"custom(fields(" + field + " is defined))"}, "limit": {"1"}, "withTotal": {"true"}}
	if err := c.list(ctx, query, &page); err != nil {
		return 0, err
	}
	if page.Total == nil {
		return 0, errUnreadable("a list of orders", errShapeless)
	}
	return *page.Total, nil
}

func modifiedPredicates(after Position, until time.Time) []string {
	where := []string{`lastModifiedAt >= :modified`}
	if after.ID != "" {
		where = []string{`lastModifiedAt > :modified or (lastModifiedAt = :modified and id > :id)`}
	}
	if !until.IsZero() {
		where = append(where, `lastModifiedAt <= :until`)
	}
	return where
}

// snapshots are the orders of a list, which must be one.
func (c *Client) snapshots(ctx context.Context, query url.Values) ([]Snapshot, error) {
	var page struct {
		Results []Snapshot `json:"results"`
	}
	if err := c.list(ctx, query, &page); err != nil {
		return nil, err
	}
	if page.Results == nil {
		return nil, errUnreadable("a list of orders", errShapeless)
	}
	return page.Results, nil
}

func (c *Client) list(ctx context.Context, query url.Values, page any) error {
	return c.call(withOperation(ctx, "list orders"), http.MethodGet, "/orders", query, nil, "a list of orders", page)
}
