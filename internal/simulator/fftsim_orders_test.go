package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"fftconnect/internal/simulator/fftsim"
)

func TestCreatedOrder(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	status, header, answer := b.exchange(http.MethodPost, "/api/orders", orderBody())
	o := answer.(object)
	if status != http.StatusCreated || header.Get("Location") != "/api/orders/"+o["id"].(string) {
		t.Fatalf("got %d with Location %q", status, header.Get("Location"))
	}
	want := object{"status": "OPEN", "version": 1.0, "created": "2026-03-01T09:00:00.000Z", "lastModified": "2026-03-01T09:00:00.000Z", "tenantOrderId": "A-1001"}
	for key, value := range want {
		if o[key] != value {
			t.Errorf("%s is %v, want %v", key, o[key], value)
		}
	}
	if o["processId"] == "" || o["orderLineItems"].([]any)[1].(object)["id"] == "" {
		t.Errorf("ids are missing in %v", o)
	}
	if b.payload("ORDER_CREATED")["id"] != o["id"] {
		t.Error("ORDER_CREATED carries another order")
	}
	if read := b.read("/api/orders/" + o["id"].(string)); fmt.Sprint(read) != fmt.Sprint(o) {
		t.Errorf("read %v, created %v", read, o)
	}
	b.want(http.StatusNotFound, http.MethodGet, "/api/orders/nothing", "")
}

func TestTenantOrderIDIsUnique(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}})
	id := b.create()
	if status, answer := b.post("/api/orders", orderBody()); status != http.StatusBadRequest || !describes(answer, "tenantOrderId") {
		t.Errorf("a second open order: got %d %v, want 400", status, answer)
	}
	b.create(without("tenantOrderId"))
	b.create(without("tenantOrderId"))
	b.want(http.StatusOK, http.MethodPost, "/api/orders/"+id+"/actions", `{"name":"CANCEL","version":1}`)
	b.create(with("status", "LOCKED"))
	if status, _ := b.post("/api/orders", orderBody()); status != http.StatusBadRequest {
		t.Errorf("beside a locked order: got %d, want 400", status)
	}

	careless := setup(t, fftsim.Options{AllowSecondOrder: true})
	careless.create()
	careless.create()
	if n := len(careless.OrdersOf("ct-1")); n != 2 {
		t.Errorf("got %d orders, want 2", n)
	}
}

func TestListedOrdersAreStripped(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}})
	first := b.create()
	b.create(with("tenantOrderId", "a&b+c#%"), with("consumer.consumerId", "c-2"))
	list := b.read("/api/orders?tenantOrderId=A-1001")
	row := list["orders"].([]any)[0].(object)
	want := []string{"created", "id", "lastModified", "orderDate", "orderLineItems", "processRef", "status", "version"}
	if list["total"] != 1.0 || row["id"] != first || !slices.Equal(sortedKeys(row), want) {
		t.Errorf("got %v", list)
	}
	for path, total := range map[string]float64{
		"?tenantOrderId=a%26b%2Bc%23%25": 1, "?consumerId=c-2": 1, "?tenantOrderId=none": 0, "": 2,
	} {
		if got := b.read("/api/orders" + path)["total"]; got != total {
			t.Errorf("%q lists %v orders, want %v", path, got, total)
		}
	}
	b.want(http.StatusBadRequest, http.MethodGet, "/api/orders?size=0", "")
}

func TestPagingOfOrders(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}, AllowSecondOrder: true})
	for range 60 {
		b.create()
	}
	var sizes []int
	for after := ""; ; {
		rows := b.read("/api/orders?startAfterId=" + after)["orders"].([]any)
		sizes = append(sizes, len(rows))
		if len(rows) < 25 {
			break
		}
		after = rows[24].(object)["id"].(string)
	}
	if !slices.Equal(sizes, []int{25, 25, 10}) {
		t.Errorf("pages have %v rows", sizes)
	}

	search := func(after string) object {
		return b.want(http.StatusOK, http.MethodPost, "/api/orders/search",
			`{"size":40,"query":{"tenantOrderId":{"in":["A-1001","x"]}},"options":{"withTotal":true}`+after+`}`).(object)
	}
	page := search("")
	info := page["pageInfo"].(object)
	if page["total"] != 60.0 || len(page["orders"].([]any)) != 40 || info["hasNextPage"] != true {
		t.Fatalf("got total %v and %v", page["total"], info)
	}
	page = search(fmt.Sprintf(`,"after":%q`, info["endCursor"]))
	if len(page["orders"].([]any)) != 20 || page["pageInfo"].(object)["hasNextPage"] != false {
		t.Errorf("the second page has %d orders", len(page["orders"].([]any)))
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}})
	id := b.create()
	b.create(with("tenantOrderId", "A-2"), with("customAttributes", object{"commercetoolsId": "ct-2"}), with("status", "LOCKED"))
	for query, want := range map[string]int{
		`{}`: 2,
		`{"customAttributes":{"commercetoolsId":{"eq":"ct-1"}}}`:                                          1,
		`{"customAttributes":{"commercetoolsVersion":{"eq":3}}}`:                                          1,
		`{"customAttributes":{"commercetoolsId":{"notEq":"ct-1"}}}`:                                       1,
		`{"customAttributes":{"commercetoolsId":{"eq":"ct-3"}}}`:                                          0,
		`{"tenantOrderId":{"eq":"A-2"},"status":{"eq":"OPEN"}}`:                                           0,
		`{"or":[{"tenantOrderId":{"eq":"A-2"}},{"customAttributes":{"commercetoolsId":{"eq":"ct-1"}}}]}`:  2,
		`{"and":[{"tenantOrderId":{"eq":"A-2"}},{"customAttributes":{"commercetoolsId":{"eq":"ct-1"}}}]}`: 0,
		`{"tenantOrderId":{"notIn":["A-2"]}}`:                                                             1,
	} {
		answer := b.want(http.StatusOK, http.MethodPost, "/api/orders/search", `{"query":`+query+`}`).(object)
		if got := len(answer["orders"].([]any)); got != want {
			t.Errorf("%s finds %d orders, want %d", query, got, want)
		}
	}
	answer := b.want(http.StatusOK, http.MethodPost, "/api/orders/search", `{"query":{"tenantOrderId":{"eq":"A-1001"}}}`).(object)
	if o := answer["orders"].([]any)[0].(object); o["id"] != id || o["customAttributes"] == nil {
		t.Errorf("got %v, want the whole order", o)
	}
	b.want(http.StatusBadRequest, http.MethodPost, "/api/orders/search", `{"query":{"orderNumber":{"eq":"A"}}}`)
}

