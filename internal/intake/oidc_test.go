package intake_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fftconnect/internal/intake"
)

// issuing answers for an issuer, in fake time.
type issuing struct {
	keys  string        // the key set
	takes time.Duration // each answer
	asked map[string]int
}

func (i *issuing) RoundTrip(r *http.Request) (*http.Response, error) {
	i.asked[r.URL.Path]++
	select {
	case <-time.After(i.takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	body := i.keys
	if strings.HasSuffix(r.URL.Path, "openid-configuration") {
		body = `{"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/keys","id_token_signing_alg_values_supported":["RS256"]}`
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// tokenOfKey is signed by a key that the issuer may not have.
func tokenOfKey(t *testing.T, id string) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": "https://issuer.example", "aud": "here", "exp": time.Now().Add(time.Hour).Unix(),
	})
	token.Header["kid"] = id
	text, err := token.SignedString(rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestUnknownKeysDoNotMakeUsAskTheIssuer for each of them: anybody can make such tokens.
func TestUnknownKeysDoNotMakeUsAskTheIssuer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuing{keys: `{"keys":[]}`, asked: map[string]int{}}
		caller := intake.OIDC(&http.Client{Transport: i}, "https://issuer.example", "here", "")
		_, signed, _ := strings.Cut(tokenOfKey(t, "k"), ".")
		for n := range 300 { // five minutes
			header := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":"RS256","kid":"k%d","typ":"JWT"}`, n))
			if err := ask(caller, "Bearer "+header+"."+signed); err == nil {
				t.Fatal("it was let in")
			}
			time.Sleep(time.Second)
		}
		if n := i.asked["/keys"]; n < 2 || n > 11 {
			t.Errorf("the keys were fetched %d times in 5 minutes", n)
		}
	})
}

// TestAnIssuersAnswerIsLimited in size and time.
func TestAnIssuersAnswerIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		token := tokenOfKey(t, "k1")
		for name, i := range map[string]*issuing{
			"endless": {keys: `{"keys":[` + strings.Repeat(" ", 2<<20) + `]}`},
			"silent":  {takes: time.Hour},
		} {
			i.asked = map[string]int{}
			caller := intake.OIDC(&http.Client{Transport: i}, "https://issuer.example", "here", "")
			request := httptest.NewRequest(http.MethodPost, "/event", nil)
			request.Header.Set("Authorization", "Bearer "+token)
			begun := time.Now()
			if _, err := caller(context.Background(), request); err == nil {
				t.Errorf("%s: let in", name)
			}
			if took := time.Since(begun); took > 11*time.Second {
				t.Errorf("%s: it took %s", name, took)
			}
		}
	})
}
