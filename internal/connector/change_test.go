package connector_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/connector"
	"fftconnect/internal/outcome"
)

// eachMemory runs a test with a store, which remembers what was sent, and without one.
func eachMemory(t *testing.T, configuration map[string]any, test func(t *testing.T, r *rig, id, there string)) {
	t.Helper()
	eachStore(t, withDepot, configuration, test)
}

func eachStore(t *testing.T, open func(*testing.T) (*depot, storeOpener), configuration map[string]any, test func(t *testing.T, r *rig, id, there string)) {
	t.Helper()
	t.Parallel()
	for _, name := range []string{"with a store", "without a store"} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				var store func(*rig) connector.Store
				if name == "with a store" {
					var d *depot
					d, store = open(t)
					d.poll = 30 * time.Second // visits are minutes apart
				}
				r := newRig(t, rigOptions{world: quick(), bare: true, store: store, env: hasty("REVISIT_AFTER", "1m")})
				r.CT.PutCustomObject("fft", "configuration", map[string]any{"export": map[string]any{"changes": configuration}})
				r.install()
				id := r.CT.PlaceOrder(mugAndBowl("C-1"))
				r.settle()
				time.Sleep(time.Second) // in fake time: the journal is written
				there := mustBeOne(t, r.FFT.Orders(), "exported").ID
				r.CTLog.Reset()
				r.FFTLog.Reset()
				test(t, r, id, there)
			})
		})
	}
}

// mugAndBowl is a confirmed order of two lines.
func mugAndBowl(number string) map[string]any {
	order := simpleOrder(number)
	first := order["lineItems"].([]any)[0].(map[string]any)
	second := map[string]any{}
	for name, value := range first {
		second[name] = value
	}
	second["id"], second["variant"] = "44444444-4444-4444-8444-444444444444", map[string]any{"id": 1, "sku": "BOWL-1"}
	order["lineItems"] = []any{first, second}
	return order
}

func address(street string) map[string]any {
	return map[string]any{
		"firstName": "Ada", "lastName": "Berg", "streetName": street, "streetNumber": "9",
		"postalCode": "53111", "city": "Bonn", "country": "DE", "email": "ada@example.org",
	}
}

// shown is an order as fulfillmenttools has it.
func (r *rig) shown(id string) (shown struct {
	Version  int
	Consumer struct {
		Email     string
		Addresses []map[string]any
	}
	OrderLineItems []struct {
		ID       string
		Quantity int
		Article  map[string]any
	}
	Status string
},
) {
	r.t.Helper()
	document, err := r.connector.Fulfillmenttools.OrderDocument(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	text, _ := json.Marshal(document)
	if err := json.Unmarshal(text, &shown); err != nil {
		r.t.Fatal(err)
	}
	return shown
}

// edited carries an order edit out, and waits for what it leads to.
func (r *rig) edited(id string, actions ...map[string]any) {
	r.t.Helper()
	if err := r.CT.EditOrder(id, actions...); err != nil {
		r.t.Fatal(err)
	}
	r.settle()
}

func (r *rig) updated(id string, actions ...map[string]any) {
	r.t.Helper()
	if err := r.CT.Edit(id, actions...); err != nil {
		r.t.Fatal(err)
	}
	r.settle()
}

func (r *rig) lastExport(id string) outcome.Entry {
	r.t.Helper()
	all := r.outcomes(id)
	all = slices.DeleteFunc(slices.Clone(all), func(e outcome.Entry) bool { return e.Flow != outcome.Export })
	return all[len(all)-1]
}

func TestAnAddressThatChangesAfterTheExportIsFollowed(t *testing.T) {
	eachMemory(t, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		if err := r.FFT.Modify(there, `{"consumer":`+consumerOf(r, there, func(a map[string]any) { a["additionalAddressInfo"] = "ring twice" })+`}`); err != nil {
			t.Fatal(err)
		}
		r.settle()
		ct, fft := r.counted(func() {
			if err := r.CT.Edit(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")}); err != nil {
				t.Fatal(err)
			}
		})
		shown := r.shown(there)
		if r.opts.store == nil {
			// Nobody knows what was sent: what somebody changed there is left to them.
			if shown.Consumer.Addresses[0]["street"] != "Lindenweg" {
				t.Errorf("a person's change is overwritten: %v", shown.Consumer)
			}
			return
		}
		if got := shown.Consumer.Addresses[0]; got["street"] != "Rheinweg" || got["city"] != "Bonn" || got["additionalAddressInfo"] != "ring twice" {
			t.Errorf("address %v", got)
		}
		if got := shown.Consumer.Addresses[1]["street"]; got != "Lindenweg" {
			t.Errorf("invoice address %v", got)
		}
		if ct != 1 || fft != 2 {
			t.Errorf("%d and %d calls:%s", ct, fft, r.listing())
		}
		if last := r.lastExport(id); last.Kind != outcome.Applied || !strings.Contains(strings.Join(last.Notes, " "), "label") {
			t.Errorf("%+v", last)
		}
	})
}

