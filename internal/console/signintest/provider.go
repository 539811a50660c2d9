// Package signintest is an OpenID Connect provider for tests: whoever comes is signed in.
package signintest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// Client is whom the provider knows.
const (
	ClientID     = "console"
	ClientSecret = "console-secret"
)

// Provider signs everybody in with the same claims.
type Provider struct {
	URL    string
	Claims map[string]any // beside those that every token has

	key   *ecdsa.PrivateKey
	mu    sync.Mutex
	codes map[string]url.Values // of sign-ins that are under way
}

// Start runs a provider until the test ends.
func Start(t testing.TB, claims map[string]any) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{Claims: claims, key: key, codes: map[string]url.Values{}}
	known := &oidctest.Server{Algorithms: []string{oidc.ES256}, PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "key", Algorithm: oidc.ES256}}}
	mux := http.NewServeMux()
	mux.Handle("/", known)
	mux.HandleFunc("GET /auth", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.URL = server.URL
	known.SetIssuer(server.URL)
	return p
}

// authorize sends the browser straight back.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	query, code := r.URL.Query(), rand.Text()
	p.mu.Lock()
	p.codes[code] = query
	p.mu.Unlock()
	back := query.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {query.Get("state")}}.Encode()
	http.Redirect(w, r, back, http.StatusFound)
}

// token gives a token for a code, once, to who began the sign-in.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	begun, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || id != ClientID || secret != ClientSecret || base64.RawURLEncoding.EncodeToString(sum[:]) != begun.Get("code_challenge") {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{
		"iss": p.URL, "aud": ClientID, "sub": "somebody", "nonce": begun.Get("nonce"),
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	for name, value := range p.Claims {
		claims[name] = value
	}
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": "access", "token_type": "Bearer", "id_token": oidctest.SignIDToken(p.key, "key", oidc.ES256, string(text)),
	})
}
