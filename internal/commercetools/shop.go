package commercetools

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/labd/commercetools-go-sdk/platform"
)

// CustomObject reads a custom object's value; a missing one is remote.NotFound.
func (c *Client) CustomObject(ctx context.Context, container, key string) (json.RawMessage, error) {
	text, err := c.callRaw(withOperation(ctx, "read configuration object"), http.MethodGet,
		"/custom-objects/"+url.PathEscape(container)+"/"+url.PathEscape(key), nil, nil)
	if err != nil {
		return nil, err
	}
	var object struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, errUnreadable("a custom object", err)
	}
	if object.Value == nil {
		return nil, errUnreadable("a custom object", errShapeless)
	}
	return object.Value, nil
}

// TypeByKey reads a type; a missing one is remote.NotFound.
func (c *Client) TypeByKey(ctx context.Context, key string) (*platform.Type, error) {
	found, err := c.sdk().Types().WithKey(key).Get().Execute(withOperation(ctx, "read type"))
	return checkedAnswer("a type", found, err, isType)
}

// TypeByID reads a type; a missing one is remote.NotFound.
func (c *Client) TypeByID(ctx context.Context, id string) (*platform.Type, error) {
	found, err := c.sdk().Types().WithId(id).Get().Execute(withOperation(ctx, "read type"))
	return checkedAnswer("a type", found, err, isType)
}

func isType(t *platform.Type) bool { return t.ID != "" && t.Version > 0 }

// FieldsByResource are the custom fields of all types, by the resources that they are for,
// such as order and line-item.
func (c *Client) FieldsByResource(ctx context.Context) (map[string][]string, error) {
	const page = 500
	fields := map[string][]string{}
	for offset := 0; ; offset += page {
		found, err := c.sdk().Types().Get().Limit(page).Offset(offset).Sort([]string{"id asc"}).WithTotal(false).Execute(withOperation(ctx, "read types"))
		types, err := checkedAnswer("a list of types", found, err, func(p *platform.TypePagedQueryResponse) bool { return p.Results != nil })
		if err != nil {
			return nil, err
		}
		for _, of := range types.Results {
			for _, resource := range of.ResourceTypeIds {
				for _, field := range of.FieldDefinitions {
					fields[string(resource)] = append(fields[string(resource)], field.Name)
				}
			}
		}
		if types.Count < page {
			return fields, nil
		}
	}
}

// CreateType creates a type.
func (c *Client) CreateType(ctx context.Context, draft platform.TypeDraft) (*platform.Type, error) {
	created, err := c.sdk().Types().Post(draft).Execute(withOperation(ctx, "create type"))
	return checkedAnswer("a type", created, err, isType)
}

// AddFields adds field definitions to a type.
func (c *Client) AddFields(ctx context.Context, to *platform.Type, fields []platform.FieldDefinition) (*platform.Type, error) {
	update := platform.TypeUpdate{Version: to.Version}
	for _, field := range fields {
		update.Actions = append(update.Actions, platform.TypeAddFieldDefinitionAction{FieldDefinition: field})
	}
	updated, err := c.sdk().Types().WithId(to.ID).Post(update).Execute(withOperation(ctx, "add fields to type"))
	return checkedAnswer("a type", updated, err, isType)
}

// DeleteType deletes a type; one that is in use is remote.Rejected.
func (c *Client) DeleteType(ctx context.Context, id string, version int) error {
	_, err := c.sdk().Types().WithId(id).Delete().Version(version).Execute(withOperation(ctx, "delete type"))
	return unwrapRemoteError(err)
}

// StateID is the id of the workflow state with this key; a missing one is
// remote.NotFound.
func (c *Client) StateID(ctx context.Context, key string) (string, error) {
	text, err := c.callRaw(withOperation(ctx, "read state"), http.MethodGet, "/states/key="+url.PathEscape(key), nil, nil)
	if err != nil {
		return "", err
	}
	var state struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return "", errUnreadable("a state", err)
	}
	if state.ID == "" {
		return "", errUnreadable("a state", errShapeless)
	}
	return state.ID, nil
}

// CheckCustomerGroupScope is no error when customer groups may be read.
func (c *Client) CheckCustomerGroupScope(ctx context.Context) error {
	_, err := c.callRaw(withOperation(ctx, "read customer groups"), http.MethodGet, "/customer-groups", url.Values{"limit": {"1"}}, nil)
	return err
}

// Store reads a store with its supply channels.
func (c *Client) Store(ctx context.Context, key string) (*platform.Store, error) {
	found, err := c.sdk().Stores().WithKey(key).Get().Expand([]string{"supplyChannels[*]"}).Execute(withOperation(ctx, "read store"))
	return checkedAnswer("a store", found, err, func(s *platform.Store) bool { return s.Key == key })
}

// Project reads the project's settings.
func (c *Client) Project(ctx context.Context) (*platform.Project, error) {
	found, err := c.sdk().Get().Execute(withOperation(ctx, "read project"))
	return checkedAnswer("a project", found, err, func(p *platform.Project) bool { return p.Key != "" })
}

// RemoveFields removes field definitions from a type, and with them their values on
// every resource.
func (c *Client) RemoveFields(ctx context.Context, from *platform.Type, fields []string) error {
	update := platform.TypeUpdate{Version: from.Version}
	for _, field := range fields {
		update.Actions = append(update.Actions, platform.TypeRemoveFieldDefinitionAction{FieldName: field})
	}
	_, err := c.sdk().Types().WithId(from.ID).Post(update).Execute(withOperation(ctx, "remove fields from type"))
	return unwrapRemoteError(err)
}
