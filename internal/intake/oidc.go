package intake

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
)

// OIDC lets a broker in that shows an OpenID Connect token of the issuer for our
// audience, as Google's Pub/Sub does. With an email, the token must be of that
// service account. The issuer's keys are fetched when the first token comes.
func OIDC(client *http.Client, issuer, audience, email string) Caller {
	var mu sync.Mutex
	var verifier *oidc.IDTokenVerifier
	ready := func(ctx context.Context) (*oidc.IDTokenVerifier, error) {
		mu.Lock()
		defer mu.Unlock()
		if verifier != nil {
			return verifier, nil
		}
		// The provider keeps the context for later key fetches: it must not end with
		// this request.
		ctx = oidc.ClientContext(context.WithoutCancel(ctx), client)
		provider, err := oidc.NewProvider(ctx, issuer)
		if err != nil {
			return nil, fmt.Errorf("the issuer's keys cannot be fetched")
		}
		verifier = provider.Verifier(&oidc.Config{ClientID: audience})
		return verifier, nil
	}
	return func(ctx context.Context, r *http.Request) error {
		text, ok := bearer(r)
		if !ok {
			return errors.New("no bearer token")
		}
		verifier, err := ready(ctx)
		if err != nil {
			return err
		}
		token, err := verifier.Verify(ctx, text)
		if err != nil {
			return errors.New("the broker's token is not valid")
		}
		var claims struct {
			Email    string `json:"email"`
			Verified bool   `json:"email_verified"`
		}
		if err := token.Claims(&claims); err != nil {
			return errors.New("the broker's token has unreadable claims")
		}
		if email != "" && (claims.Email != email || !claims.Verified) {
			return errors.New("the broker's token is of another service account")
		}
		return nil
	}
}
