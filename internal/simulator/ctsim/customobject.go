package ctsim

import (
	"net/http"
)

func objectKey(container, key string) string { return container + "/" + key }

func customObjectKind() *kind {
	return &kind{
		typeID: "key-value-document", path: "custom-objects", title: "CustomObject", keyField: "key",
		fields: []string{"container", "value"},
		reads: []string{
			"view_key_value_documents", "manage_key_value_documents", "view_orders", "manage_orders",
			"view_products", "manage_products", "view_customers", "manage_customers",
		},
		writes:   []string{"manage_key_value_documents", "manage_orders", "manage_products", "manage_customers"},
		complete: completeCustomObject,
	}
}

func completeCustomObject(_ *Platform, draft map[string]any) *apiError {
	if err := require(draft, "container", "key", "value"); err != nil {
		return err
	}
	for _, name := range []string{"container", "key"} {
		if text, _ := draft[name].(string); !isName(text, 1, 256, "~.") {
			return invalidField(name, draft[name])
		}
	}
	return nil
}

func (p *Platform) serveCustomObjects(r request, c *collection) (int, []byte, *apiError) {
	switch {
	case r.Method == http.MethodPost && len(r.segments) == 1:
		return p.serveUpsert(r, c)
	case r.Method == http.MethodGet && len(r.segments) == 1:
		return p.serveQuery(r, c, nil)
	case r.Method == http.MethodGet && len(r.segments) == 2:
		container := r.segments[1]
		return p.serveQuery(r, c, func(d document) bool { return d.string("container") == container })
	case len(r.segments) != 3:
		return 0, nil, noEndpoint(r)
	}
	key := objectKey(r.segments[1], r.segments[2])
	named := "container '" + r.segments[1] + "' and key '" + r.segments[2] + "'"
	switch r.Method {
	case http.MethodGet:
		return p.serveRead(r, c, "", key, named)
	case http.MethodDelete:
		return p.serveDelete(r, c, "", key, named)
	}
	return 0, nil, noEndpoint(r)
}

func (p *Platform) serveUpsert(r request, c *collection) (int, []byte, *apiError) {
	draft, err := r.decodeObject()
	if err != nil {
		return 0, nil, err
	}
	var version *int64
	if number, ok := draft["version"].(float64); ok {
		v := int64(number)
		version = &v
	}
	p.mu.Lock()
	status, o, err := p.upsert(c, c.kind.onlyKnownFields(draft), version, r.grant.client)
	p.mu.Unlock()
	if err != nil {
		return 0, nil, err
	}
	p.announce(o)
	return status, o.doc.text, nil
}

// upsert creates or replaces a resource by its key. The lock is held.
func (p *Platform) upsert(c *collection, draft map[string]any, version *int64, client string) (int, changeOutcome, *apiError) {
	if err := c.kind.complete(p, draft); err != nil {
		return 0, changeOutcome{}, err
	}
	r := c.byKey[c.kind.keyOf(newDocument(draft))]
	if r == nil {
		if version != nil && *version != 0 {
			return 0, changeOutcome{}, versionConflictError(c.kind.title, c.kind.keyOf(newDocument(draft)), *version, 0)
		}
		o, err := p.create(c, draft, client, "")
		return http.StatusCreated, o, err
	}
	if version != nil && *version != r.version {
		return 0, changeOutcome{}, versionConflictError(c.kind.title, r.id, *version, r.version)
	}
	t := p.newTurn(c, r)
	for name, value := range draft {
		t.set(name, value)
	}
	if !t.applyChanges() {
		return http.StatusOK, changeOutcome{doc: r.doc}, nil
	}
	t.version++
	return http.StatusOK, p.storeTurn(c, t, nil, client), nil
}
