package intake

import (
	"context"
	"errors"
	"net/http"
	"sync"
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
	client = limitKeyRequests(client)
	verifiers := cache.New(issuerKept, func(ctx context.Context, _ string) (*oidc.IDTokenVerifier, error) {
		// The provider keeps the context for later key fetches: it must not end with
		// this request.
		provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client), issuer)
		if err != nil {
			return nil, errors.New("the issuer's keys cannot be fetched")
		}
		return provider.Verifier(&oidc.Config{ClientID: audience}), nil
	})
	return func(ctx context.Context, r *http.Request) (Visitor, error) {
		text, ok := bearerToken(r)
		if !ok {
			return Visitor{}, errors.New("no bearer token")
		}
		verifier, err := verifiers.Get(ctx, "")
		if err != nil {
			return Visitor{}, err
		}
		token, err := verifier.Verify(ctx, text)
		if err != nil {
			return Visitor{}, errors.New("the broker's token is not valid")
		}
		var claims struct {
			Email    string `json:"email"`
			Verified bool   `json:"email_verified"`
		}
		if err := token.Claims(&claims); err != nil {
			return Visitor{}, errors.New("the broker's token has unreadable claims")
		}
		if email != "" && (claims.Email != email || !claims.Verified) {
			return Visitor{}, errors.New("the broker's token is of another service account")
		}
		return Visitor{}, nil
	}
}

const (
	// keysPause is how long an issuer is not asked again for what it has just told: a token
	// that names an unknown key must not make us fetch the keys, and anybody can make one.
	keysPause = 30 * time.Second
	// maxKeys is how many bytes of an issuer's answer are read.
	maxKeys = 1 << 20
	// keysTimeout bounds one question to the issuer.
	keysTimeout = 5 * time.Second
)

// limitKeyRequests is the client with these limits.
func limitKeyRequests(client *http.Client) *http.Client {
	limited := *client
	if limited.Transport == nil {
		limited.Transport = http.DefaultTransport
	}
	limited.Transport = &keyRequestLimiter{next: limited.Transport, told: map[string]time.Time{}}
	limited.Timeout = keysTimeout
	return &limited
}

type keyRequestLimiter struct {
	next http.RoundTripper
	mu   sync.Mutex
	told map[string]time.Time // when an address last told something; there are two
}

// RoundTrip implements http.RoundTripper.
func (s *keyRequestLimiter) RoundTrip(r *http.Request) (*http.Response, error) {
	address := r.URL.String()
	s.mu.Lock()
	recent := time.Since(s.told[address]) < keysPause
	s.mu.Unlock()
	if recent {
		return nil, errors.New("the issuer was asked a moment ago")
	}
	response, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		s.mu.Lock()
		s.told[address] = time.Now()
		s.mu.Unlock()
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxKeys)
	return response, nil
}
