package connector_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/outcome"
	"fftconnect/internal/setup"
)

func orderOfType(number, key string, fields map[string]any) map[string]any {
	draft := simpleOrder(number)
	draft["custom"] = map[string]any{"type": map[string]any{"typeId": "type", "key": key}, "fields": fields}
	return draft
}

// filled lists which of our fields, by either name, an order has, sorted.
func (r *rig) filled(id string) []string {
	r.t.Helper()
	var found []string
	for _, name := range append(feedback.Documented.AllNames(), feedback.Legacy.AllNames()...) {
		if r.field(id, name) != nil && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

func sorted(names feedback.Names) []string { return slices.Sorted(slices.Values(names.AllNames())) }

func TestFieldsGoToTheTypeThatAnOrderHas(t *testing.T) {
	t.Parallel()
	without := func(names feedback.Names, missing ...string) []string {
		return slices.DeleteFunc(sorted(names), func(name string) bool { return slices.Contains(missing, name) })
	}
	differing := []string{"fft_short_id", "fft_handoverjob_id"}
	legacyOnly := []string{"fft_shortid", "fft_handover_job_id"}
	for _, c := range []struct {
		name     string
		setting  string
		typeKey  string // "" for an order without one
		wantType string
		want     []string
		missing  []string
	}{
		{"no type", "auto", "", "fft-order", sorted(feedback.Documented), nil},
		{"our type", "auto", "fft-order", "fft-order", sorted(feedback.Documented), nil},
		{"a type without our fields", "auto", "shop-order", "shop-order", nil, sorted(feedback.Documented)},
		{"a type of the existing connector", "auto", "shop-order-fft", "shop-order-fft", sorted(feedback.Legacy), nil},
		{"documented names on a type of the existing connector", "documented", "shop-order-fft", "shop-order-fft", without(feedback.Documented, differing...), differing},
		{"documented names, no type", "documented", "", "fft-order", sorted(feedback.Documented), nil},
		{"legacy names, no type", "legacy", "", "fft-order", sorted(feedback.Legacy), nil},
		{"legacy names on a type of the existing connector", "legacy", "shop-order-fft", "shop-order-fft", sorted(feedback.Legacy), nil},
		{"legacy names on our type of before", "legacy", "before", "before", without(feedback.Legacy, legacyOnly...), legacyOnly},
	} {
		t.Run(c.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				r := newRig(t, rigOptions{world: quick(), env: map[string]string{"FFT_FIELD_NAMES": c.setting}})
				before := ourType()
				before["key"] = "before"
				r.CT.PutType(before)
				draft := simpleOrder("A-1")
				if c.typeKey != "" {
					fields := map[string]any{}
					if strings.HasPrefix(c.typeKey, "shop-order") {
						fields["giftMessage"] = "for you"
					}
					draft = orderOfType("A-1", c.typeKey, fields)
				}
				id := r.CT.PlaceOrder(draft)
				r.ship()
				if got := r.filled(id); !slices.Equal(got, c.want) {
					t.Errorf("fields %v, want %v:%s", got, c.want, describe(r.outcomes(id)))
				}
				history := r.CT.History(id)
				if got := history[len(history)-1].TypeKey; got != c.wantType {
					t.Errorf("type %q, want %q", got, c.wantType)
				}
				if strings.HasPrefix(c.typeKey, "shop-order") && r.field(id, "giftMessage") != "for you" {
					t.Error("the merchant's own field was lost")
				}
				if got := r.shipmentState(id); got != "Shipped" {
					t.Errorf("shipment state %s", got)
				}
				reported := map[string]bool{}
				for _, entry := range r.outcomes(id) {
					for _, note := range entry.Notes {
						if entry.Flow == outcome.Feedback && strings.HasPrefix(note, "type "+c.wantType+" lacks the fields ") {
							for _, field := range strings.Split(strings.TrimPrefix(note, "type "+c.wantType+" lacks the fields "), ", ") {
								reported[field] = true
							}
							if !strings.Contains(entry.Hint, "--type "+c.wantType) {
								t.Errorf("hint %q", entry.Hint)
							}
						}
					}
				}
				for _, field := range c.missing {
					if !reported[field] {
						t.Errorf("the missing field %s was not reported:%s", field, describe(r.outcomes(id)))
					}
				}
				if counted := r.metric("fftconnect_incomplete_updates_total"); len(reported) != len(c.missing) || (counted > 0) != (len(c.missing) > 0) {
					t.Errorf("reported %v, want %v; counted %v", reported, c.missing, counted)
				}
			})
		})
	}
}

