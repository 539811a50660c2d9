package connector_test

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fftconnect/internal/testform"
)

// credential is what a caller shows.
type credential struct {
	name, text string
	genuine    bool // for the endpoint that it is made for
}

// endpoints are the doors, and which token opens them.
var endpoints = []struct{ path, opens string }{
	{"/event", "/event"}, {"/event/", "/event"}, {"/service", "/service"}, {"/service/", "/service"}, {"/service/ORDER_CREATED", "/service"}, {"/job", "/job"},
}

// credentials are one good token for the door, and what others may try.
func (a *target) credentials(opens string) []credential {
	signer := a.signer(opens)
	claims := func(change func(jwt.MapClaims)) jwt.MapClaims {
		c := jwt.MapClaims{
			"iss": signer.Issuer, "aud": []string{signer.Audience}, "sub": signer.Subject,
			"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		}
		if change != nil {
			change(c)
		}
		return c
	}
	signed := func(method jwt.SigningMethod, key any, c jwt.MapClaims, headers ...string) string {
		token := jwt.NewWithClaims(method, c)
		for i := 0; i+1 < len(headers); i += 2 {
			token.Header[headers[i]] = headers[i+1]
		}
		text, err := token.SignedString(key)
		if err != nil {
			a.t.Fatal(err)
		}
		return text
	}
	ours := func(change func(jwt.MapClaims), headers ...string) string {
		return signed(jwt.SigningMethodHS256, signer.Secret, claims(change), headers...)
	}
	good := ours(nil)
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	set := func(name string, value any) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) { c[name] = value }
	}
	without := func(name string) func(jwt.MapClaims) { return func(c jwt.MapClaims) { delete(c, name) } }
	all := []credential{
		{"good", good, true},
		{"good, with an unknown key id", ours(nil, "kid", "../../etc/passwd"), true}, // nobody reads it
		{"empty", "", false},
		{"a word", "token", false},
		{"dots", "..", false},
		{"many dots", strings.Repeat("a.", 5000), false},
		{"unsigned", signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil)), false},
		{"unsigned, in capitals", part(`{"alg":"NONE"}`) + "." + body + ".", false},
		{"no algorithm", part(`{"typ":"JWT"}`) + "." + body + "." + signature, false},
		{"signature cut off", head + "." + body + ".", false},
		{"signature cut", good[:len(good)-6], false},
		{"signature of another", head + "." + body + "." + strings.Split(ours(set("jti", "x")), ".")[2], false},
		{"body of another", head + "." + strings.Split(ours(set("sub", "admin")), ".")[1] + "." + signature, false},
		{"HS384", signed(jwt.SigningMethodHS384, signer.Secret, claims(nil)), false},
		{"HS512", signed(jwt.SigningMethodHS512, signer.Secret, claims(nil)), false},
		{"RS256", signed(jwt.SigningMethodRS256, rsaKey(), claims(nil)), false},
		{"RS256 with its key inside", signed(jwt.SigningMethodRS256, rsaKey(), claims(nil), "jwk", "{}", "jku", "https://evil.example/keys"), false},
		{"another secret", signed(jwt.SigningMethodHS256, []byte("another-secret-that-is-long-enough"), claims(nil)), false},
		{"an empty secret", signed(jwt.SigningMethodHS256, []byte{}, claims(nil)), false},
		{"the secret's beginning", signed(jwt.SigningMethodHS256, signer.Secret[:16], claims(nil)), false},
		{"another issuer", ours(set("iss", "somebody")), false},
		{"no issuer", ours(without("iss")), false},
		{"issuers", ours(set("iss", []string{signer.Issuer})), false},
		{"another audience", ours(set("aud", "somebody")), false},
		{"no audience", ours(without("aud")), false},
		{"audience of another type", ours(set("aud", 7)), false},
		{"another subject", ours(set("sub", "somebody")), false},
		{"no subject", ours(without("sub")), false},
		{"subject with a rest", ours(set("sub", signer.Subject+" ")), false},
		{"expired", ours(set("exp", time.Now().Add(-time.Minute).Unix())), false},
		{"endless", ours(without("exp")), false},
		{"an end in words", ours(set("exp", "never")), false},
		{"an end below zero", ours(set("exp", -1)), false},
		{"an end without end", ours(set("exp", 1e300)), false},
		{"not yet valid", ours(set("nbf", time.Now().Add(time.Hour).Unix())), false},
	}
	for _, door := range []string{"/event", "/service", "/job"} {
		if door != opens {
			all = append(all, credential{"the token of " + door, strings.TrimPrefix(a.token(door), "Bearer "), false})
		}
	}
	return all
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// placements are the ways in which a token may be shown.
var placements = []struct {
	name  string
	place func(path, token string) (to, authorization string)
	good  func(path string) bool // a good one counts there
}{
	{"Bearer", func(path, token string) (string, string) { return path, "Bearer " + token }, func(string) bool { return true }},
	{"bearer", func(path, token string) (string, string) { return path, "bearer  " + token }, func(string) bool { return true }},
	{"Basic", func(path, token string) (string, string) { return path, "Basic " + token }, func(string) bool { return false }},
	{"no scheme", func(path, token string) (string, string) { return path, token }, func(string) bool { return false }},
	{"in the address", func(path, token string) (string, string) { return path + "?token=" + token, "" }, func(path string) bool { return strings.HasPrefix(path, "/event") }},
}

