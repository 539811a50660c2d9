package fftsim

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"fftconnect/internal/simulator"
)

// identity is Google's part: it signs users in and refreshes their tokens.
type identity struct {
	opts  Options
	newID func() string

	mu      sync.RWMutex
	access  map[string]time.Time // tokens and when they expire
	refresh map[string]bool
	broken  bool
	changed string // the user's password now; empty: that of the options
}

func newIdentity(opts Options, newID func() string) *identity {
	return &identity{opts: opts, newID: newID, access: map[string]time.Time{}, refresh: map[string]bool{}}
}

// RevokeTokens makes every token issued so far invalid for the API. Refresh tokens
// stay valid.
func (p *Platform) RevokeTokens() {
	p.identity.mu.Lock()
	defer p.identity.mu.Unlock()
	clear(p.identity.access)
}

// BreakRefresh has every refresh refused with TOKEN_EXPIRED until it is switched
// off again.
func (p *Platform) BreakRefresh(on bool) {
	p.identity.mu.Lock()
	defer p.identity.mu.Unlock()
	p.identity.broken = on
}

// SetPassword gives the user another password, which ends every token that was issued before.
func (p *Platform) SetPassword(password string) {
	p.identity.mu.Lock()
	defer p.identity.mu.Unlock()
	p.identity.changed = password
	clear(p.identity.access)
	clear(p.identity.refresh)
}

func (i *identity) password() string {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return cmp.Or(i.changed, i.opts.Password)
}

// isValidToken reports whether an Authorization header carries a token that has not expired.
func (i *identity) isValidToken(header string) bool {
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		return false
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	expiry, ok := i.access[token]
	return ok && i.opts.Clock.Now().Before(expiry)
}

// issue makes an access token, which looks like a JWT, and a refresh token.
func (i *identity) issue() (access, refresh string) {
	now := i.opts.Clock.Now()
	expiry := now.Add(i.opts.TokenTTL)
	claims := fmt.Sprintf(`{"sub":%q,"aud":%q,"iat":%d,"exp":%d,"jti":%q}`,
		userID, i.opts.ProjectID, now.Unix(), expiry.Unix(), i.newID())
	encode := base64.RawURLEncoding.EncodeToString
	access = encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte(i.newID()))
	refresh = "AMf-" + i.newID()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.access[access], i.refresh[refresh] = expiry, true
	return access, refresh
}

const userID = "u7Xq2demoUser"

func (i *identity) signIn(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Email, Password   string
		ReturnSecureToken bool
	}
	text, _ := io.ReadAll(r.Body)
	switch err := json.Unmarshal(text, &body); {
	case err != nil:
		googleRefusal(w, "Invalid JSON payload received.")
	case r.URL.Query().Get("key") != i.opts.APIKey:
		googleRefusal(w, "API key not valid. Please pass a valid API key.")
	case body.Email == "":
		googleRefusal(w, "MISSING_EMAIL")
	case body.Password == "":
		googleRefusal(w, "MISSING_PASSWORD")
	case body.Email != i.opts.User:
		googleRefusal(w, "EMAIL_NOT_FOUND")
	case body.Password != i.password():
		googleRefusal(w, "INVALID_PASSWORD")
	default:
		access, refresh := i.issue()
		answer := map[string]any{
			"kind": "identitytoolkit#VerifyPasswordResponse", "localId": userID, "email": body.Email,
			"displayName": "", "idToken": access, "registered": true,
		}
		if body.ReturnSecureToken {
			answer["refreshToken"], answer["expiresIn"] = refresh, i.lifetime()
		}
		simulator.WriteJSON(w, http.StatusOK, answer)
	}
}

func (i *identity) renew(w http.ResponseWriter, r *http.Request) {
	grant, token, err := refreshRequest(r)
	switch {
	case err != nil:
		googleRefusal(w, "Invalid JSON payload received.")
	case r.URL.Query().Get("key") != i.opts.APIKey:
		googleRefusal(w, "API key not valid. Please pass a valid API key.")
	case grant != "refresh_token":
		googleRefusal(w, "INVALID_GRANT_TYPE")
	case token == "":
		googleRefusal(w, "MISSING_REFRESH_TOKEN")
	default:
		if refusal := i.redeemRefreshToken(token); refusal != "" {
			googleRefusal(w, refusal)
			return
		}
		access, refresh := i.issue()
		simulator.WriteJSON(w, http.StatusOK, map[string]any{
			"access_token": access, "expires_in": i.lifetime(), "token_type": "Bearer", "refresh_token": refresh,
			"id_token": access, "user_id": userID, "project_id": i.opts.ProjectID,
		})
	}
}

// redeemRefreshToken uses a refresh token up; the answer to a refresh carries the next one.
func (i *identity) redeemRefreshToken(token string) (refusal string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.broken {
		return "TOKEN_EXPIRED"
	}
	if !i.refresh[token] {
		return "INVALID_REFRESH_TOKEN"
	}
	delete(i.refresh, token)
	return ""
}

func (i *identity) lifetime() string { return strconv.Itoa(int(i.opts.TokenTTL / time.Second)) }

// refreshRequest reads JSON as well as a form.
func refreshRequest(r *http.Request) (grant, token string, err error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return "", "", err
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(text))
		return form.Get("grant_type"), form.Get("refresh_token"), err
	}
	var body struct {
		Grant string `json:"grant_type"`
		Token string `json:"refresh_token"`
	}
	err = json.Unmarshal(text, &body)
	return body.Grant, body.Token, err
}

func googleRefusal(w http.ResponseWriter, message string) {
	simulator.WriteJSON(w, http.StatusBadRequest, googleError(http.StatusBadRequest, message))
}

func googleError(status int, message string) any {
	return map[string]any{"error": map[string]any{
		"code": status, "message": message,
		"errors": []any{map[string]any{"message": message, "domain": "global", "reason": "invalid"}},
	}}
}