// consumerOf is the order's consumer, with its first address changed.
func consumerOf(r *rig, there string, edit func(address map[string]any)) string {
	r.t.Helper()
	document, err := r.connector.Fulfillmenttools.OrderDocument(r.t.Context(), there)
	if err != nil {
		r.t.Fatal(err)
	}
	consumer := document["consumer"].(map[string]any)
	edit(consumer["addresses"].([]any)[0].(map[string]any))
	text, _ := json.Marshal(consumer)
	return string(text)
}

// TestAChangeIsMadeOnce waits for visits in fake time.
func TestAChangeIsMadeOnce(t *testing.T) {
	eachMemory(t, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		r.updated(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")})
		version := r.shown(there).Version
		if street := r.shown(there).Consumer.Addresses[0]["street"]; street != "Rheinweg" {
			t.Fatalf("street %v", street)
		}
		for range 3 {
			time.Sleep(20 * time.Minute) // in fake time: visits
			r.settle()
		}
		r.updated(id, map[string]any{"action": "setCustomerEmail", "email": "ada@example.org"})
		if now := r.shown(there).Version; now != version {
			t.Errorf("version %d, was %d:%s", now, version, r.listing())
		}
		r.updated(id, map[string]any{"action": "setShippingAddress", "address": address("Lindenweg")})
		if street := r.shown(there).Consumer.Addresses[0]["street"]; street != "Lindenweg" {
			t.Errorf("a change back is lost: %v", street)
		}
	})
}

func TestAnEditOfLinesIsFollowedOrReported(t *testing.T) {
	for what, kind := range map[string]outcome.Kind{"follow": outcome.Applied, "report": outcome.Refused, "ignore": ""} {
		t.Run(what, func(t *testing.T) {
			eachMemory(t, map[string]any{"lines": what}, func(t *testing.T, r *rig, id, there string) {
				r.edited(id,
					map[string]any{"action": "changeLineItemQuantity", "lineItemId": "11111111-1111-4111-8111-111111111111", "quantity": 1.0},
					map[string]any{"action": "removeLineItem", "lineItemId": "44444444-4444-4444-8444-444444444444"},
					map[string]any{"action": "addLineItem", "sku": "CUP-9", "quantity": 3.0})
				shown := r.shown(there)
				quantities := map[string]int{}
				for _, line := range shown.OrderLineItems {
					quantities[line.Article["tenantArticleId"].(string)] = line.Quantity
				}
				followed := len(quantities) == 2 && quantities["MUG-1"] == 1 && quantities["CUP-9"] == 3
				if followed != (what == "follow") {
					t.Errorf("lines %v", quantities)
				}
				if last := r.lastExport(id); kind != "" && last.Kind != kind {
					t.Errorf("%+v", last)
				}
			})
		})
	}
}

