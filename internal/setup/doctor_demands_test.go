package setup_test

import (
	"slices"
	"strings"
	"testing"
)

// rule sets one section of the shop's configuration.
func (p *practice) rule(section string, rules map[string]any) {
	p.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "fft-order", section: rules})
}

func TestOnlyWhatTheConfigurationNeedsIsTried(t *testing.T) {
	t.Parallel()
	p := newPractice(t)
	needed := func() (found []string) {
		for _, f := range p.examine() {
			if strings.Contains(f.Check, "view_states") || strings.Contains(f.Check, "ORDER_UNLOCK") || strings.Contains(f.Check, "customer_groups") {
				found = append(found, f.Check+" "+string(f.Status))
			}
		}
		return found
	}
	if got := needed(); len(got) > 0 {
		t.Errorf("without a configuration: %q", got)
	}
	p.CT.PutState(map[string]any{"key": "released", "type": "OrderState"})
	p.rule("export", map[string]any{"trigger": map[string]any{"workflowState": "released"}, "hold": "order.customerGroup.key == \"b2b\""})
	if got := needed(); !slices.Equal(got, []string{"scope view_states ok", "scope view_customer_groups fail", "permission ORDER_UNLOCK ok"}) {
		t.Errorf("with one: %q", got)
	}
}
