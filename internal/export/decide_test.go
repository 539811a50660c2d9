package export_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/rules"
)

// rule is an expression about an order.
func rule(t *testing.T, source string, kind rules.Kind) rules.Expression {
	t.Helper()
	expression, err := rules.Compiled(source, rules.OrderScope{}, kind)
	if err != nil {
		t.Fatal(err)
	}
	return expression
}

func truth(t *testing.T, source string) rules.Expression {
	t.Helper()
	return rule(t, source, rules.Bool)
}

// workflow is a reference to a workflow state; without a key it is not expanded.
func workflow(key string) object {
	reference := object{"typeId": "state", "id": "state-1"}
	if key != "" {
		reference["obj"] = object{"id": "state-1", "version": 1, "key": key, "type": "OrderState", "initial": true, "createdAt": "2026-01-01T00:00:00.000Z", "lastModifiedAt": "2026-01-01T00:00:00.000Z"}
	}
	return reference
}

// exportedAs lets the order name its counterpart.
func exportedAs(id string) object {
	return object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"fft_order_id": id}}
}

func TestTheTriggerNamesTheStatesThatAllMustHold(t *testing.T) {
	t.Parallel()
	paid := config.Trigger{PaymentState: "Paid"}
	released := config.Trigger{WorkflowState: "released"}
	all := config.Trigger{OrderState: "Open", PaymentState: "Paid", WorkflowState: "released"}
	for name, test := range map[string]struct {
		trigger config.Trigger
		order   object // on top of an order that is confirmed and paid
		want    export.Verdict
		reason  string
	}{
		"none named, confirmed":                {want: export.Create},
		"none named, open":                     {order: object{"orderState": "Open"}, want: export.Leave, reason: "order state is Open"},
		"none named, exported":                 {order: object{"custom": exportedAs("o")}, want: export.Exported},
		"none named, exported and complete":    {order: object{"orderState": "Complete", "custom": exportedAs("o")}, want: export.Leave, reason: "order state is Complete"},
		"open wanted":                          {trigger: config.Trigger{OrderState: "Open"}, order: object{"orderState": "Open"}, want: export.Create},
		"open wanted, confirmed":               {trigger: config.Trigger{OrderState: "Open"}, want: export.Leave, reason: "order state is Confirmed"},
		"open wanted, exported, now confirmed": {trigger: config.Trigger{OrderState: "Open"}, order: object{"custom": exportedAs("o")}, want: export.Exported},
		"paid, whatever its order state":       {trigger: paid, order: object{"orderState": "Open"}, want: export.Create},
		"not paid":                             {trigger: paid, order: object{"paymentState": "Pending"}, want: export.Leave, reason: "payment state is Pending"},
		"no payment state":                     {trigger: paid, order: object{"paymentState": nil}, want: export.Leave, reason: "payment state is none"},
		"credited after it was exported":       {trigger: paid, order: object{"paymentState": "CreditOwed", "custom": exportedAs("o")}, want: export.Exported},
		"complete after it was exported":       {trigger: paid, order: object{"orderState": "Complete", "paymentState": "CreditOwed", "custom": exportedAs("o")}, want: export.Leave, reason: "order state is Complete"},
		"paid, but over long ago":              {trigger: paid, order: object{"orderState": "Complete"}, want: export.Leave, reason: "order state is Complete"},
		"complete wanted":                      {trigger: config.Trigger{OrderState: "Complete"}, order: object{"orderState": "Complete"}, want: export.Create},
		"paid, but cancelled":                  {trigger: paid, order: object{"orderState": "Cancelled"}, want: export.Cancel},
		"released":                             {trigger: released, order: object{"state": workflow("released")}, want: export.Create},
		"in another workflow state":            {trigger: released, order: object{"state": workflow("review")}, want: export.Leave, reason: "workflow state is review"},
		"in no workflow state":                 {trigger: released, want: export.Leave, reason: "workflow state is none"},
		"all three":                            {trigger: all, order: object{"orderState": "Open", "state": workflow("released")}, want: export.Create},
		"all but one":                          {trigger: all, order: object{"orderState": "Open", "state": workflow("review")}, want: export.Leave, reason: "workflow state is review"},
	} {
		order := baseOrder()
		for field, value := range test.order {
			if order[field] = value; value == nil {
				delete(order, field)
			}
		}
		decision, err := export.Decide(decoded(t, order), config.Shop{Export: config.ExportRules{Trigger: test.trigger}}, new(rules.Budget))
		if err != nil || decision != (export.Decision{Verdict: test.want, Reason: test.reason}) {
			t.Errorf("%s: %+v, %v", name, decision, err)
		}
	}
}

