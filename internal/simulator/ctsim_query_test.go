package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/simulator/ctsim"
)

// numbersOf are the order numbers of a list answer.
func numbersOf(body object) string {
	var numbers []string
	list, _ := body["results"].([]any)
	for _, entry := range list {
		number, _ := dig(entry, "orderNumber").(string)
		numbers = append(numbers, number)
	}
	return strings.Join(numbers, " ")
}

// threeOrders are A, B and C, a minute apart.
func threeOrders(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, ctsim.Options{})
	s.PutType(orderType())
	custom := func(fields object) object {
		return object{"type": object{"typeId": "type", "key": "fft-order"}, "fields": fields}
	}
	s.PlaceOrder(object{"orderNumber": "A", "custom": custom(object{"text": `say "hi"`, "number": 3}), "lineItems": []any{line("l1", "S1", 1)}})
	s.clock.Advance(time.Minute)
	s.PlaceOrder(object{"orderNumber": "B", "orderState": "Confirmed", "custom": custom(object{"flag": true, "list": []any{"x", "y"}})})
	s.clock.Advance(time.Minute)
	s.PlaceOrder(object{"orderNumber": "C", "orderState": "Confirmed", "paymentState": "Paid", "lineItems": []any{line("l2", "S2", 5), line("l3", "S1", 2)}})
	return s
}

