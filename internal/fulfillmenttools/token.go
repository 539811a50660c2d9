package fulfillmenttools

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fftconnect/internal/remote"
)

// fetchToken refreshes, and signs in when there is nothing to refresh or the
// refresh is refused: a stale refresh token must not lock the connector out.
func (c *Client) fetchToken(ctx context.Context, previous remote.Token) (remote.Token, error) {
	if previous.Refresh != "" {
		token, err := c.refresh(ctx, previous.Refresh)
		if err == nil || remote.Is(err, remote.Transient) && ctx.Err() != nil {
			return token, err
		}
	}
	return c.signIn(ctx)
}

func (c *Client) signIn(ctx context.Context) (remote.Token, error) {
	var answer struct {
		IDToken      string `json:"idToken"`
		RefreshToken string `json:"refreshToken"`
		ExpiresIn    string `json:"expiresIn"` // seconds, as text
	}
	body := map[string]any{"email": c.opts.User, "password": c.opts.Password, "returnSecureToken": true}
	if err := c.authCall(ctx, "sign in", c.opts.SignInURL+"/v1/accounts:signInWithPassword", body, &answer); err != nil {
		return remote.Token{}, err
	}
	return newToken(answer.IDToken, answer.RefreshToken, answer.ExpiresIn)
}

func (c *Client) refresh(ctx context.Context, refreshToken string) (remote.Token, error) {
	var answer struct {
		IDToken      string `json:"id_token"`
		RefreshToken string `json:"refresh_token"`
		ExpiresIn    string `json:"expires_in"` // seconds, as text
	}
	body := map[string]any{"grant_type": "refresh_token", "refresh_token": refreshToken}
	if err := c.authCall(ctx, "refresh token", c.opts.TokenURL+"/v1/token", body, &answer); err != nil {
		return remote.Token{}, err
	}
	return newToken(answer.IDToken, answer.RefreshToken, answer.ExpiresIn)
}

func (c *Client) authCall(ctx context.Context, name, address string, body map[string]any, answer any) error {
	op := remote.Operation{Name: name, Repeatable: true}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(remote.WithOperation(ctx, op), c.auth, op, http.MethodPost, address+"?key="+url.QueryEscape(c.opts.APIKey), text, answer)
}

func newToken(idToken, refreshToken, expiresIn string) (remote.Token, error) {
	seconds, err := strconv.Atoi(expiresIn)
	if err != nil || idToken == "" {
		return remote.Token{}, &remote.Error{Platform: Platform, Operation: "sign in", Kind: remote.Transient, Message: "the answer holds no token"}
	}
	return remote.Token{Value: idToken, Refresh: refreshToken, Expires: time.Now().Add(time.Duration(seconds) * time.Second)}, nil
}

// readAuthRefusal understands Google's error body.
func readAuthRefusal(_ remote.Operation, status int, body []byte) remote.Refusal {
	var answer struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if remote.Decode(body, &answer) != nil {
		return remote.Refusal{Foreign: true}
	}
	if answer.Error.Message == "" {
		return remote.Refusal{Foreign: true}
	}
	refusal := remote.Refusal{Message: answer.Error.Message}
	// The message is a code, at times followed by an explanation after a colon, or
	// an explanation alone.
	if code, _, _ := strings.Cut(answer.Error.Message, " "); strings.Contains(code, "_") && code == strings.ToUpper(code) {
		refusal.Code = code
	}
	kind := remote.Blocked
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500:
		return refusal
	case refusal.Code == "TOO_MANY_ATTEMPTS_TRY_LATER":
		kind = remote.Transient
	default:
		refusal.Hint = "check FFT_API_KEY, FFT_API_USER and FFT_API_PASSWORD"
	}
	refusal.Kind = &kind
	return refusal
}
