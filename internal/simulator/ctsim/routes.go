package ctsim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"fftconnect/internal/simulator"
)

type callCounter struct{ api, token atomic.Int64 }

const tokenPath = "/oauth/token"

func (p *Platform) newHandler() http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, simulator.ControlPrefix):
			p.serveControl(w, r)
		case r.URL.Path == tokenPath:
			p.auth.serveToken(w, r)
		default:
			p.serveAPI(w, r)
		}
	})
	wrapped := simulator.WithFaults("commercetools", inner, p.opts.Faults, p.opts.Log, p.opts.Clock, faultBody)
	correlation := newIDSource(p.opts.Seed, 0xc1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Correlation-ID")
		if id == "" {
			id = p.opts.ProjectKey + "/" + correlation.next()
		}
		w.Header().Set("X-Correlation-ID", id)
		p.calls.count(r.URL.Path)
		wrapped.ServeHTTP(w, r)
	})
}

func (c *callCounter) count(path string) {
	switch {
	case path == tokenPath:
		c.token.Add(1)
	case !strings.HasPrefix(path, simulator.ControlPrefix):
		c.api.Add(1)
	}
}

// request is an authenticated call below the project.
type request struct {
	*http.Request
	grant    grant
	segments []string // of the path after the project key, unescaped
}

