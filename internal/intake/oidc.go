package intake

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"fftconnect/internal/cache"
)

// issuerKept is how long an issuer's addresses are kept; its keys are fetched anew
// whenever a token names one that is not known.
const issuerKept = 24 * time.Hour

// OIDC lets a broker in that shows an OpenID Connect token of the issuer for our
// audience, as Google's Pub/Sub does. With an email, the token must be of that
// service account. The issuer's keys are fetched when the first token comes.
func OIDC(client *http.Client, issuer, audience, email string) Caller {
	verifiers := cache.New(issuerKept, func(ctx context.Context, _ string) (*oidc.IDTokenVerifier, error) {
		// The provider keeps the context for later key fetches: it must not end with
		// this request.
		provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client), issuer)
		if err != nil {
			return nil, errors.New("the issuer's keys cannot be fetched")
		}
		return provider.Verifier(&oidc.Config{ClientID: audience}), nil
	})
	return func(ctx context.Context, r *http.Request) error {
		text, ok := bearer(r)
		if !ok {
			return errors.New("no bearer token")
		}
		verifier, err := verifiers.Get(ctx, "")
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
