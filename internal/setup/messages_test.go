package setup_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/testtime"
)

// delivered are the types of messages that our subscription delivers.
func (s *site) delivered() (types []string) {
	s.t.Helper()
	messages := s.subscription("fftconnect-orders")["messages"].([]any)
	if len(messages) != 1 {
		s.t.Fatalf("it delivers %v", messages)
	}
	for _, name := range messages[0].(map[string]any)["types"].([]any) {
		types = append(types, name.(string))
	}
	return types
}

func TestTheSubscriptionFollowsTheShopsRules(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		const what = "update subscription fftconnect-orders in commercetools "
		s := newSite(t)
		s.CT.PutCustomObject("fft", "configuration", map[string]any{})
		s.install()
		basic := s.delivered()
		if len(basic) != 12 {
			t.Errorf("without rules: %v", basic)
		}
		for _, c := range []struct {
			rules   map[string]any
			why     string
			more    []string
			atLeast bool
		}{
			{map[string]any{"trigger": map[string]any{"shipmentState": "Pending"}}, "it lacks message types", []string{"OrderShipmentStateChanged"}, false},
			{map[string]any{"email": "order.custom.fields.mail"}, "it lacks message types", []string{"OrderCustomFieldAdded", "OrderCustomFieldChanged", "OrderCustomFieldRemoved", "OrderCustomTypeSet"}, false},
			{map[string]any{"when": "order.store.key == \"a\""}, "it lacks message types", []string{"OrderStoreSet", "OrderCustomFieldChanged"}, true},
			{map[string]any{"tenantOrderId": "order.id"}, "it has message types that nothing needs", nil, false},
		} {
			s.CT.PutCustomObject("fft", "configuration", map[string]any{"export": c.rules})
			plan := s.plan()
			s.mustPlan(plan, what+c.why)
			s.carryOut(plan)
			s.settled()
			got := s.delivered()
			for _, name := range append(c.more, basic...) {
				if !slices.Contains(got, name) {
					t.Errorf("%v: %s is not delivered", c.rules, name)
				}
			}
			if !c.atLeast && len(got) != len(basic)+len(c.more) {
				t.Errorf("%v: delivers %v", c.rules, got)
			}
		}
	})
}

func TestASubscriptionToEverythingIsNarrowed(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		for _, messages := range []string{
			`[{"resourceTypeId":"order"}]`,
			`[{"resourceTypeId":"order","types":["` + strings.Join(export.NeededMessages(config.Shop{}), `","`) + `"]},{"resourceTypeId":"payment"}]`,
		} {
			s := newSite(t)
			s.CT.PutCustomObject("fft", "configuration", map[string]any{})
			s.install()
			version := s.subscription("fftconnect-orders")["version"]
			s.api(http.MethodPost, "/subscriptions/key=fftconnect-orders", fmt.Sprintf(`{"version":%v,"actions":[{"action":"setMessages","messages":%s}]}`, version, messages))
			plan := s.plan()
			s.mustPlan(plan, "update subscription fftconnect-orders in commercetools it has message types that nothing needs")
			s.carryOut(plan)
			s.settled()
			if got := s.delivered(); len(got) != 12 {
				t.Errorf("it delivers %v", got)
			}
		}
	})
}
