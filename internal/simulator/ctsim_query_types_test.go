package simulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestPredicatesHoldConstantsToTheirFieldsTypes(t *testing.T) {
	t.Parallel()
	s := threeOrders(t)
	for where, want := range map[string]int{
		`totalPrice(centAmount = "x")`:                            http.StatusBadRequest,
		`totalPrice(centAmount > "100")`:                          http.StatusBadRequest,
		`not(totalPrice(centAmount in (1, "2")))`:                 http.StatusBadRequest,
		`orderState = "Open" or version = "three"`:                http.StatusBadRequest,
		`lineItems(quantity = "5")`:                               http.StatusBadRequest,
		`orderNumber = 5`:                                         http.StatusBadRequest,
		`createdAt > "yesterday"`:                                 http.StatusBadRequest,
		`createdAt > 2026`:                                        http.StatusBadRequest,
		`totalPrice(centAmount = 100)`:                            http.StatusOK,
		`lineItems(quantity = 5)`:                                 http.StatusOK,
		`version >= 1 and createdAt > "2026-03-01T09:15:00.000Z"`: http.StatusOK,
		`custom(fields(quantity = "five"))`:                       http.StatusOK,
	} {
		status, body := s.call(http.MethodGet, "/orders?where="+url.QueryEscape(where), nil)
		if status != want {
			t.Errorf("%s: %d %v, want %d", where, status, body, want)
		}
	}
	if status, _ := s.call(http.MethodGet, "/orders?where="+url.QueryEscape("version = :v")+"&var.v=one", nil); status != http.StatusBadRequest {
		t.Errorf("a variable that is no number: %d", status)
	}
}

func TestHeadTellsWhetherThereAreOrders(t *testing.T) {
	t.Parallel()
	s := threeOrders(t)
	for path, want := range map[string]int{
		"/orders": http.StatusOK,
		"/orders?where=" + url.QueryEscape(`orderState = "Confirmed"`): http.StatusOK,
		"/orders?where=" + url.QueryEscape(`orderState = "Complete"`):  http.StatusNotFound,
		"/orders?where=" + url.QueryEscape(`nothing = "x"`):            http.StatusBadRequest,
		"/orders/order-number=A":                                       http.StatusOK,
		"/orders/order-number=Z":                                       http.StatusNotFound,
	} {
		if status, body := s.call(http.MethodHead, path, nil); status != want || len(body) > 0 {
			t.Errorf("%s: %d %v, want %d without a body", path, status, body, want)
		}
	}
}

func TestSearchIsNotHere(t *testing.T) {
	t.Parallel()
	s := threeOrders(t)
	for path, method := range map[string]string{
		"/orders/search": http.MethodPost, "/products/search": http.MethodPost, "/product-projections/search": http.MethodGet,
	} {
		var body any
		if method == http.MethodPost {
			body = object{"query": object{"exact": object{"field": "orderNumber", "value": "A"}}}
		}
		status, answer := s.call(method, path, body)
		if status != http.StatusNotFound || !strings.Contains(answer["message"].(string), "search") {
			t.Errorf("%s: %d %v, want 404", path, status, answer)
		}
	}
}
