package setup_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fftconnect/internal/testtime"
)

// send makes a request that must succeed and decodes its answer.
func (s *site) send(request *http.Request) map[string]any {
	s.t.Helper()
	response, err := s.Client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %s %v", request.Method, request.URL.Path, response.StatusCode, text, err)
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer
}

// fields are the names of a type's fields, in order; nil when there is no such type.
func (s *site) fields(key string) []string {
	s.t.Helper()
	found, err := s.installer.Commercetools.TypeByKey(s.t.Context(), key)
	if err != nil {
		return nil
	}
	names := []string{}
	for _, definition := range found.FieldDefinitions {
		names = append(names, definition.Name)
	}
	return names
}

func (s *site) typeVersion(key string) string {
	s.t.Helper()
	found, err := s.installer.Commercetools.TypeByKey(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	return strconv.Itoa(found.Version)
}

func TestUninstallRemovesOnlyItsOwn(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		before := s.fields("fft-order")
		s.addForeign("theirs", "ORDER_CREATED", address) // even at our address
		s.addForeign("CTC_PICK_JOB_CREATED", "PICK_JOB_CREATED", foreign)
		s.subscribe("theirs")
		s.subscribe("fft-ctc-orders")
		plan := s.removal(false)
		want := append([]string{"delete subscription fftconnect-orders in commercetools"}, everyWebhook("delete", "")...)
		for i := range want {
			want[i] = strings.TrimSpace(want[i])
		}
		s.mustPlan(plan, want...)
		s.carryOut(plan)
		if left := s.FFT.Subscriptions(); len(left) != 2 || left[0].Name != "theirs" || left[1].Name != "CTC_PICK_JOB_CREATED" {
			t.Errorf("webhooks left: %+v", left)
		}
		if len(s.CT.Subscriptions()) != 2 || s.subscription("fftconnect-orders") != nil {
			t.Errorf("subscriptions left: %+v", s.CT.Subscriptions())
		}
		if after := s.fields("fft-order"); !slices.Equal(after, before) {
			t.Errorf("the type has %q now", after)
		}
		if again := s.removal(false); again.Changes() > 0 {
			t.Errorf("a second run:\n%s", printed(again))
		}
	})
}

func TestDuplicatesOfOursAreAllRemoved(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		for range 3 {
			s.addForeign("fftconnect_demo_ORDER_CREATED", "ORDER_CREATED", foreign, s.webhooks("ORDER_CREATED")[0].Target.Headers...)
		}
		s.carryOut(s.removal(false))
		if left := s.FFT.Subscriptions(); len(left) > 0 {
			t.Errorf("left: %+v", left)
		}
	})
}

func TestPurgeTakesTheFieldsAndWhatIsLeftOfTheType(t *testing.T) {
	t.Parallel()
	configuration := func(key string) map[string]any { return map[string]any{"orderCustomTypeKey": key} }
	inUse := func(key, field string) func(*site) {
		return func(s *site) {
			s.CT.PlaceOrder(map[string]any{
				"orderState": "Open", "totalPrice": map[string]any{"currencyCode": "EUR", "centAmount": 100}, "lineItems": []any{},
				"custom": map[string]any{"type": map[string]any{"typeId": "type", "key": key}, "fields": map[string]any{field: "x"}},
			})
		}
	}
	for _, c := range []struct {
		name   string
		key    string
		before func(*site)
		want   string
		lost   string
		left   []string // nil: the type is gone
	}{
		{"our type, unused", "own", nil, "delete order type own in commercetools with all values", ", of which no order has any", nil},
		{"our type, used by an order", "own", inUse("own", "fft_order_id"), "delete order type own in commercetools with all values", ": orders with a value: fft_order_id on 1", []string{}},
		{"a type of the merchant", "shop-order", inUse("shop-order", "giftMessage"), "update order type shop-order in commercetools remove fft_order_id, fft_pickjob_id, fft_short_id, fft_facility_id, fft_load_units_amount, fft_handoverjob_id, fft_pickjob_ids, fft_handoverjob_ids, fft_exceptions, fft_jobs and their values", ", of which no order has any", []string{"giftMessage", "newsletter", "loyaltyTier"}},
		{"a type of the existing connector", "shop-order-fft", nil, "update order type shop-order-fft in commercetools remove fft_order_id, fft_pickjob_id, fft_shortid, fft_facility_id, fft_handover_job_id, fft_load_units_amount, fft_pickjob_ids, fft_handoverjob_ids, fft_exceptions, fft_jobs and their values", ", of which no order has any", []string{"giftMessage", "newsletter", "loyaltyTier", "fft_parcels"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			testtime.Fake(t, func(t *testing.T) {
				s := newSite(t)
				s.CT.PutCustomObject("fft", "configuration", configuration(c.key))
				s.install()
				if c.before != nil {
					c.before(s)
				}
				plan := s.removal(true)
				if got := changes(plan); got[len(got)-2] != c.want+c.lost || got[len(got)-1] != "delete parcel type fft-parcel in commercetools with all values" {
					t.Errorf("planned %q, want %q and the parcels' type last", got, c.want)
				}
				s.carryOut(plan)
				left := s.fields(c.key)
				if !slices.Equal(left, c.left) || (left == nil) != (c.left == nil) {
					t.Errorf("left %v, want %v", left, c.left)
				}
			})
		})
	}
}

func TestPurgeOfATypeThatIsNotThereDoesNothing(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "nowhere"})
		if plan := s.removal(true); len(plan.Steps) > 0 {
			t.Errorf("planned:\n%s", printed(plan))
		}
	})
}

func TestPurgeLeavesATypeAloneThatHoldsNothingOfOurs(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.installer.TypeKey = "shop-order"
		if plan := s.removal(true); plan.Changes() > 0 {
			t.Errorf("planned:\n%s", printed(plan))
		}
		s.CT.PutType(map[string]any{"key": "empty-one", "name": map[string]any{"en": "x"}, "resourceTypeIds": []any{"customer"}})
		s.installer.TypeKey = "empty-one"
		if plan := s.removal(true); plan.Changes() > 0 {
			t.Errorf("a type for customers:\n%s", printed(plan))
		}
	})
}

func TestPurgeLeavesTheShopsOwnFieldsOfParcels(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.CT.PutType(map[string]any{
			"key": "fft-parcel", "name": map[string]any{"en": "Parcel"}, "resourceTypeIds": []any{"order-parcel"},
			"fieldDefinitions": []any{map[string]any{"name": "sealed", "label": map[string]any{"en": "Sealed"}, "required": false, "type": map[string]any{"name": "Boolean"}}},
		})
		s.install()
		plan := s.removal(true)
		if got := changes(plan); got[len(got)-1] != "update parcel type fft-parcel in commercetools remove fft_tracking_url and their values" {
			t.Errorf("planned %q", got)
		}
		s.carryOut(plan)
		if left := s.fields("fft-parcel"); !slices.Equal(left, []string{"sealed"}) {
			t.Errorf("left %v", left)
		}
	})
}