func TestListsLag(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}, ListLag: 10 * time.Second})
	id := b.create()
	listed := func() any {
		rows := b.read("/api/orders?tenantOrderId=A-1001")["orders"].([]any)
		if len(rows) == 0 {
			return nil
		}
		return rows[0].(object)["status"]
	}
	if got := listed(); got != nil {
		t.Errorf("listed at once as %v", got)
	}
	b.read("/api/orders/" + id)
	b.want(http.StatusNotFound, http.MethodGet, "/api/process?orderRef="+id, "")
	b.clock.Advance(10 * time.Second)
	if got := listed(); got != "OPEN" {
		t.Errorf("listed after the lag as %v", got)
	}
	b.read("/api/process?orderRef=" + id)
	b.clock.Advance(time.Second)
	b.want(http.StatusOK, http.MethodPost, "/api/orders/"+id+"/actions", `{"name":"CANCEL","version":1}`)
	b.clock.Advance(9 * time.Second)
	if got := listed(); got != "OPEN" {
		t.Errorf("the cancellation is listed within the lag: %v", got)
	}
	found := b.want(http.StatusOK, http.MethodPost, "/api/orders/search", `{"query":{"customAttributes":{"commercetoolsId":{"eq":"ct-1"}}}}`).(object)
	if status := found["orders"].([]any)[0].(object)["status"]; status != "OPEN" {
		t.Errorf("the search does not lag: %v", status)
	}
	if status := b.read("/api/orders/" + id)["status"]; status != "CANCELLED" {
		t.Errorf("read by id it is %v", status)
	}
	b.clock.Advance(time.Second)
	if got := listed(); got != "CANCELLED" {
		t.Errorf("listed after the lag as %v", got)
	}
}

func TestActionsCheckTheVersion(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}})
	id := b.create()
	act := func(action string) (int, any) { return b.post("/api/orders/"+id+"/actions", action) }
	if _, err := b.Step(id); err != nil {
		t.Fatal(err)
	}
	status, answer := act(`{"name":"CANCEL","version":1}`)
	conflict := answer.([]any)[0].(object)
	if status != http.StatusConflict || conflict["requestVersion"] != 1.0 || conflict["version"] != 2.0 {
		t.Errorf("got %d %v, want 409 with both versions", status, answer)
	}
	for _, c := range []struct {
		action string
		status int
	}{
		{`{"name":"CANCEL"}`, http.StatusBadRequest},
		{`{"name":"DELETE","version":2}`, http.StatusBadRequest},
		{`{"name":"UNLOCK","version":2}`, http.StatusBadRequest},
		{`{"name":"CANCEL","version":2,"cancelationReasonId":"none"}`, http.StatusBadRequest},
		{`{"name":"CANCEL","version":2}`, http.StatusOK},
		{`{"name":"CANCEL","version":3}`, http.StatusBadRequest},
		{`{"name":"FORCE_CANCEL","version":3}`, http.StatusBadRequest},
	} {
		if status, answer := act(c.action); status != c.status {
			t.Errorf("%s: got %d %v, want %d", c.action, status, answer, c.status)
		}
	}
	if status, _ := b.post("/api/orders/none/actions", `{"name":"CANCEL","version":1}`); status != http.StatusNotFound {
		t.Errorf("an unknown order: got %d, want 404", status)
	}
}

