package intake

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fftconnect/internal/config"
)

// Token makes and checks the bearer token that callers show. It is signed with
// HS256; a token that says otherwise is refused.
type Token struct {
	Secret                    []byte
	Previous                  []byte // another secret that is good while one is being replaced; empty: none
	Issuer, Audience, Subject string
	Lifetime                  time.Duration
	Now                       func() time.Time // time.Now when nil
}

// TokenOf is the token that fulfillmenttools shows; ForEndpoint makes those of other callers.
func TokenOf(env config.Environment) Token {
	return Token{
		Secret: []byte(env.Token.Secret.Reveal()), Previous: []byte(env.Token.Previous.Reveal()), Issuer: env.Token.Issuer, Audience: env.Token.Audience,
		Subject: env.Token.Subject, Lifetime: env.Token.Lifetime,
	}
}

// Sign makes a token that is good for the lifetime from now.
func (t Token) Sign() (string, error) {
	now := t.now()
	claims := jwt.RegisteredClaims{
		Issuer: t.Issuer, Audience: jwt.ClaimStrings{t.Audience}, Subject: t.Subject,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(t.Lifetime)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.Secret)
}

// Verify gives the time at which the token ends, also when that is the only thing wrong
// with it. The error names what is wrong with it and never the token.
func (t Token) Verify(text string) (time.Time, error) {
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return t.verificationKeys(), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(t.Issuer), jwt.WithAudience(t.Audience), jwt.WithSubject(t.Subject),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(t.now))
	if err == nil {
		return claims.ExpiresAt.Time, nil
	}
	problem := errors.New(tokenProblem(err))
	if errors.Is(err, jwt.ErrTokenExpired) && problem.Error() == tokenProblem(jwt.ErrTokenExpired) {
		return claims.ExpiresAt.Time, problem
	}
	return time.Time{}, problem
}

// ForEndpoint is the token of another endpoint: its subject is another, so that who may call one
// may not call all.
func (t Token) ForEndpoint(endpoint string) Token {
	if endpoint != ServicePath {
		t.Subject += endpoint
	}
	return t
}

// TokenCheckpoint is where the store keeps when the token ends that was last shown at the
// endpoint.
func TokenCheckpoint(endpoint string) string { return "token shown at " + endpoint }

// verificationKeys are the secrets that a token may be signed with.
func (t Token) verificationKeys() any {
	if len(t.Previous) == 0 {
		return t.Secret
	}
	return jwt.VerificationKeySet{Keys: []jwt.VerificationKey{t.Secret, t.Previous}}
}

func (t Token) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

// tokenProblem words what is wrong without what the token holds; of several faults the
// one that says most.
func tokenProblem(err error) string {
	for _, fault := range []struct {
		err   error
		words string
	}{
		{jwt.ErrTokenMalformed, "the token is not a JWT"},
		{jwt.ErrTokenSignatureInvalid, "the token is not signed by us"},
		{jwt.ErrTokenInvalidIssuer, "the token has another issuer"},
		{jwt.ErrTokenInvalidAudience, "the token has another audience"},
		{jwt.ErrTokenInvalidSubject, "the token has another subject"},
		{jwt.ErrTokenRequiredClaimMissing, "the token lacks a claim"},
		{jwt.ErrTokenExpired, "the token is expired"},
	} {
		if errors.Is(err, fault.err) {
			return fault.words
		}
	}
	return "the token is not valid"
}

// Visitor is who was let in.
type Visitor struct {
	TokenEnds time.Time // zero: no token of ours was shown
	Stranger  bool      // anybody may come in, and nothing shows who this is
}

// Caller decides whether a request may come in; the error says why not.
type Caller func(ctx context.Context, r *http.Request) (Visitor, error)

// Anybody lets every caller in. Who shows a good token is no stranger.
func Anybody(known Caller) Caller {
	return func(ctx context.Context, r *http.Request) (Visitor, error) {
		if visitor, err := known(ctx, r); err == nil {
			return visitor, nil
		}
		return Visitor{Stranger: true}, nil
	}
}

// Bearer lets callers with a valid token in.
func Bearer(token Token) Caller {
	known := &verifiedTokens{token: token}
	return func(_ context.Context, r *http.Request) (Visitor, error) {
		text, ok := bearerToken(r)
		if !ok {
			return Visitor{}, errors.New("no bearer token")
		}
		return known.verify(text)
	}
}

// BearerOrQuery also takes the token from ?token=, for brokers that push without
// headers of our choice.
func BearerOrQuery(token Token) Caller {
	known, header := &verifiedTokens{token: token}, Bearer(token)
	return func(ctx context.Context, r *http.Request) (Visitor, error) {
		if r.URL.RawQuery != "" {
			if text := r.URL.Query().Get("token"); text != "" {
				return known.verify(text)
			}
		}
		return header(ctx, r)
	}
}

// verifiedTokens remembers tokens that were found good, until they end: the senders show the
// same few with every message.
type verifiedTokens struct {
	token Token
	mu    sync.RWMutex
	ends  map[[sha256.Size]byte]time.Time // by the token's hash
}

// maxAdmitted bounds how many are remembered. Only who has the secret can make more.
const maxAdmitted = 64

func (a *verifiedTokens) verify(text string) (Visitor, error) {
	hash := sha256.Sum256([]byte(text))
	a.mu.RLock()
	ends, known := a.ends[hash]
	a.mu.RUnlock()
	if known && a.token.now().Before(ends) {
		return Visitor{TokenEnds: ends}, nil
	}
	ends, err := a.token.Verify(text)
	if err != nil {
		return Visitor{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ends == nil || len(a.ends) >= maxAdmitted {
		a.ends = map[[sha256.Size]byte]time.Time{}
	}
	a.ends[hash] = ends
	return Visitor{TokenEnds: ends}, nil
}

func bearerToken(r *http.Request) (string, bool) {
	scheme, text, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(text), ok && strings.EqualFold(scheme, "Bearer")
}