func TestAnEventWaitsUntilTheTypeIsInstalled(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		r.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "not-there-yet"})
		seen := r.watchEvents()
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.post("/event", confirmed(id))
		there := mustBeOne(t, r.FFT.OrdersOf(id), "exported")
		event := seen.body(t, "ORDER_CREATED", there.ID)
		response := r.post("/service", event)
		if response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
			t.Errorf("without the type: %d", response.StatusCode)
		}
		entry := r.last(id)
		if entry.Kind != outcome.Returned || !strings.Contains(entry.Reason, "not-there-yet") || !strings.Contains(entry.Hint, "fftconnect install") {
			t.Errorf("%s: %s (%s)", entry.Kind, entry.Reason, entry.Hint)
		}
		r.install()
		if response := r.post("/service", event); response.StatusCode != 200 || r.field(id, "fft_order_id") != there.ID {
			t.Errorf("after install: %d, field %v:%s", response.StatusCode, r.field(id, "fft_order_id"), describe(r.outcomes(id)))
		}
	})
}

func TestFieldsThatAreAddedToATypeAreFilledFromThenOn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), env: map[string]string{"CACHE_TTL": "1ms"}})
		id := r.CT.PlaceOrder(orderOfType("A-1", "shop-order", map[string]any{"giftMessage": "for you"}))
		r.settle()
		r.step()
		installer := r.installer()
		installer.TypeKey = "shop-order"
		r.apply(installer)
		r.step()
		r.step()
		r.step()
		r.step()
		if got := r.filled(id); !slices.Contains(got, "fft_handoverjob_id") || r.shipmentState(id) != "Shipped" {
			t.Errorf("fields %v, state %s:%s", got, r.shipmentState(id), describe(r.outcomes(id)))
		}
	})
}

func TestABrokenConfigurationObjectMakesOrdersWait(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick()})
		r.CT.PutCustomObject("fft", "configuration", map[string]any{"export": map[string]any{"prices": "TELEPORT"}})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.eventually("the message is deferred", func() bool { return len(r.outcomes(id)) > 0 && r.last(id).Kind == outcome.Returned })
		if entry := r.last(id); !strings.Contains(entry.Reason, "TELEPORT") || entry.Hint == "" {
			t.Errorf("%s (%s)", entry.Reason, entry.Hint)
		}
		r.CT.DeleteCustomObject("fft", "configuration")
		r.ship()
		mustBeOne(t, r.FFT.OrdersOf(id), "without any configuration")
		if r.shipmentState(id) != "Shipped" || len(r.filled(id)) != 6 {
			t.Errorf("without any configuration: %s, %v", r.shipmentState(id), r.filled(id))
		}
	})
}

// TestFieldsOfAnotherKindCostTheirValuesOnly: commercetools would refuse every update that
// has one of them, and the shipment state with it.
func TestFieldsOfAnotherKindCostTheirValuesOnly(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		r := newRig(t, rigOptions{world: quick(), store: store, bare: true})
		var definitions []any
		names := feedback.Documented.AllNames()
		for _, field := range feedback.OptionalFields(config.FeedbackRules{}) {
			names = append(names, field.Name)
		}
		for _, name := range names {
			kind := "String"
			switch {
			case slices.Contains(feedback.Legacy.AllNames(), name):
				kind = feedback.KindOf(name) // another type has it already
			case feedback.KindOf(name) == "String":
				kind = "Number"
			}
			definitions = append(definitions, map[string]any{
				"name": name, "label": map[string]any{"en": name}, "required": false, "type": map[string]any{"name": kind},
			})
		}
		r.CT.PutType(map[string]any{"key": "odd", "name": map[string]any{"en": "odd"}, "resourceTypeIds": []any{"order"}, "fieldDefinitions": definitions})
		token, err := r.tokenFor("/event").Sign()
		if err != nil {
			t.Fatal(err)
		}
		r.RouteMessages(r.publicURL+"/event", http.Header{"Authorization": {"Bearer " + token}})
		installer := r.installer()
		installer.Only = []setup.Part{setup.Messages, setup.Events}
		r.apply(installer)
		id := r.CT.PlaceOrder(orderOfType("A-1", "odd", map[string]any{}))
		r.ship()
		r.eventually("nothing is stored", func() bool { depth, err := d.CountStored(t.Context()); return err == nil && depth.Deferred == 0 })
		if r.shipmentState(id) != "Shipped" || r.field(id, "fft_order_id") == nil || r.field(id, "fft_short_id") != nil {
			t.Errorf("%s, %v, %v:%s", r.shipmentState(id), r.field(id, "fft_order_id"), r.field(id, "fft_short_id"), describe(r.outcomes(id)))
		}
		if stored := d.stored(t); len(stored) > 0 {
			t.Errorf("stored: %+v", stored)
		}
	})
}
