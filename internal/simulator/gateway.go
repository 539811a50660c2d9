package simulator

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// gatewayAnswer is what something that stands before a platform answers in its stead: a
// proxy, a load balancer, a page to sign in at.
type gatewayAnswer struct {
	status      int
	contentType string
	body        string
}

const (
	html     = "text/html; charset=utf-8"
	jsonType = "application/json; charset=utf-8"
	page     = "<html><head><title>gateway</title></head><body>gateway</body></html>"
)

var gatewayAnswers = []gatewayAnswer{
	{404, html, page},
	{404, "", ""},
	{404, jsonType, `{"message":"no Route matched with those values"}`},
	{404, jsonType, `{"statusCode":404,"message":"URI not found: /","errors":[{"code":"ResourceNotFound","message":"URI not found: /"}]}`},
	{301, "", ""},
	{302, html, page},
	{307, "", ""},
	{308, "", ""},
	{400, html, page},
	{410, html, page},
	{413, html, page},
	{421, "", ""},
	{500, html, page},
	{502, html, page},
	{503, "", ""},
	{504, html, page},
	{200, html, page},
	{200, jsonType, `{}`},
	{200, jsonType, `null`},
	{200, jsonType, `[]`},
	{200, "", ""},
}

// elsewhere is where a gateway's redirects lead.
const elsewhere = "https://gateway.example/"

// goesOn is how long after a gateway's answer a platform may carry the request out at most.
const goesOn = 8 * time.Second

// intervention is a gateway's answer to one request, and what becomes of the request.
type intervention struct {
	gatewayAnswer
	carriedOut bool
	after      time.Duration // the answer
}

// newIntervention draws one of each three: not carried out, carried out before the answer, and
// after it.
func newIntervention(random *rand.Rand) *intervention {
	i := &intervention{gatewayAnswer: gatewayAnswers[random.IntN(len(gatewayAnswers))]}
	switch random.IntN(3) {
	case 0:
		i.carriedOut = true
	case 1:
		i.carriedOut, i.after = true, time.Duration(random.Int64N(int64(goesOn)))
	}
	return i
}

// serve answers, and has the platform carry the request out if it is to.
func (i *intervention) serve(w http.ResponseWriter, r *http.Request, platform http.Handler, clock Clock) {
	if i.carriedOut {
		text, _ := io.ReadAll(r.Body)
		request := r.Clone(context.WithoutCancel(r.Context()))
		request.Body = io.NopCloser(bytes.NewReader(text))
		carryOut := func() { platform.ServeHTTP(&recorder{header: http.Header{}}, request) }
		if i.after > 0 {
			clock.AfterFunc(i.after, carryOut)
		} else {
			carryOut()
		}
	}
	if i.contentType != "" {
		w.Header().Set("Content-Type", i.contentType)
	}
	if i.status/100 == 3 {
		w.Header().Set("Location", elsewhere)
	}
	w.WriteHeader(i.status)
	_, _ = w.Write([]byte(i.body))
}