func TestPredicates(t *testing.T) {
	t.Parallel()
	s := threeOrders(t)
	cases := []struct{ where, variables, want string }{
		{`orderNumber = "A"`, "", "A"},
		{`orderNumber != "A"`, "", "B C"},
		{`orderNumber <> "A" and orderState = "Confirmed"`, "", "B C"},
		{`orderNumber in ("A", "C")`, "", "A C"},
		{`orderNumber not in ("A", "C")`, "", "B"},
		{`not(orderNumber = "A") and not (orderNumber = "B")`, "", "C"},
		{`orderNumber = "A" or orderNumber = "B" and orderState = "Open"`, "", "A"},
		{`(orderNumber = "A" or orderNumber = "B") and orderState = "Confirmed"`, "", "B"},
		{`paymentState is defined`, "", "C"},
		{`paymentState is not defined`, "", "A B"},
		{`createdAt > "2026-03-01T09:15:00.000Z"`, "", "B C"},
		{`createdAt > "2026-03-01T09:16:00Z"`, "", "C"},
		{`createdAt <= "2026-03-01T10:16:00+01:00"`, "", "A B"},
		{`createdAt >= "2026-03-01T09:16:00.000Z" and createdAt < "2026-03-01T09:17:00.000Z"`, "", "B"},
		{`custom(fields(text = "say \"hi\""))`, "", "A"},
		{`custom(fields(number >= 3))`, "", "A"},
		{`custom(fields(flag = true))`, "", "B"},
		{`custom(fields(list contains any ("y", "z")))`, "", "B"},
		{`custom(fields(list contains all ("y", "z")))`, "", ""},
		{`custom(fields(text is not defined))`, "", "B C"},
		{"custom(fields(`text` is defined))", "", "A"},
		{`lineItems(variant(sku = "S1") and quantity > 1)`, "", "C"},
		{`lineItems is empty`, "", "B"},
		{`lineItems is not empty`, "", "A C"},
		{`version = 1 and lineItems(quantity in (1, 2))`, "", "A C"},
		{`orderNumber = :n`, "&var.n=B", "B"},
		{`orderNumber in (:a, :b)`, "&var.a=A&var.b=B", "A B"},
		{`orderNumber in :all`, "&var.all=A&var.all=C", "A C"},
		{`custom(fields(number = :n))`, "&var.n=3", "A"},
		{`custom(fields(flag = :f))`, "&var.f=true", "B"},
	}
	for _, c := range cases {
		t.Run(c.where, func(t *testing.T) {
			t.Parallel()
			body := s.get("/orders?where=" + url.QueryEscape(c.where) + c.variables)
			if got := numbersOf(body); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	both := s.get("/orders?where=" + url.QueryEscape(`orderState = "Confirmed"`) + "&where=" + url.QueryEscape(`paymentState = "Paid"`))
	if got := numbersOf(both); got != "C" {
		t.Errorf("two predicates find %q", got)
	}
}

func TestRefusedQueries(t *testing.T) {
	t.Parallel()
	s := threeOrders(t)
	for _, query := range []string{
		"where=" + url.QueryEscape(`orderNumber = `), "where=" + url.QueryEscape(`orderNumber = "A`),
		"where=" + url.QueryEscape(`orderNumber == "A"`), "where=" + url.QueryEscape(`(orderNumber = "A"`),
		"where=" + url.QueryEscape(`nope = 1`), "where=" + url.QueryEscape(`orderNumber = :n`),
		"where=" + url.QueryEscape(`orderNumber "A"`), "where=" + url.QueryEscape(`orderNumber is set`),
		"where=" + url.QueryEscape(`orderNumber = "A" "B"`), "where=" + url.QueryEscape("orderNumber = `A"),
		"where=" + url.QueryEscape(`orderNumber ~ 1`), "where=" + url.QueryEscape(`lineItems contains "A"`),
		"limit=501", "limit=-1", "limit=x", "offset=10001", "sort=nope", "sort=" + url.QueryEscape("id up"), "expand=" + url.QueryEscape("custom..type"),
	} {
		status, body := s.call(http.MethodGet, "/orders?"+query, nil)
		if code, _ := errorOf(body, ""); status != 400 || code != "InvalidInput" {
			t.Errorf("%s: %d %v", query, status, body)
		}
	}
}

func TestPagingOfQueries(t *testing.T) {
	t.Parallel()
	s := threeOrders(t)
	cases := []struct{ query, numbers, counts string }{
		{"", "A B C", "20 0 3 3"},
		{"sort=createdAt+desc", "C B A", "20 0 3 3"},
		{"sort=orderState&sort=createdAt+desc", "C B A", "20 0 3 3"},
		{"sort=totalPrice.centAmount+desc", "C A B", "20 0 3 3"},
		{"limit=2&offset=1&sort=orderNumber+asc", "B C", "2 1 2 3"},
		{"limit=0", "", "0 0 0 3"},
		{"limit=1&offset=10", "", "1 10 0 3"},
		{"withTotal=false", "A B C", "20 0 3 <nil>"},
	}
	for _, c := range cases {
		body := s.get("/orders?" + c.query)
		counts := fmt.Sprint(body["limit"], body["offset"], body["count"], body["total"])
		counts = strings.ReplaceAll(counts, "  ", " ")
		if got := numbersOf(body); got != c.numbers || counts != c.counts {
			t.Errorf("%s: %q, %s", c.query, got, counts)
		}
	}
}

func TestKeysetPaging(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{})
	for range 25 {
		s.PlaceOrder(nil)
	}
	var seen []string
	last := ""
	for {
		page := s.get("/orders?limit=10&withTotal=false&sort=id+asc&where=" + url.QueryEscape(`id > "`+last+`"`))["results"].([]any)
		for _, entry := range page {
			last = dig(entry, "id").(string)
			seen = append(seen, last)
		}
		if len(page) < 10 {
			break
		}
	}
	want := s.OrderIDs()
	slices.Sort(want)
	if !slices.Equal(seen, want) {
		t.Errorf("%d orders seen", len(seen))
	}
}

func TestQueriesLagReadsDoNot(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{QueryLag: 10 * time.Second})
	s.clock.Advance(time.Minute)
	id := s.PlaceOrder(object{"orderNumber": "A"})
	find := func(state string) int {
		return int(s.get("/orders?where=" + url.QueryEscape(`orderState = "`+state+`"`))["count"].(float64))
	}
	if find("Open") != 0 {
		t.Error("a query sees a new order at once")
	}
	if s.get("/orders/" + id)["orderState"] != "Open" || s.get("/orders/order-number=A")["id"] != id {
		t.Error("a read lags")
	}
	s.clock.Advance(10 * time.Second)
	s.mustUpdate(id, object{"action": "changeOrderState", "orderState": "Confirmed"})
	s.clock.Advance(time.Second)
	s.mustUpdate(id, object{"action": "changeOrderState", "orderState": "Complete"})
	if find("Open") != 1 || find("Complete") != 0 {
		t.Error("a query sees a change at once")
	}
	s.clock.Advance(9500 * time.Millisecond)
	if find("Confirmed") != 1 {
		t.Error("the state in between is never seen")
	}
	s.clock.Advance(10 * time.Second)
	if err := s.DeleteOrder(id); err != nil {
		t.Fatal(err)
	}
	if find("Complete") != 1 {
		t.Error("a query sees a deletion at once")
	}
	s.clock.Advance(10 * time.Second)
	if find("Complete") != 0 {
		t.Error("a deleted order is found")
	}
}
