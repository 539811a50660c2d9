package ctsim

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"fftconnect/internal/simulator"
)

// authority issues access tokens and knows what they allow.
type authority struct {
	opts Options
	ids  *idSource

	mu     sync.RWMutex
	tokens map[string]grant
}

// grant is what a token stands for; no scopes mean everything.
type grant struct {
	client  string
	expires time.Time
	scopes  []string
}

func newAuthority(opts Options) *authority {
	return &authority{opts: opts, ids: newIDSource(opts.Seed, 0xa0), tokens: map[string]grant{}}
}

func (a *authority) revokeAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.tokens)
}

// serveToken is the client credentials flow.
func (a *authority) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		simulator.WriteJSON(w, http.StatusBadRequest, authErrorBody(http.StatusBadRequest, "invalid_request", "Invalid request."))
		return
	}
	if !a.hasValidCredentials(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="commercetools"`)
		simulator.WriteJSON(w, http.StatusUnauthorized, authErrorBody(http.StatusUnauthorized, "invalid_client",
			"Please provide valid client credentials using HTTP Basic Authentication."))
		return
	}
	if r.Form.Get("grant_type") != "client_credentials" {
		simulator.WriteJSON(w, http.StatusBadRequest, authErrorBody(http.StatusBadRequest, "unsupported_grant_type",
			"Invalid parameter: grant_type: Invalid grant type: '"+r.Form.Get("grant_type")+"'"))
		return
	}
	a.issue(w, r.Form.Get("scope"))
}

func (a *authority) hasValidCredentials(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.Form.Get("client_id"), r.Form.Get("client_secret")
	}
	same := subtle.ConstantTimeCompare([]byte(id+"\n"+secret), []byte(a.opts.ClientID+"\n"+a.opts.ClientSecret))
	return same == 1
}

func (a *authority) issue(w http.ResponseWriter, scope string) {
	scopes := strings.Fields(scope)
	if len(scopes) == 0 {
		scopes = []string{"manage_project:" + a.opts.ProjectKey}
	}
	for _, s := range scopes {
		if _, project, _ := strings.Cut(s, ":"); strings.Split(project, ":")[0] != a.opts.ProjectKey {
			simulator.WriteJSON(w, http.StatusBadRequest, authErrorBody(http.StatusBadRequest, "invalid_scope",
				"Malformed parameter: scope: Invalid scope: '"+s+"'."))
			return
		}
	}
	token := strings.ReplaceAll(a.ids.next(), "-", "")
	now := a.opts.Clock.Now()
	a.mu.Lock()
	for old, g := range a.tokens {
		if now.After(g.expires) {
			delete(a.tokens, old)
		}
	}
	a.tokens[token] = grant{a.opts.ClientID, now.Add(a.opts.TokenTTL), scopes}
	a.mu.Unlock()
	simulator.WriteJSON(w, http.StatusOK, map[string]any{
		"access_token": token, "token_type": "Bearer",
		"expires_in": int64(a.opts.TokenTTL / time.Second), "scope": strings.Join(scopes, " "),
	})
}

// check finds what the request's token allows.
func (a *authority) check(r *http.Request) (grant, bool) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		return grant{}, false
	}
	a.mu.RLock()
	g, known := a.tokens[token]
	a.mu.RUnlock()
	return g, known && a.opts.Clock.Now().Before(g.expires)
}

// allows reports whether a scope of the grant is among those given. Scopes that are
// bound to one store do not count.
func (g grant) allows(project string, any []string) bool {
	return slices.ContainsFunc(g.scopes, func(scope string) bool {
		name, rest, _ := strings.Cut(scope, ":")
		return rest == project && (name == "manage_project" || slices.Contains(any, name))
	})
}

func insufficientScope(any []string) *apiError {
	return &apiError{
		http.StatusForbidden, "insufficient_scope",
		"Insufficient scope. One of the following scopes is missing: " + strings.Join(any, ", ") + ".", nil,
	}
}