func TestAWorkflowStateThatCannotBeReadIsNoOther(t *testing.T) {
	t.Parallel()
	order := baseOrder()
	order["state"] = workflow("")
	_, err := export.Decide(decoded(t, order), config.Shop{Export: config.ExportRules{Trigger: config.Trigger{WorkflowState: "released"}}}, new(rules.Budget))
	if err == nil || !strings.Contains(remote.HintOf(err), "view_states") || !strings.Contains(err.Error(), "state-1") {
		t.Errorf("%v, hint %q", err, remote.HintOf(err))
	}
}

// TestACustomerGroupThatCannotBeReadIsNoOther: without its scope the key would be empty in
// every order, and the rule never hold.
func TestACustomerGroupThatCannotBeReadIsNoOther(t *testing.T) {
	t.Parallel()
	order := baseOrder()
	order["customerGroup"] = object{"typeId": "customer-group", "id": "g-1"}
	for rule, reads := range map[string]bool{
		`{"when":"order.customerGroup.key != \"vip\""}`: true, `{"tags":[{"id":"g","value":"order.customerGroup.key"}]}`: true,
		`{"when":"order.origin == \"Customer\""}`: false, `{}`: false,
	} {
		_, err := export.Decide(decoded(t, order), config.Shop{Export: exportRules(t, rule)}, new(rules.Budget))
		if (err != nil) != reads || reads && (!strings.Contains(err.Error(), "customer group g-1 cannot be read") || remote.HintOf(err) != "give the API client the scope view_customer_groups") {
			t.Errorf("%s: %v, %s", rule, err, remote.HintOf(err))
		}
	}
	order["customerGroup"].(object)["obj"] = object{"id": "g-1", "version": 1, "name": "VIP", "key": "vip"}
	decision, err := export.Decide(decoded(t, order), config.Shop{Export: exportRules(t, `{"when":"order.customerGroup.key != \"vip\""}`)}, new(rules.Budget))
	if err != nil || decision.Verdict != export.Leave {
		t.Errorf("%+v, %v", decision, err)
	}
}

func TestAnOrderThatTheFilterLeavesOutIsIgnoredUntilItDoesNot(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.shop.rules.When = truth(t, `order.country == "DE"`)
	b.source.edit(func(o object) { o["country"] = "CH" })
	if got := b.handle(t, export.Hint{OrderNumber: "A-1001", Confirmed: true}); got.Kind != outcome.Ignored || got.Reason != "left out by export.when" || len(b.target.calls) != 0 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
	b.source.edit(func(o object) { o["country"] = "DE" })
	if got := b.handle(t, known); got.Kind != outcome.Applied || len(b.target.alive()) != 1 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
	// What is exported stays so, and is cancelled, whatever the filter says.
	b.source.edit(func(o object) { o["country"], o["orderState"] = "CH", "Cancelled" })
	if got := b.handle(t, known); got.Reason != "cancelled in fulfillmenttools" {
		t.Errorf("%+v", got)
	}
}

// failsAtRun is right for every order that has this field.
const failsAtRun = `order.custom.fields.list[3] == "x"`

func TestARuleThatFailsPutsTheOrderAside(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*config.ExportRules, rules.Expression){
		"export.when": func(r *config.ExportRules, e rules.Expression) { r.When = e },
		"export.hold": func(r *config.ExportRules, e rules.Expression) { r.Hold = e },
	} {
		b := newBench()
		set(&b.shop.rules, truth(t, failsAtRun))
		b.source.edit(func(o object) {
			o["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"list": []any{"a"}}}
		})
		_, err := b.Handle(t.Context(), orderID, known)
		if err == nil || remote.KindOf(err).IsTemporary() || !strings.Contains(err.Error(), name) || remote.HintOf(err) == "" {
			t.Errorf("%s: %v, hint %q", name, err, remote.HintOf(err))
		}
		if len(b.target.orders) > 0 {
			t.Errorf("%s: the order was exported", name)
		}
		b.state("Cancelled")
		if got := b.handle(t, known); got.Reason != "never exported, nothing to cancel" {
			t.Errorf("%s, cancelled: %+v", name, got)
		}
	}
}

