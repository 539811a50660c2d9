package simulator_test

import (
	"errors"
	"net/http"
	"testing"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/contract"
)

const failure = `[{"summary":"no"}]`

func exchange(platform, method, path, query, request string, status int, response string) simulator.Exchange {
	return simulator.Exchange{
		Platform: platform, Method: method, Path: path, Query: query, Status: status,
		Header:  http.Header{"Authorization": {"Bearer t"}, "Content-Type": {"application/json; charset=utf-8"}},
		Request: []byte(request), Response: []byte(response),
	}
}

func ct(method, path, query, request string, status int, response string) simulator.Exchange {
	return exchange(contract.Commercetools, method, path, query, request, status, response)
}

func fft(method, path, query, request string, status int, response string) simulator.Exchange {
	return exchange(contract.Fulfillmenttools, method, path, query, request, status, response)
}

func TestExchangesAreHeldAgainstTheirOperation(t *testing.T) {
	t.Parallel()
	v := shared(t)
	const (
		page    = `{"limit":20,"offset":0,"count":0,"results":[]}`
		missing = `{"statusCode":404,"message":"gone","errors":[{"code":"ResourceNotFound","message":"gone"}]}`
		object  = `{"id":"x","version":1,"createdAt":"2026-11-02T08:00:00.000Z","lastModifiedAt":"2026-11-02T08:00:00.000Z","container":"fft","key":"configuration","value":{"a":1}}`
	)
	for _, c := range []struct {
		name  string
		e     simulator.Exchange
		wrong []string
	}{
		{"a query with variables", ct("GET", "/shop/orders", `where=orderNumber+%3D+%3An&var.n=A+1&limit=500&withTotal=false&sort=id+asc&sort=createdAt+asc`, "", 200, page), nil},
		{"a misspelt parameter", ct("GET", "/shop/orders", "were=x", "", 200, page), []string{`"were" is unknown`}},
		{"a limit that is no number", ct("GET", "/shop/orders", "limit=all", "", 200, page), []string{`"limit"`}},
		{"a parameter that is required", ct("DELETE", "/shop/types/x", "", "", 404, missing), []string{`"version" is missing`}},
		{"an order number with a slash", ct("GET", "/shop/orders/order-number=A/1 2", "", "", 404, missing), nil},
		{"a key", ct("GET", "/shop/stores/key=berlin", "expand=supplyChannels%5B*%5D", "", 404, missing), nil},
		{"an object of a container", ct("GET", "/shop/custom-objects/fft/configuration", "", "", 200, object), nil},
		{"an object is created", ct("POST", "/shop/custom-objects", "", `{"container":"fft","key":"configuration","value":{"a":1}}`, 201, object), nil},
		{"an unknown path", ct("GET", "/shop/warehouses", "", "", 200, page), []string{"no operation GET /shop/warehouses"}},
		{"an unknown method", ct("PATCH", "/shop/orders/1", "", "{}", 200, page), []string{"no operation PATCH"}},
		{"both sides are wrong", ct("POST", "/shop/orders/1", "", `{"version":"1","actions":[]}`, 200, `{}`), []string{"/{projectKey}/orders/{ID}", "request: /version", "answer: ", "/lineItems"}},
		{"overload", ct("GET", "/shop/orders", "", "", 429, `{"statusCode":429,"message":"slow down"}`), nil},
		{"overload in other words", ct("GET", "/shop/orders", "", "", 429, `{"message":"slow down"}`), []string{"/statusCode"}},
		{"a status that nobody documents", ct("GET", "/shop/orders", "", "", 206, page), []string{"status 206"}},
		{"an answer that is empty", ct("GET", "/shop/orders", "", "", 200, ""), []string{"status 200 without a body"}},
		{"whether something exists", ct("HEAD", "/shop/orders/1", "", "", 404, ""), nil},

		{"orders by number", fft("GET", "/api/orders", "tenantOrderId=A%261&size=1", "", 200, `{"orders":[],"total":0}`), nil},
		{"a size beyond the limit", fft("GET", "/api/articles", "size=500", "", 404, failure), []string{`"size"`}},
		{"an order is created", fft("POST", "/api/orders", "", `{`+creation+`}`, 201, `{`+orderAnswer+`}`), nil},
		{"an order is created without its body", fft("POST", "/api/orders", "", "", 400, failure), []string{"request: no body"}},
		{"an action too late", fft("POST", "/api/orders/1/actions", "", `{"name":"CANCEL","version":1}`, 400, failure), nil},
		{"a facility by its other name", fft("GET", "/api/facilities/urn:fft:facility:tenantFacilityId:dresden", "", "", 404, failure), nil},
		{"an error that is no list", fft("GET", "/api/orders/1", "", "", 404, `{"summary":"no"}`), []string{"answer: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkError(t, v.Exchange(c.e), c.wrong)
		})
	}
}

func TestSignInsAreNotJudged(t *testing.T) {
	t.Parallel()
	v := shared(t)
	for _, e := range []simulator.Exchange{
		ct("POST", "/oauth/token", "", "grant_type=client_credentials", 200, `{}`),
		fft("POST", "/v1/accounts:signInWithPassword", "key=k", `{}`, 200, `{}`),
		fft("POST", "/v1/token", "key=k", `{}`, 200, `{}`),
	} {
		checkError(t, v.Exchange(e), nil)
	}
}

func TestAnswersOfFaultsAreNotJudged(t *testing.T) {
	t.Parallel()
	v := shared(t)
	e := fft("GET", "/api/orders/1", "", "", 503, "<html>")
	checkError(t, v.Exchange(e), []string{"body is not JSON"})
	e.Faulted = true
	checkError(t, v.Exchange(e), nil)
	e.Query = "x=1"
	checkError(t, v.Exchange(e), []string{`"x" is unknown`})
}

func TestRequestsNeedATokenAndAContentType(t *testing.T) {
	t.Parallel()
	v := shared(t)
	e := fft("POST", "/api/orders", "", `{`+creation+`}`, 401, failure)
	e.Header = http.Header{"Content-Type": {"text/plain"}}
	checkError(t, v.Exchange(e), []string{"text/plain"})
	e = fft("GET", "/api/orders/1", "", "", 404, failure)
	e.Header = http.Header{}
	checkError(t, v.Exchange(e), []string{"no bearer token"})
	e.Header = nil
	checkError(t, v.Exchange(e), []string{"its log must keep them"})
}

func TestAViolationTellsTheSidesApart(t *testing.T) {
	t.Parallel()
	err := shared(t).Exchange(fft("POST", "/api/orders", "", `{}`, 400, failure))
	var violation *contract.Violation
	if !errors.As(err, &violation) {
		t.Fatalf("got %v, want a violation", err)
	}
	if len(violation.Request) != 3 || len(violation.Answer) != 0 {
		t.Errorf("got %d problems of the request and %d of the answer, want 3 and 0", len(violation.Request), len(violation.Answer))
	}
}