func (p *Platform) serveAPI(w http.ResponseWriter, r *http.Request) {
	g, ok := p.auth.check(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer realm="commercetools", error="invalid_token"`)
		simulator.WriteJSON(w, http.StatusUnauthorized, authErrorBody(http.StatusUnauthorized, "invalid_token", "invalid_token"))
		return
	}
	if r.Method == http.MethodHead {
		w.WriteHeader(p.exists(r, g))
		return
	}
	status, text, err := p.answer(request{r, g, splitPath(r.URL)})
	if err != nil {
		simulator.WriteJSON(w, err.status, err.body())
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// exists is the status of a HEAD request, which has no body: 404 also when a list has no
// match.
func (p *Platform) exists(r *http.Request, g grant) int {
	read := r.Clone(r.Context())
	read.Method = http.MethodGet
	status, text, err := p.answer(request{read, g, splitPath(r.URL)})
	if err != nil {
		return err.status
	}
	var list struct{ Count *int }
	if json.Unmarshal(text, &list) == nil && list.Count != nil && *list.Count == 0 {
		return http.StatusNotFound
	}
	return status
}

func splitPath(u *url.URL) []string {
	segments := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for i, s := range segments {
		if text, err := url.PathUnescape(s); err == nil {
			segments[i] = text
		}
	}
	return segments
}

func (p *Platform) answer(r request) (int, []byte, *apiError) {
	if r.segments[0] != p.opts.ProjectKey {
		return 0, nil, &apiError{http.StatusNotFound, "ResourceNotFound", "The project '" + r.segments[0] + "' was not found.", nil}
	}
	r.segments = r.segments[1:]
	if len(r.segments) == 0 {
		return p.serveProject(r)
	}
	if len(r.segments) > 1 && r.segments[0] == "orders" && r.segments[1] == "edits" {
		return p.serveEdits(r)
	}
	c := p.collections[r.segments[0]]
	if c == nil {
		return 0, nil, noEndpoint(r)
	}
	scopes := c.kind.reads
	if r.Method != http.MethodGet {
		scopes = c.kind.writes
	}
	if err := p.checkScope(r, scopes); err != nil {
		return 0, nil, err
	}
	if c.kind.typeID == "key-value-document" {
		return p.serveCustomObjects(r, c)
	}
	return p.serveCollection(r, c)
}

func (p *Platform) checkScope(r request, scopes []string) *apiError {
	if p.opts.RequireScopes && !r.grant.allows(p.opts.ProjectKey, scopes) {
		return insufficientScope(scopes)
	}
	return nil
}

func noEndpoint(r request) *apiError {
	return &apiError{http.StatusNotFound, "ResourceNotFound", "URI not found: " + r.URL.Path, nil}
}

// noSearch is for endpoints that search an index, which the simulated platform has not.
func noSearch(r request) *apiError {
	return &apiError{http.StatusNotFound, "ResourceNotFound", "Search is not here: the simulated platform has no index behind " + r.URL.Path, nil}
}

func (p *Platform) serveCollection(r request, c *collection) (int, []byte, *apiError) {
	switch {
	case len(r.segments) == 1 && r.Method == http.MethodGet:
		return p.serveQuery(r, c, nil)
	case len(r.segments) == 1 && r.Method == http.MethodPost && c != p.orders:
		return p.serveCreate(r, c, "")
	case len(r.segments) == 2 && c == p.orders && r.segments[1] == "import" && r.Method == http.MethodPost:
		return p.serveCreate(r, c, "OrderImported")
	case len(r.segments) != 2:
		return 0, nil, noEndpoint(r)
	case r.segments[1] == "search":
		return 0, nil, noSearch(r)
	}
	id, key, named := c.kind.identity(r.segments[1])
	switch r.Method {
	case http.MethodGet:
		return p.serveRead(r, c, id, key, named)
	case http.MethodPost:
		return p.serveUpdate(r, c, id, key, named)
	case http.MethodDelete:
		return p.serveDelete(r, c, id, key, named)
	}
	return 0, nil, noEndpoint(r)
}

// identity reads a path segment that is an id, "key=…" or "order-number=…".
func (k *kind) identity(segment string) (id, key, named string) {
	prefix := "key="
	if k.typeID == "order" {
		prefix = "order-number="
	}
	if key, ok := strings.CutPrefix(segment, prefix); ok {
		return "", key, strings.TrimSuffix(prefix, "=") + " '" + key + "'"
	}
	return segment, "", "ID '" + segment + "'"
}

func (p *Platform) serveRead(r request, c *collection, id, key, named string) (int, []byte, *apiError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := c.find(id, key)
	if found == nil {
		return 0, nil, notFound(c.kind.title, named)
	}
	text, err := p.expanded(found.doc, r)
	return http.StatusOK, text, err
}

func (p *Platform) serveCreate(r request, c *collection, messageName string) (int, []byte, *apiError) {
	draft, err := r.decodeObject()
	if err != nil {
		return 0, nil, err
	}
	draft = c.kind.onlyKnownFields(draft)
	if destination, ok := draft["destination"].(map[string]any); ok && c.kind.typeID == "subscription" {
		draft["id"] = p.ids.next()
		if err := p.precheck(c, draft, destination); err != nil {
			return 0, nil, err
		}
	}
	p.mu.Lock()
	o, err := p.create(c, draft, r.grant.client, messageName)
	p.mu.Unlock()
	if err != nil {
		return 0, nil, err
	}
	p.announce(o)
	return http.StatusCreated, o.doc.text, nil
}

// precheck sends the test notification of a subscription that is otherwise right.
func (p *Platform) precheck(c *collection, draft, destination map[string]any) *apiError {
	p.mu.Lock()
	err := c.kind.complete(p, copyOf(draft))
	if key, _ := draft["key"].(string); err == nil && key != "" && c.byKey[key] != nil {
		err = duplicateField("key", key)
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return p.testDestination(draft["id"].(string), destination)
}

func (p *Platform) serveUpdate(r request, c *collection, id, key, named string) (int, []byte, *apiError) {
	u, err := r.decodeUpdate(c.kind)
	if err != nil {
		return 0, nil, err
	}
	p.mu.Lock()
	found := c.find(id, key)
	p.mu.Unlock()
	if found == nil {
		return 0, nil, notFound(c.kind.title, named)
	}
	for _, a := range u.actions {
		if destination, ok := a["destination"].(map[string]any); ok && a["action"] == "changeDestination" {
			if err := p.testDestination(found.id, destination); err != nil {
				return 0, nil, err
			}
		}
	}
	o, text, err := p.updateAndExpand(r, c, found, u)
	if err != nil {
		return 0, nil, err
	}
	p.announce(o)
	return http.StatusOK, text, nil
}

func (p *Platform) updateAndExpand(r request, c *collection, found *storedResource, u updateRequest) (changeOutcome, []byte, *apiError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.byID[found.id] != found {
		return changeOutcome{}, nil, notFound(c.kind.title, "ID '"+found.id+"'")
	}
	o, err := p.update(c, found, u, r.grant.client)
	if err != nil {
		return changeOutcome{}, nil, err
	}
	text, err := p.expanded(o.doc, r)
	if err != nil {
		text = o.doc.text
	}
	return o, text, nil
}

func (p *Platform) serveDelete(r request, c *collection, id, key, named string) (int, []byte, *apiError) {
	version, given, err := r.versionParameter()
	if err != nil {
		return 0, nil, err
	}
	if !given && c.kind.typeID != "key-value-document" {
		return 0, nil, invalidInput("Missing required parameter: version")
	}
	p.mu.Lock()
	found := c.find(id, key)
	if found == nil {
		p.mu.Unlock()
		return 0, nil, notFound(c.kind.title, named)
	}
	if given && version != found.version {
		p.mu.Unlock()
		return 0, nil, versionConflictError(c.kind.title, found.id, version, found.version)
	}
	o, err := p.delete(c, found, r.grant.client)
	p.mu.Unlock()
	if err != nil {
		return 0, nil, err
	}
	p.announce(o)
	return http.StatusOK, o.doc.text, nil
}

func (r request) versionParameter() (version int64, given bool, failure *apiError) {
	text := r.URL.Query().Get("version")
	if text == "" {
		return 0, false, nil
	}
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, false, invalidInput("Malformed parameter: version: '%s' is not a number.", text)
	}
	return version, true, nil
}

func (r request) decodeObject() (map[string]any, *apiError) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, invalidJSON("reading the request: %v", err)
	}
	var value map[string]any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, invalidJSON("%v", err)
	}
	if value == nil {
		return nil, invalidJSON("an object is required")
	}
	withoutNulls(value)
	return value, nil
}

// decodeUpdate reads an update request and checks what the schema alone tells.
func (r request) decodeUpdate(k *kind) (updateRequest, *apiError) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return updateRequest{}, invalidJSON("reading the request: %v", err)
	}
	var u struct {
		Version *int64
		Actions *[]map[string]any
	}
	if err := json.Unmarshal(body, &u); err != nil {
		return updateRequest{}, invalidJSON("%v", err)
	}
	if u.Version == nil || u.Actions == nil {
		return updateRequest{}, invalidJSON("version, actions: Missing required value")
	}
	for _, a := range *u.Actions {
		withoutNulls(a)
	}
	return updateRequest{*u.Version, *u.Actions}, k.checkActions(*u.Actions)
}

func (k *kind) checkActions(actions []map[string]any) *apiError {
	if len(actions) > 500 {
		return invalidInput("A maximum of 500 update actions is allowed, but %d were given.", len(actions))
	}
	for _, a := range actions {
		name, _ := a["action"].(string)
		known, ok := k.actions[name]
		if !ok {
			return invalidJSON("actions: Invalid type ID '%s' of update action for %s", name, k.title)
		}
		for _, field := range known.required {
			if a[field] == nil {
				return invalidJSON("actions -> %s: Missing required value", field)
			}
		}
	}
	return nil
}

// onlyKnownFields drops the fields that a draft of this kind cannot have.
func (k *kind) onlyKnownFields(draft map[string]any) map[string]any {
	kept := map[string]any{}
	for _, name := range append([]string{"key", "custom"}, k.fields...) {
		if value := draft[name]; value != nil {
			kept[name] = value
		}
	}
	return kept
}