func TestCancelIsRefusedOncePickingHasStarted(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}, AllowSecondOrder: true})
	id := b.create()
	b.Step(id)
	b.Step(id)
	b.want(http.StatusBadRequest, http.MethodPost, "/api/orders/"+id+"/actions", `{"name":"CANCEL","version":2}`)
	b.want(http.StatusOK, http.MethodPost, "/api/orders/"+id+"/actions", `{"name":"FORCE_CANCEL","version":2}`)
	want := []string{
		"ORDER_CREATED", "ROUTING_PLAN_ROUTED", "PICK_JOB_CREATED", "PICK_JOB_PICKING_COMMENCED", "ORDER_FORCE_CANCELLED", "PICK_JOB_CANCELED",
	}
	if got := b.heard(id); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if _, err := b.Step(id); err == nil {
		t.Error("a cancelled order moves")
	}

	stubborn := b.create()
	if err := b.RefuseCancel(stubborn); err != nil {
		t.Fatal(err)
	}
	b.want(http.StatusBadRequest, http.MethodPost, "/api/orders/"+stubborn+"/actions", `{"name":"CANCEL","version":1}`)
}

func TestCancelWithReason(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	body := `{"reason":"Changed mind","reasonLocalized":{"en_US":"Changed mind"}}`
	reason := b.want(http.StatusCreated, http.MethodPost, "/api/cancelationreasons", body).(object)
	if status, header, _ := b.exchange(http.MethodPost, "/api/cancelationreasons", body); status != http.StatusSeeOther ||
		header.Get("Location") != "/api/cancelationreasons/"+reason["id"].(string) {
		t.Errorf("got %d to %q, want 303 to the reason", status, header.Get("Location"))
	}
	id := b.create()
	b.want(http.StatusOK, http.MethodPost, "/api/orders/"+id+"/actions",
		fmt.Sprintf(`{"name":"CANCEL","version":1,"cancelationReasonId":%q}`, reason["id"]))
	payload := b.payload("ORDER_CANCELLED")
	if payload["status"] != "CANCELLED" || payload["cancelationReason"].(object)["reason"] != "Changed mind" {
		t.Errorf("got %v", payload)
	}
	b.run()
	if got := b.heard(id); !slices.Equal(got, []string{"ORDER_CREATED", "ORDER_CANCELLED"}) {
		t.Errorf("a cancelled order went on: %v", got)
	}
}

func TestTheTargetTimeIsThePlatformsOwn(t *testing.T) {
	t.Parallel()
	const wanted, sent, day = "2026-03-05T12:00:00.000Z", "2026-03-09T12:00:00.000Z", "2026-03-02T09:00:00.000Z"
	for name, test := range map[string]struct {
		edits []func(object)
		want  string
	}{
		"nothing is wanted":       {nil, day},
		"a time is wanted":        {[]func(object){with("deliveryPreferences.shipping.desiredDeliveryTime", wanted)}, wanted},
		"a target time is sent":   {[]func(object){with("deliveryPreferences.targetTime", sent)}, day},
		"a collected order's own": {[]func(object){collect, with("deliveryPreferences.collect.0.provisioningTime", wanted)}, wanted},
	} {
		b := setup(t, manual())
		id := b.create(test.edits...)
		b.steps(id, 1)
		job := b.payload("PICK_JOB_CREATED")
		if got := job["deliveryinformation"].(object)["targetTime"]; got != test.want {
			t.Errorf("%s: target time %v, want %s", name, got, test.want)
		}
	}
}

func TestPickJobListsAreOrderedAndBoundedByTargetTime(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	jobs := map[string]string{}
	for number, wanted := range map[string]string{"A-1": "2026-03-09T12:00:00.000Z", "A-2": "2026-03-05T12:00:00.000Z", "A-3": "2026-03-07T12:00:00.000Z"} {
		id := b.create(with("tenantOrderId", number), with("deliveryPreferences.shipping.desiredDeliveryTime", wanted))
		b.steps(id, 1)
		jobs[b.payload("PICK_JOB_CREATED")["id"].(string)] = number
	}
	listed := func(query string) (numbers []string, last string) {
		for _, row := range b.read("/api/pickjobs?" + query)["pickjobs"].([]any) {
			last = row.(object)["id"].(string)
			numbers = append(numbers, jobs[last])
		}
		return numbers, last
	}
	got, _ := listed("orderBy=targetTime")
	if !slices.Equal(got, []string{"A-2", "A-3", "A-1"}) {
		t.Errorf("by target time: %v", got)
	}
	got, last := listed("orderBy=targetTime&size=1")
	more, _ := listed("orderBy=targetTime&size=5&startAfterId=" + last)
	if got = append(got, more...); !slices.Equal(got, []string{"A-2", "A-3", "A-1"}) {
		t.Errorf("in pages: %v", got)
	}
	got, _ = listed("orderBy=targetTime&startTargetTime=2026-03-06T00:00:00Z")
	if !slices.Equal(got, []string{"A-3", "A-1"}) {
		t.Errorf("from a time on: %v", got)
	}
	got, _ = listed("orderBy=targetTime&endTargetTime=2026-03-07T12:00:00Z")
	if !slices.Equal(got, []string{"A-2", "A-3"}) {
		t.Errorf("until a time: %v", got)
	}
	b.want(http.StatusBadRequest, http.MethodGet, "/api/pickjobs?startTargetTime=soon", "")
}
