package commercetools

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/remote"
)

// Subscription reads a subscription by its key, nil when there is none.
func (c *Client) Subscription(ctx context.Context, key string) (*platform.Subscription, error) {
	found, err := c.sdk().Subscriptions().WithKey(key).Get().Execute(withOperation(ctx, "read subscription"))
	if remote.Is(err, remote.NotFound) {
		return nil, nil
	}
	return checkedAnswer("a subscription", found, err, isSubscription)
}

func isSubscription(s *platform.Subscription) bool { return s.ID != "" && s.Version > 0 }

// CreateSubscription creates one; commercetools first sends a test notification to
// the destination and refuses when that cannot be delivered.
func (c *Client) CreateSubscription(ctx context.Context, draft platform.SubscriptionDraft) (*platform.Subscription, error) {
	created, err := c.sdk().Subscriptions().Post(draft).Execute(withOperation(ctx, "create subscription"))
	return checkedAnswer("a subscription", created, err, isSubscription)
}

// UpdateSubscription changes one in place, so that no notification is lost.
func (c *Client) UpdateSubscription(ctx context.Context, id string, version int, actions []platform.SubscriptionUpdateAction) (*platform.Subscription, error) {
	update := platform.SubscriptionUpdate{Version: version, Actions: actions}
	updated, err := c.sdk().Subscriptions().WithId(id).Post(update).Execute(withOperation(ctx, "update subscription"))
	return checkedAnswer("a subscription", updated, err, isSubscription)
}

// DeleteSubscription deletes one; one that is gone already is no error.
func (c *Client) DeleteSubscription(ctx context.Context, id string, version int) error {
	_, err := c.sdk().Subscriptions().WithId(id).Delete().Version(version).Execute(withOperation(ctx, "delete subscription"))
	if remote.Is(err, remote.NotFound) {
		return nil
	}
	return unwrapRemoteError(err)
}

// SubscriptionKeys lists the keys of all subscriptions of the project, whoever made them.
func (c *Client) SubscriptionKeys(ctx context.Context) ([]string, error) {
	text, err := c.callRaw(withOperation(ctx, "list subscriptions"), http.MethodGet, "/subscriptions", url.Values{"limit": {"500"}}, nil)
	if err != nil {
		return nil, err
	}
	var page struct {
		Results []struct {
			Key string `json:"key"`
		} `json:"results"`
	}
	if err := json.Unmarshal(text, &page); err != nil {
		return nil, errUnreadable("a list of subscriptions", err)
	}
	if page.Results == nil {
		return nil, errUnreadable("a list of subscriptions", errShapeless)
	}
	var keys []string
	for _, subscription := range page.Results {
		keys = append(keys, subscription.Key)
	}
	return keys, nil
}
