package shadow

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Guard passes reading calls and token requests on to a transport, and answers
// whatever else would reach a platform itself. It is the last line: nothing in shadow
// mode should try to write.
type Guard struct {
	Base http.RoundTripper
	// Tokens are the addresses at which tokens are got.
	Tokens []string
	// Refused is told what was kept back; may be nil.
	Refused func(method, path string)
}

// searches are the paths that are read by POST.
var searches = []string{"/search"}

// refusal is in the words of both platforms: commercetools answers an object,
// fulfillmenttools a list.
const (
	refusalWords = "shadow mode: nothing is written"
	refusalOfOne = `{"statusCode":405,"message":"` + refusalWords + `","errors":[{"code":"ShadowMode","message":"` + refusalWords + `"}]}`
	refusalOfAll = `[{"summary":"` + refusalWords + `"}]`
)

// RoundTrip implements http.RoundTripper. What is refused is answered 405, so that it
// counts as refused for good and somebody hears of it.
func (g Guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.isAllowed(r) {
		return g.Base.RoundTrip(r)
	}
	if r.Body != nil {
		_ = r.Body.Close()
	}
	if g.Refused != nil {
		g.Refused(r.Method, r.URL.Path)
	}
	body := refusalOfOne
	if strings.HasPrefix(r.URL.Path, "/api/") {
		body = refusalOfAll
	}
	return &http.Response{
		Status: "405 Method Not Allowed", StatusCode: http.StatusMethodNotAllowed,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(bytes.NewBufferString(body)), ContentLength: int64(len(body)),
	}, nil
}

func (g Guard) isAllowed(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodPost:
		address := url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.URL.Path}
		return slices.Contains(g.Tokens, address.String()) ||
			slices.ContainsFunc(searches, func(end string) bool { return strings.HasSuffix(r.URL.Path, end) })
	default:
		return false
	}
}