func TestACancelledOrderNeedsNoRules(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, known)
	b.shop.err = failing(remote.Transient, false)
	b.state("Cancelled")
	if got := b.handle(t, known); got.Reason != "cancelled in fulfillmenttools" {
		t.Errorf("%+v", got)
	}
	b.restart()
	b.clock.advance(lag)
	if got := b.handle(t, known); got.Reason != "cancelled already" {
		t.Errorf("by name: %+v", got)
	}
	b.target.orders = nil
	b.restart()
	if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) {
		t.Errorf("whether it has another name is not known: %v", err)
	}
}

func TestTheLookAheadIsSparedWhereBeingConfirmedIsNotEnough(t *testing.T) {
	t.Parallel()
	confirmed := export.Hint{OrderNumber: "A-1001", Confirmed: true}
	for name, shop := range map[string]config.ExportRules{
		"paid":     {Trigger: config.Trigger{OrderState: "Confirmed", PaymentState: "Failed"}},
		"released": {Trigger: config.Trigger{WorkflowState: "released"}},
		"filtered": {When: truth(t, "false")},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.shop.rules = shop
			got := b.handle(t, confirmed)
			synctest.Wait() // for the look-up, if there is one
			if got.Kind != outcome.Ignored || len(b.target.calls) != 0 {
				t.Errorf("%s: %+v after %v", name, got, b.target.calls)
			}
		})
	}
}

func TestMessagesFollowTheRules(t *testing.T) {
	t.Parallel()
	decisive := func(rules config.ExportRules) []string {
		rules.Changes = config.ChangeRules{Addresses: "ignore", Lines: "ignore", DeliveryTime: "ignore"}
		return export.DecisiveMessages(rules)
	}
	basic := decisive(config.ExportRules{})
	same(t, "without rules", []string{"OrderCreated", "OrderImported", "OrderCreatedFromRecurringOrder", "OrderStateChanged", "OrderDeleted"}, basic)
	same(t, "order state", basic, decisive(config.ExportRules{Trigger: config.Trigger{OrderState: "Open"}}))
	same(t, "payment and workflow state", slices.Concat(basic, []string{"OrderPaymentStateChanged", "OrderStateTransition"}),
		decisive(config.ExportRules{Trigger: config.Trigger{PaymentState: "Paid", WorkflowState: "released"}}))
	wide := decisive(config.ExportRules{When: truth(t, "true")})
	same(t, "when", 21, len(wide))
	same(t, "hold", wide, decisive(config.ExportRules{Hold: truth(t, "true")}))
	same(t, "lines by the line", basic, decisive(config.ExportRules{Lines: lineTruth(t, "line.variant.sku != \"x\"")}))
	same(t, "lines by the order", wide, decisive(config.ExportRules{Lines: lineTruth(t, "order.store.key != line.variant.sku")}))
	shipment := append(slices.Clone(basic), "OrderShipmentStateChanged")
	same(t, "shipment state", shipment, decisive(config.ExportRules{Trigger: config.Trigger{ShipmentState: "Pending"}}))
	all := export.NeededMessages(config.Shop{Export: config.ExportRules{When: truth(t, "order.shipmentState == \"Shipped\"")}})
	slices.Sort(all)
	same(t, "all", slices.Sorted(slices.Values(export.AllMessages())), all)
	same(t, "name", basic, decisive(config.ExportRules{TenantOrderID: rule(t, "order.id", rules.Text)}))
}

