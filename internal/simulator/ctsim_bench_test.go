package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fftconnect/internal/simulator/ctsim"
)

// benchmarkPlatform has one order of five lines and a token.
func benchmarkPlatform(b *testing.B) (p *ctsim.Platform, id, token string) {
	b.Helper()
	p = ctsim.New(ctsim.Options{})
	b.Cleanup(p.Close)
	p.PutType(orderType())
	p.PutShippingMethod(object{"key": "dhl", "name": "DHL"})
	var lines []any
	for n := range 5 {
		l := line(fmt.Sprint("line-", n), fmt.Sprint("S", n), 2)
		l["variant"] = object{"sku": fmt.Sprint("S", n), "attributes": []any{object{"name": "color", "value": object{"key": "red", "label": "Red"}}}}
		lines = append(lines, l)
	}
	id = p.PlaceOrder(object{
		"lineItems": lines, "shippingInfo": object{"shippingMethod": object{"typeId": "shipping-method", "key": "dhl"}},
		"custom": object{"type": object{"typeId": "type", "key": "fft-order"}, "fields": object{"text": "x"}},
	})
	r := httptest.NewRequest(http.MethodPost, "/oauth/token?grant_type=client_credentials", nil)
	r.SetBasicAuth("demo-client", "demo-secret")
	recorder := httptest.NewRecorder()
	p.Handler().ServeHTTP(recorder, r)
	_, rest, _ := strings.Cut(recorder.Body.String(), `"access_token":"`)
	token, _, _ = strings.Cut(rest, `"`)
	return p, id, token
}

func serve(b *testing.B, p *ctsim.Platform, token, method, path, body string) {
	b.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	p.Handler().ServeHTTP(recorder, r)
	if recorder.Code != http.StatusOK {
		b.Fatalf("%d %s", recorder.Code, recorder.Body)
	}
}

func BenchmarkReadOrder(b *testing.B) {
	p, id, token := benchmarkPlatform(b)
	for b.Loop() {
		serve(b, p, token, http.MethodGet, "/demo/orders/"+id+"?expand=shippingInfo.shippingMethod&expand=lineItems[*].supplyChannel", "")
	}
}

func BenchmarkUpdateOrder(b *testing.B) {
	p, id, token := benchmarkPlatform(b)
	version := 1
	for b.Loop() {
		version += 2
		state := []string{"Ready", "Pending"}[version/2%2]
		serve(b, p, token, http.MethodPost, "/demo/orders/"+id, fmt.Sprintf(
			`{"version":%d,"actions":[{"action":"changeShipmentState","shipmentState":%q},{"action":"setCustomField","name":"number","value":%d}]}`,
			version-2, state, version))
	}
}

func BenchmarkAddDelivery(b *testing.B) {
	p, _, token := benchmarkPlatform(b)
	for b.Loop() {
		id := p.PlaceOrder(object{"shippingInfo": object{}, "lineItems": []any{line("line-1", "S", 1)}})
		serve(b, p, token, http.MethodPost, "/demo/orders/"+id,
			`{"version":1,"actions":[{"action":"addDelivery","items":[{"id":"line-1","quantity":1}],"parcels":[{"key":"p"}]}]}`)
	}
}
