package ctsim

import (
	"net/http"
	"slices"
)

// projectKind has no collection: there is one project.
func projectKind() *kind {
	return &kind{
		typeID: "project", title: "Project", keyField: "key",
		reads: []string{"view_project_settings"}, writes: []string{"manage_project_settings"},
		actions: map[string]action{
			"changeName":                  assign("name", "name", "name"),
			"changeLanguages":             assign("languages", "languages", "languages"),
			"changeCountries":             assign("countries", "countries", "countries"),
			"changeCurrencies":            assign("currencies", "currencies", "currencies"),
			"changeMessagesConfiguration": assign("messagesConfiguration", "messages", "messagesConfiguration"),
		},
	}
}

func (p *Platform) newProject() *storedResource {
	now := p.opts.Clock.Now()
	doc := newDocument(map[string]any{
		"key": p.opts.ProjectKey, "name": p.opts.ProjectKey, "version": int64(1),
		"languages": p.opts.Languages, "countries": p.opts.Countries, "currencies": p.opts.Currencies,
		"createdAt": stamp(now),
		"messages":  map[string]any{"enabled": false},
		"carts":     map[string]any{"deleteDaysAfterLastModification": 90, "countryTaxRateFallbackEnabled": false},
		"inventory": map[string]any{"releaseExpiredReservations": false},
		"discounts": map[string]any{"discountCombinationMode": "Stacking"},
	})
	return &storedResource{id: p.opts.ProjectKey, key: p.opts.ProjectKey, version: 1, doc: doc, at: now}
}

func (p *Platform) serveProject(r request) (int, []byte, *apiError) {
	k := projectKind()
	switch r.Method {
	case http.MethodGet:
		if err := p.checkScope(r, slices.Concat(k.reads, k.writes)); err != nil {
			return 0, nil, err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		return http.StatusOK, p.project.doc.text, nil
	case http.MethodPost:
		return p.serveProjectUpdate(r, k)
	}
	return 0, nil, noEndpoint(r)
}

func (p *Platform) serveProjectUpdate(r request, k *kind) (int, []byte, *apiError) {
	if err := p.checkScope(r, k.writes); err != nil {
		return 0, nil, err
	}
	u, err := r.decodeUpdate(k)
	if err != nil {
		return 0, nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o, err := p.update(newCollection(k, 0), p.project, u, r.grant.client)
	return http.StatusOK, o.doc.text, err
}
