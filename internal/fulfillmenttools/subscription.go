package fulfillmenttools

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fftconnect/internal/remote"
)

// Subscription sends an event to a web address. Older ones carry address and
// headers at the top, newer ones in a target; use TargetURL and Header to read either.
type Subscription struct {
	ID          string    `json:"id,omitempty"`
	Name        string    `json:"name"`
	Event       string    `json:"event"`
	Target      *Target   `json:"target,omitempty"`
	CallbackURL string    `json:"callbackUrl,omitempty"`
	Headers     []Header  `json:"headers,omitempty"`
	Created     time.Time `json:"created,omitzero"`
}

// Target is where a subscription delivers.
type Target struct {
	Type        string   `json:"type"` // WEBHOOK, GOOGLE_CLOUD_PUB_SUB, MICROSOFT_AZURE_SERVICE_BUS
	CallbackURL string   `json:"callbackUrl,omitempty"`
	Headers     []Header `json:"headers,omitempty"`
}

// Header goes with each delivery.
type Header struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// MaxSubscriptionsPerEvent is fulfillmenttools' limit, for all systems together.
const MaxSubscriptionsPerEvent = 5

// TargetURL is the web address that the subscription delivers to; empty for other targets.
func (s Subscription) TargetURL() string {
	if s.Target != nil {
		return s.Target.CallbackURL
	}
	return s.CallbackURL
}

// Header is the value of a header that goes with each delivery; empty when there is none.
func (s Subscription) Header(key string) string {
	headers := s.Headers
	if s.Target != nil {
		headers = s.Target.Headers
	}
	for _, header := range headers {
		if strings.EqualFold(header.Key, key) {
			return header.Value
		}
	}
	return ""
}

// Subscriptions lists all subscriptions of the tenant, whoever made them.
func (c *Client) Subscriptions(ctx context.Context) ([]Subscription, error) {
	var all []Subscription
	after := ""
	for {
		var page struct {
			Total         int            `json:"total"`
			Subscriptions []Subscription `json:"subscriptions"`
		}
		query := url.Values{"size": {strconv.Itoa(pageSize)}}
		if after != "" {
			query.Set("startAfterId", after)
		}
		err := c.call(ctx, remote.Operation{Name: "list subscriptions"}, http.MethodGet, "/subscriptions", query, nil, &page)
		if err = errIncompleteAnswer("list subscriptions", err, page.Subscriptions != nil); err != nil {
			return nil, err
		}
		all = append(all, page.Subscriptions...)
		if isLastPage(len(page.Subscriptions), len(all), page.Total) {
			return all, nil
		}
		after = page.Subscriptions[len(page.Subscriptions)-1].ID
	}
}

// CreateSubscription creates one.
func (c *Client) CreateSubscription(ctx context.Context, s Subscription) (Subscription, error) {
	var created Subscription
	err := c.call(ctx, remote.Operation{Name: "create subscription"}, http.MethodPost, "/subscriptions", nil, s, &created)
	return created, errIncompleteAnswer("create subscription", err, created.ID != "")
}

// DeleteSubscription deletes one; one that is gone already is no error.
func (c *Client) DeleteSubscription(ctx context.Context, id string) error {
	err := c.call(ctx, remote.Operation{Name: "delete subscription"}, http.MethodDelete, "/subscriptions/"+url.PathEscape(id), nil, nil, nil)
	if remote.Is(err, remote.NotFound) {
		return nil
	}
	return err
}
