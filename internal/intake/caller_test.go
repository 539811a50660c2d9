package intake_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fftconnect/internal/intake"
)

func ours() intake.Token {
	return intake.Token{
		Secret: []byte("planted-secret-planted-secret-32"), Issuer: "fftconnect", Audience: "here", Subject: "fulfillmenttools", Lifetime: time.Hour,
	}
}

func TestATokenIsGoodForItsLifetime(t *testing.T) {
	t.Parallel()
	token := ours()
	start := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	now := start
	token.Now = func() time.Time { return now }
	text, err := token.Sign()
	if err != nil {
		t.Fatal(err)
	}
	ends, err := token.Verify(text)
	if err != nil || !ends.Equal(start.Add(time.Hour)) {
		t.Errorf("ends %s, error %v", ends, err)
	}
	now = start.Add(time.Hour - time.Second)
	if _, err := token.Verify(text); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	now = start.Add(time.Hour)
	if ended, err := token.Verify(text); err == nil || err.Error() != "the token is expired" || !ended.Equal(now) {
		t.Errorf("at its end: %s, %v", ended, err)
	}
}

func TestWhatIsWrongWithATokenIsSaidWithoutTheToken(t *testing.T) {
	t.Parallel()
	good := ours()
	signed := func(change func(*intake.Token)) string {
		token := ours()
		change(&token)
		text, err := token.Sign()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	other := func(method jwt.SigningMethod, key any) string {
		text, err := jwt.NewWithClaims(method, jwt.RegisteredClaims{
			Issuer: good.Issuer, Audience: jwt.ClaimStrings{good.Audience}, Subject: good.Subject, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
		}).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for words, text := range map[string]string{
		"the token is expired":           signed(func(o *intake.Token) { o.Lifetime = -time.Minute }),
		"the token has another issuer":   signed(func(o *intake.Token) { o.Issuer = "planted" }),
		"the token has another audience": signed(func(o *intake.Token) { o.Audience = "planted" }),
		"the token has another subject":  signed(func(o *intake.Token) { o.Subject = "planted" }),
		"the token is not signed by us":  signed(func(o *intake.Token) { o.Secret = []byte("another secret") }),
		"the token is not a JWT":         "planted",
	} {
		if ends, err := good.Verify(text); err == nil || err.Error() != words || ends.IsZero() == strings.Contains(words, "expired") {
			t.Errorf("%s, %v, want %q", ends, err, words)
		}
	}
	expiredElsewhere := signed(func(o *intake.Token) { o.Lifetime, o.Issuer, o.Audience = -time.Minute, "planted", "planted" })
	for range 50 {
		if ends, err := good.Verify(expiredElsewhere); err == nil || err.Error() != "the token has another issuer" || !ends.IsZero() {
			t.Fatalf("of three faults: %s, %v", ends, err)
		}
	}
	for name, text := range map[string]string{
		"HS384": other(jwt.SigningMethodHS384, good.Secret), "HS512": other(jwt.SigningMethodHS512, good.Secret),
		"none": other(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), "empty": "", "dots": "..", "long": strings.Repeat("a.", 10_000),
	} {
		if _, err := good.Verify(text); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// issuer is an OpenID Connect issuer with one key.
type issuer struct {
	*httptest.Server
	key   *rsa.PrivateKey
	asked atomic.Int64
	down  atomic.Bool
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{key: rsaKey()}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.asked.Add(1)
		if i.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		encode := base64.RawURLEncoding.EncodeToString
		answer := any(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/a", "token_endpoint": i.URL + "/t", "id_token_signing_alg_values_supported": []string{"RS256"}})
		if r.URL.Path == "/keys" {
			answer = map[string]any{"keys": []any{map[string]any{
				"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k1", "n": encode(i.key.N.Bytes()), "e": encode(big.NewInt(int64(i.key.E)).Bytes()),
			}}}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(i.Close)
	return i
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func (i *issuer) token(t *testing.T, change jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": i.URL, "aud": "https://here.example/event", "sub": "1", "email": "push@demo.example", "email_verified": true,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	for name, value := range change {
		claims[name] = value
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = "k1"
	text, err := token.SignedString(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func ask(caller intake.Caller, authorization string) error {
	request := httptest.NewRequest(http.MethodPost, "/event", nil)
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	_, err := caller(context.Background(), request)
	return err
}

func TestABrokersOwnTokenLetsItIn(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	caller := intake.OIDC(i.Client(), i.URL, "https://here.example/event", "push@demo.example")
	if i.asked.Load() > 0 {
		t.Error("the issuer was asked before a token came")
	}
	for range 3 {
		if err := ask(caller, "Bearer "+i.token(t, nil)); err != nil {
			t.Errorf("a good token: %v", err)
		}
	}
	if got := i.asked.Load(); got != 2 {
		t.Errorf("the issuer was asked %d times, want 2", got)
	}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"iss": i.URL}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	for name, authorization := range map[string]string{
		"none": "", "no scheme": i.token(t, nil), "nonsense": "Bearer planted", "unsigned": "Bearer " + unsigned,
		"another audience":    "Bearer " + i.token(t, jwt.MapClaims{"aud": "planted"}),
		"another issuer":      "Bearer " + i.token(t, jwt.MapClaims{"iss": "https://planted.example"}),
		"expired":             "Bearer " + i.token(t, jwt.MapClaims{"exp": time.Now().Add(-time.Minute).Unix()}),
		"another account":     "Bearer " + i.token(t, jwt.MapClaims{"email": "planted@demo.example"}),
		"account not checked": "Bearer " + i.token(t, jwt.MapClaims{"email_verified": false}),
	} {
		if err := ask(caller, authorization); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
	anyAccount := intake.OIDC(i.Client(), i.URL, "https://here.example/event", "")
	if err := ask(anyAccount, "Bearer "+i.token(t, jwt.MapClaims{"email": "other@demo.example"})); err != nil {
		t.Errorf("any account: %v", err)
	}
}

func TestAnIssuerThatIsBackIsAskedAgain(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.down.Store(true)
	caller := intake.OIDC(i.Client(), i.URL, "https://here.example/event", "")
	if err := ask(caller, "Bearer "+i.token(t, nil)); err == nil || strings.Contains(err.Error(), fmt.Sprint(i.URL)) {
		t.Errorf("while it is down: %v", err)
	}
	i.down.Store(false)
	if err := ask(caller, "Bearer "+i.token(t, nil)); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}

func TestNobodyGetsInWithoutTheCallersConsent(t *testing.T) {
	t.Parallel()
	b := newBench(func(o *intake.Options) {
		o.MessageCaller, o.EventCaller = intake.BearerOrQuery(ours()), intake.Bearer(ours())
	})
	for path, body := range map[string]string{"/event": message, "/service": event, "/event?token=planted": message} {
		answer := b.post(path, strings.NewReader(body))
		if answer.Code != http.StatusUnauthorized || word(t, answer) != "unauthorized" || answer.Header().Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	if len(b.flows.asked)+len(b.journal.entries) > 0 || len(b.journal.refused) != 3 {
		t.Errorf("handled %v, refused %v", b.flows.asked, b.journal.refused)
	}
	if strings.Contains(fmt.Sprint(b.journal.refused), "planted") {
		t.Errorf("a token is written down: %v", b.journal.refused)
	}
}