func TestMessagesFollowWhatBecomesOfChanges(t *testing.T) {
	t.Parallel()
	basic := 5
	addresses := []string{"OrderShippingAddressSet", "OrderBillingAddressSet", "OrderCustomerEmailSet"}
	fields := []string{"OrderCustomFieldAdded", "OrderCustomFieldChanged", "OrderCustomFieldRemoved", "OrderCustomTypeSet"}
	for name, test := range map[string]struct {
		rules config.ExportRules
		want  []string
	}{
		"default":       {config.ExportRules{}, append(slices.Clone(addresses), "OrderEditApplied")},
		"nothing":       {config.ExportRules{Changes: config.ChangeRules{Addresses: "ignore", Lines: "ignore"}}, []string{}},
		"lines":         {config.ExportRules{Changes: config.ChangeRules{Addresses: "ignore", Lines: "follow"}}, []string{"OrderEditApplied"}},
		"a wanted time": {config.ExportRules{DesiredDeliveryTimeField: "wanted", Changes: config.ChangeRules{Addresses: "ignore", Lines: "ignore"}}, fields},
		"attributes": {config.ExportRules{
			Set:     map[string]rules.Expression{"customAttributes.gift": rule(t, "order.custom.fields.gift", rules.Any)},
			Changes: config.ChangeRules{Addresses: "ignore", Lines: "ignore", CustomAttributes: "follow"},
		}, fields},
	} {
		same(t, name, test.want, slices.Clip(export.DecisiveMessages(test.rules)[basic:]))
	}
}

func TestMessagesOfCustomFieldsComeWhereTheExportReadsSome(t *testing.T) {
	t.Parallel()
	fields := []string{"OrderCustomFieldAdded", "OrderCustomFieldChanged", "OrderCustomFieldRemoved", "OrderCustomTypeSet"}
	services := []config.CustomServiceRule{{When: lineTruth(t, "order.custom.fields.wrap == true")}}
	for name, test := range map[string]struct {
		shop config.Shop
		want bool
	}{
		"no rules":                 {config.Shop{}, false},
		"custom line items":        {config.Shop{Export: config.ExportRules{CustomLineItems: config.CustomLineItems{Keys: []string{"gift-*"}}}}, false},
		"another part of an order": {config.Shop{Export: config.ExportRules{TenantOrderID: rule(t, "order.customerEmail + order.id", rules.Text)}}, false},
		"collected at":             {config.Shop{CollectField: "pickup"}, true},
		"tags":                     {config.Shop{FieldTags: map[string]string{"gift": "gift"}}, true},
		"wanted at":                {config.Shop{Export: config.ExportRules{DesiredDeliveryTimeField: "wanted"}}, true},
		"name":                     {config.Shop{Export: config.ExportRules{TenantOrderID: rule(t, `order.custom.fields["number"]`, rules.Text)}}, true},
		"a rule of a list":         {config.Shop{Export: config.ExportRules{CustomServices: services}}, true},
		"the type":                 {config.Shop{Export: config.ExportRules{Set: map[string]rules.Expression{"customAttributes.type": rule(t, `order["custom"] == nil`, rules.Any)}}}, true},
	} {
		for _, field := range fields {
			if got := slices.Contains(export.NeededMessages(test.shop), field); got != test.want {
				t.Errorf("%s: %s: %v", name, field, got)
			}
		}
	}
}

func TestAMessageMattersWhenItsOrderStateMayLeadSomewhere(t *testing.T) {
	t.Parallel()
	open := config.Trigger{OrderState: "Open"}
	for name, test := range map[string]struct {
		shop config.ExportRules
		want string // the states that matter, beside none and Cancelled
	}{
		"without rules": {config.ExportRules{}, "Confirmed"},
		"filter only":   {config.ExportRules{When: truth(t, "true")}, "Confirmed"},
		"open":          {config.ExportRules{Trigger: open}, "Open"},
		"paid":          {config.ExportRules{Trigger: config.Trigger{PaymentState: "Paid"}}, "Open Confirmed Complete"},
		"hold":          {config.ExportRules{Trigger: open, Hold: truth(t, "true")}, "Open Confirmed Complete"},
	} {
		for _, state := range []string{"Open", "Confirmed", "Complete"} {
			if got := export.MustReadOrder(state, test.shop); got != strings.Contains(test.want, state) {
				t.Errorf("%s, %s: %v", name, state, got)
			}
		}
		if !export.MustReadOrder("", test.shop) || !export.MustReadOrder("Cancelled", test.shop) {
			t.Errorf("%s: a cancellation, or a message that tells no state, does not matter", name)
		}
	}
}

func TestAnUndecidedOrderSaysWhichRuleFailed(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.shop.rules.When = truth(t, failsAtRun)
	_, err := b.Handle(t.Context(), orderID, known)
	var undecided *export.Undecided
	if !errors.As(err, &undecided) || undecided.Rule != "export.when" {
		t.Errorf("%v", err)
	}
}
