package commercetools

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"fftconnect/internal/remote"
)

// Object is a custom object without its value.
type Object struct {
	Key       string    `json:"key"`
	Version   int       `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
}

// PutObject creates a custom object or overwrites its value. Of all who put the same
// key, exactly one is answered version 1: the one that created it.
func (c *Client) PutObject(ctx context.Context, container, key string, value any) (Object, error) {
	body, err := json.Marshal(map[string]any{"container": container, "key": key, "value": value})
	if err != nil {
		return Object{}, fmt.Errorf("commercetools: custom object %s/%s: %w", container, key, err)
	}
	text, err := c.raw(operation(ctx, "claim order"), http.MethodPost, "/custom-objects", nil, body)
	if err != nil {
		return Object{}, err
	}
	var object Object
	if err := json.Unmarshal(text, &object); err != nil || object.Version == 0 {
		return Object{}, &remote.Error{Platform: Platform, Operation: "claim order", Kind: remote.Transient, Ambiguous: true, Message: "the answer cannot be read"}
	}
	return object, nil
}

// ObjectsBefore lists custom objects of a container that were created before a time,
// at most limit of them.
func (c *Client) ObjectsBefore(ctx context.Context, container string, before time.Time, limit int) ([]Object, error) {
	query := url.Values{
		"where": {`createdAt < :before`}, "var.before": {before.UTC().Format(timeFormat)},
		"limit": {strconv.Itoa(limit)}, "withTotal": {"false"},
	}
	text, err := c.raw(operation(ctx, "list claims"), http.MethodGet, "/custom-objects/"+url.PathEscape(container), query, nil)
	if err != nil {
		return nil, err
	}
	var page struct {
		Results []Object `json:"results"`
	}
	if err := json.Unmarshal(text, &page); err != nil {
		return nil, fmt.Errorf("commercetools: custom objects of %s cannot be read: %w", container, err)
	}
	return page.Results, nil
}

// DeleteObject deletes a custom object; one that is gone already is no error.
func (c *Client) DeleteObject(ctx context.Context, container, key string) error {
	_, err := c.raw(operation(ctx, "delete claim"), http.MethodDelete, "/custom-objects/"+url.PathEscape(container)+"/"+url.PathEscape(key), nil, nil)
	if remote.Is(err, remote.NotFound) {
		return nil
	}
	return err
}
