package commercetools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"fftconnect/internal/remote"
)

// Object is a custom object.
type Object struct {
	Key            string          `json:"key"`
	Version        int             `json:"version"`
	CreatedAt      time.Time       `json:"createdAt"`
	LastModifiedAt time.Time       `json:"lastModifiedAt"`
	Value          json.RawMessage `json:"value"`
	// AnsweredAt is when commercetools gave it, by its own clock, in whole seconds; by
	// ours when it does not say.
	AnsweredAt time.Time `json:"-"`
}

// Object reads a custom object; a missing one is remote.NotFound.
func (c *Client) Object(ctx context.Context, container, key string) (Object, error) {
	return c.object(ctx, "read custom object of "+container, http.MethodGet, objectPath(container, key), nil)
}

// PutObject creates a custom object or overwrites its value. Of all who put the same
// key with values of their own, exactly one is answered version 1: the one that
// created it. A value that is there already need not count as a new version.
func (c *Client) PutObject(ctx context.Context, container, key string, value any) (Object, error) {
	return c.putObject(ctx, container, key, map[string]any{"container": container, "key": key, "value": value})
}

// ReplaceObject overwrites the value of that version; remote.Conflict says that the
// object has another one by now.
func (c *Client) ReplaceObject(ctx context.Context, container, key string, version int, value any) (Object, error) {
	return c.putObject(ctx, container, key, map[string]any{"container": container, "key": key, "value": value, "version": version})
}

func (c *Client) putObject(ctx context.Context, container, key string, draft map[string]any) (Object, error) {
	body, err := json.Marshal(draft)
	if err != nil {
		return Object{}, fmt.Errorf("commercetools: custom object %s/%s: %w", container, key, err)
	}
	return c.object(ctx, "write custom object of "+container, http.MethodPost, "/custom-objects", body)
}

func (c *Client) object(ctx context.Context, name, method, path string, body []byte) (Object, error) {
	response, err := c.do(withOperation(ctx, name), method, path, nil, body)
	if err != nil {
		return Object{}, err
	}
	defer response.Body.Close()
	var object Object
	if object.AnsweredAt, _ = http.ParseTime(response.Header.Get("Date")); object.AnsweredAt.IsZero() {
		object.AnsweredAt = time.Now()
	}
	var broken *remote.Error // the connection
	if err := remote.DecodeBody(response, &object); errors.As(err, &broken) {
		return Object{}, broken
	} else if err != nil || object.Version == 0 {
		return Object{}, &remote.Error{Platform: Platform, Operation: name, Kind: remote.Transient, Ambiguous: true, Message: "the answer cannot be read"}
	}
	return object, nil
}

func objectPath(container, key string) string {
	return "/custom-objects/" + url.PathEscape(container) + "/" + url.PathEscape(key)
}

// ObjectsBefore lists custom objects of a container that were last modified before a
// time, at most limit of them.
func (c *Client) ObjectsBefore(ctx context.Context, container string, before time.Time, limit int) ([]Object, error) {
	query := url.Values{
		"where": {`lastModifiedAt < :before`}, "var.before": {before.UTC().Format(timeFormat)},
		"limit": {strconv.Itoa(limit)}, "withTotal": {"false"},
	}
	var page struct {
		Results []Object `json:"results"`
	}
	err := c.call(withOperation(ctx, "list custom objects of "+container), http.MethodGet, "/custom-objects/"+url.PathEscape(container), query, nil, "custom objects", &page)
	if err == nil && page.Results == nil {
		err = errUnreadable("custom objects", errShapeless)
	}
	return page.Results, err
}

// DeleteObject deletes a custom object; one that is gone already is no error.
func (c *Client) DeleteObject(ctx context.Context, container, key string) error {
	_, err := c.callRaw(withOperation(ctx, "delete custom object of "+container), http.MethodDelete, objectPath(container, key), nil, nil)
	if remote.Is(err, remote.NotFound) {
		return nil
	}
	return err
}