// TestAChangeThatIsTooLateIsShownOnTheOrder waits for visits in fake time.
func TestAChangeThatIsTooLateIsShownOnTheOrder(t *testing.T) {
	eachMemory(t, map[string]any{"lines": "follow"}, func(t *testing.T, r *rig, id, there string) {
		r.step()
		r.step() // picking begins
		r.edited(id, map[string]any{"action": "changeLineItemQuantity", "lineItemId": "11111111-1111-4111-8111-111111111111", "quantity": 1.0})
		if last := r.lastExport(id); last.Kind != outcome.Refused || !strings.Contains(last.Reason, "line 11111111-1111-4111-8111-111111111111 has 1 pieces, in fulfillmenttools 2") || last.Hint == "" {
			t.Errorf("%+v", last)
		}
		if shown, _ := r.field(id, "fft_exceptions").([]any); !slices.Contains(shown, any("changeRefused")) {
			t.Errorf("fft_exceptions %v", shown)
		}
		before := r.modifications()
		r.updated(id, map[string]any{"action": "setCustomerEmail", "email": "ada@example.org"})
		time.Sleep(30 * time.Minute) // in fake time: visits
		r.settle()
		if now := r.modifications(); now != before {
			t.Errorf("it is tried %d times more", now-before)
		}
		// An address may still change, and is not refused along with the lines.
		r.updated(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")})
		if street := r.shown(there).Consumer.Addresses[0]["street"]; street != "Rheinweg" {
			t.Errorf("street %v", street)
		}
	})
}

// modifications counts the calls that modify orders.
func (r *rig) modifications() (n int) {
	for _, exchange := range r.FFTLog.All() {
		if exchange.Method == "PATCH" && strings.HasPrefix(exchange.Path, "/api/orders/") {
			n++
		}
	}
	return n
}

func TestWithoutThePermissionAChangeIsReported(t *testing.T) {
	eachMemory(t, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		r.FFT.AllowModification(false, true)
		r.updated(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")})
		if last := r.lastExport(id); last.Kind != outcome.Refused || !strings.Contains(last.Hint, "ORDER_CONSUMER_WRITE") || strings.Contains(last.Reason, "Rheinweg") {
			t.Errorf("%+v", last)
		}
		r.FFT.AllowModification(true, true)
		r.updated(id, map[string]any{"action": "setShippingAddress", "address": address("Uferweg")})
		if street := r.shown(there).Consumer.Addresses[0]["street"]; street != "Uferweg" {
			t.Errorf("street %v", street)
		}
		if shown, _ := r.field(id, "fft_exceptions").([]any); len(shown) > 0 {
			t.Errorf("fft_exceptions %v", shown)
		}
	})
}

func TestAnOrderOfWhichAllLinesLeftIsCancelled(t *testing.T) {
	eachMemory(t, map[string]any{"lines": "follow"}, func(t *testing.T, r *rig, id, there string) {
		r.edited(id,
			map[string]any{"action": "removeLineItem", "lineItemId": "11111111-1111-4111-8111-111111111111"},
			map[string]any{"action": "removeLineItem", "lineItemId": "44444444-4444-4444-8444-444444444444"})
		if status := r.shown(there).Status; status != "CANCELLED" {
			t.Errorf("status %s: %+v", status, r.lastExport(id))
		}
	})
}

func TestWhatNoMessageTellsOfIsSeenByTheVisit(t *testing.T) {
	eachMemory(t, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		r.CT.Courier().Close() // nothing is told any more
		if err := r.CT.Edit(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")}); err != nil {
			t.Fatal(err)
		}
		r.eventually("the visit", func() bool {
			if r.opts.store == nil { // nobody visits by itself: it is asked for
				if _, err := r.connector.Reconciler.VisitDue(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			return r.shown(there).Consumer.Addresses[0]["street"] == "Rheinweg"
		})
	})
}

func TestARefusedChangeThatIsUndoneIsShownNoLonger(t *testing.T) {
	eachMemory(t, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		r.FFT.AllowModification(false, true)
		r.updated(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")})
		if shown, _ := r.field(id, "fft_exceptions").([]any); len(shown) != 1 {
			t.Errorf("fft_exceptions %v", shown)
		}
		before := simpleOrder("")["shippingAddress"].(map[string]any)
		r.updated(id, map[string]any{"action": "setShippingAddress", "address": before})
		if shown, _ := r.field(id, "fft_exceptions").([]any); len(shown) > 0 {
			t.Errorf("fft_exceptions %v: %+v", shown, r.lastExport(id))
		}
	})
}