// tokens shows each credential in each way at each door.
func tokens(t *testing.T) *figures {
	f := &figures{what: "tokens × endpoints"}
	rsaKey()
	synctest.Test(t, func(t *testing.T) {
		a := newTarget(t)
		for _, endpoint := range endpoints {
			for _, shown := range a.credentials(endpoint.opens) {
				for _, p := range placements {
					path, authorization := p.place(endpoint.path, shown.text)
					may := shown.genuine && p.good(endpoint.path)
					f.count(fmt.Sprintf("%s: %s, %s", endpoint.path, shown.name, p.name), may, a.send(path, "", authorization))
				}
			}
		}
		f.through = append(f.through, a.damage()...)
	})
	return f
}

// floods are many callers at once: without a token, and strangers where anybody may come in.
// Between them the genuine is served at once.
func floods(t *testing.T) *figures {
	f := &figures{what: "floods"}
	flood := func(a *target, n int, path string, body func(int) string, may func(answer) bool) {
		var all sync.WaitGroup
		answers := make([]answer, n)
		for i := range n {
			all.Go(func() { answers[i] = a.send(path, body(i), "") })
		}
		begun := time.Now()
		genuine := a.send("/event", a.message(), a.token("/event"))
		if genuine.status != http.StatusOK || time.Since(begun) > 5*time.Second {
			f.through = append(f.through, fmt.Sprintf("the genuine beside a flood at %s: %d after %s", path, genuine.status, time.Since(begun)))
		}
		all.Wait()
		for i, got := range answers {
			f.count(fmt.Sprintf("%s %d", path, i), may(got), got)
		}
	}
	never := func(answer) bool { return false }
	synctest.Test(t, func(t *testing.T) {
		a := newTarget(t)
		for _, path := range []string{"/event", "/service", "/job"} {
			flood(a, testform.Of(50, 1000, 1000), path, func(int) string { return a.message() }, never)
		}
		f.through = append(f.through, a.damage()...)
	})
	synctest.Test(t, func(t *testing.T) {
		a := newTarget(t, "EVENT_AUTH=none", "EVENT_RATE=10")
		a.CTLog.Reset()
		begun := time.Now()
		flood(a, testform.Of(150, 1000, 1000), "/service", func(int) string { return a.message() }, never)
		// Strangers are let in as long as they do not make us read too much.
		flood(a, testform.Of(150, 1000, 1000), "/event", func(i int) string { return messageOf(fmt.Sprintf("55555555-5555-4555-8555-%012d", i)) }, func(got answer) bool { return got.status == http.StatusOK })
		if n, most := a.CTLog.Count("GET /demo/orders"), 110+10*int(time.Since(begun).Seconds()); n > most {
			f.through = append(f.through, fmt.Sprintf("strangers made us read %d orders, more than %d", n, most))
		}
		if deferred, dead := a.kept(); deferred+dead > 0 {
			f.through = append(f.through, fmt.Sprintf("strangers' messages are stored: %d and %d", deferred, dead))
		}
		f.through = append(f.through, a.damage()...)
	})
	return f
}

// slowCallers hold connections without saying anything, say a header for ever, or have a
// body that does not come. The genuine is served beside them, and they are gone soon.
func slowCallers(t *testing.T) *figures {
	f := &figures{what: "slow callers"}
	synctest.Test(t, func(t *testing.T) {
		a := newTarget(t, "MAX_IN_FLIGHT=4")
		requests := []string{"", "POST /event HTTP/1.1\r\nHost: x\r\n"}
		for _, path := range []string{"/event", "/service", "/job"} {
			requests = append(requests,
				fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Length: 1000\r\n\r\n{", path, a.token(path)),
				fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", path, a.token(path)))
		}
		each := testform.Of(6, 75, 75)
		var held []*heldConnection
		for _, request := range requests {
			for range each {
				held = append(held, a.hold(request))
			}
		}
		time.Sleep(500 * time.Millisecond)
		for _, path := range []string{"/event", "/service"} {
			begun := time.Now()
			if got := a.send(path, "{}", a.token(path)); got.status != http.StatusOK || time.Since(begun) > time.Second {
				f.through = append(f.through, fmt.Sprintf("the genuine at %s: %d, %v after %s", path, got.status, got.err, time.Since(begun)))
			}
		}
		time.Sleep(20 * time.Second)
		for i, h := range held {
			f.tried++
			status, gone := h.ended()
			switch {
			case !gone:
				f.through = append(f.through, fmt.Sprintf("connection %d is still open", i))
			case status == http.StatusInternalServerError:
				f.crashed++
			case status == http.StatusOK:
				f.through = append(f.through, fmt.Sprintf("connection %d was let in", i))
			default:
				f.keptOut++
			}
		}
		f.through = append(f.through, a.damage()...)
	})
	return f
}

// heldConnection is a connection of a slow caller.
type heldConnection struct {
	mu     sync.Mutex
	status int
	gone   bool
}

func (h *heldConnection) ended() (status int, gone bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.status, h.gone
}

// hold opens a connection, writes the beginning of a request and waits.
func (a *target) hold(request string) *heldConnection {
	a.t.Helper()
	h := &heldConnection{}
	conn, err := a.dial()
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = conn.Close() })
	go func() {
		_, _ = conn.Write([]byte(request))
		reader := bufio.NewReader(conn)
		response, err := http.ReadResponse(reader, nil)
		h.mu.Lock()
		if err == nil {
			h.status = response.StatusCode
			_ = response.Body.Close()
		}
		h.mu.Unlock()
		_, _ = reader.WriteTo(discard{}) // until the other side closes
		h.mu.Lock()
		h.gone = true
		h.mu.Unlock()
	}()
	return h
}

type discard struct{}

func (discard) Write(text []byte) (int, error) { return len(text), nil }

func (a *target) dial() (net.Conn, error) {
	return a.Client().Transport.(*http.Transport).DialContext(a.t.Context(), "tcp", strings.TrimPrefix(a.public, "http://"))
}
