package export_test

import (
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/rules"
)

// lineTruth is an expression about a line.
func lineTruth(t *testing.T, source string) rules.Expression {
	t.Helper()
	expression, err := rules.Compiled(source, rules.LineScope{}, rules.Bool)
	if err != nil {
		t.Fatal(err)
	}
	return expression
}

// withAttribute is a line whose variant has this attribute.
func withAttribute(id, name string, value any) object {
	line := lineItem()
	line["id"] = id
	part(line, "variant")["attributes"] = []any{object{"name": name, "value": value}}
	return line
}

func voucher(key string) object {
	line := customLine(key, "voucher")
	line["money"], line["totalPrice"], line["discountedPricePerQuantity"] = euros(-500), euros(-500), []any{}
	return line
}

// withoutPhysical is an order of a download, a warranty and a wrapping.
func withoutPhysical(o object) {
	o["lineItems"] = []any{withAttribute("line-1", "digital", true), withAttribute("line-2", "digital", true)}
	customLines(customLine("warranty", "w"), customLine("fee", "fee"), voucher("gift-5"))(o)
}

const physical = `{"lines":"line.variant.attributes.digital != true && line.key != \"warranty\"","customLineItems":{"keys":["*"]}}`

func TestLinesThatTheRuleLeavesOutStay(t *testing.T) {
	t.Parallel()
	m := exporting(t, physical, func(o object) {
		withoutPhysical(o)
		o["lineItems"] = append(o["lineItems"].([]any), lineItem())
	})
	mapped, notes := m.must(t)
	var articles []string
	for _, line := range mapped.OrderLineItems {
		articles = append(articles, line.Article.TenantArticleID)
	}
	same(t, "articles", []string{"LAMP-1", "fee"}, articles)
	same(t, "the line's id", any("line-1"), mapped.OrderLineItems[0].CustomAttributes["commercetoolsId"])
	noted(t, notes, "lines: 3 left out by export.lines", "custom line items: 1 with a negative price not exported", "prices: discounts on lines are not carried")
	order := baseOrder()
	m.change(order)
	settings := shopConfig()
	m.shop(&settings)
	same(t, "explained", []export.Excluded{
		{Line: "line 1", Reason: "export.lines leaves it out"},
		{Line: "line 2", Reason: "export.lines leaves it out"},
		{Line: "custom line item 1", Reason: "export.lines leaves it out"},
		{Line: "custom line item 3", Reason: "its price is negative"},
	}, export.Explain(decoded(t, order), settings, surroundings()).Excluded)
}

func TestAnOrderOfWhichNothingIsLeftIsIgnored(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules  string
		change func(object)
		reason string
	}{
		"digital":    {physical, func(o object) { withoutPhysical(o); o["customLineItems"] = []any{voucher("v")} }, "nothing is left to fulfil, of each line: export.lines leaves it out (2), its price is negative (1)"},
		"fees alone": {`{}`, func(o object) { o["lineItems"] = []any{}; customLines(customLine("fee", "fee"))(o) }, "nothing is left to fulfil, of each line: export.customLineItems does not name it (1)"},
		"no lines":   {`{}`, func(o object) { o["lineItems"] = []any{} }, "nothing is left to fulfil: the order has no line"},
	} {
		b := newBench()
		b.shop.rules = exportRules(t, test.rules)
		b.source.edit(test.change)
		for _, hint := range []export.Hint{known, {OrderNumber: "A-1001"}} {
			got := b.handle(t, hint)
			if got.Kind != outcome.Ignored || got.Reason != test.reason || b.target.count("create") != 0 {
				t.Errorf("%s: %+v after %v", name, got, b.target.calls)
			}
		}
	}
}

func TestARuleThatFailsAtALineNamesIt(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.shop.rules.Lines = lineTruth(t, `line.name["de-DE"] + line.variant.attributes.none != ""`)
	_, err := b.Handle(t.Context(), orderID, known)
	if err == nil || remote.KindOf(err).IsTemporary() || !strings.Contains(err.Error(), "export.lines") || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%v", err)
	}
	problems := mapping{shop: func(s *config.Shop) { s.Export = b.shop.rules }}.problems(t)
	if len(problems) != 1 || !strings.Contains(problems[0], "export.lines") {
		t.Errorf("problems are %q", problems)
	}
}

// delivered lets the order have deliveries of these pieces of its lines.
func delivered(pieces object) func(object) {
	return func(o object) {
		var items []any
		for id, quantity := range pieces {
			items = append(items, object{"id": id, "quantity": quantity})
		}
		part(o, "shippingInfo")["deliveries"] = []any{object{"id": "d1", "createdAt": "2026-03-01T09:15:00.000Z", "items": items, "parcels": []any{}}}
	}
}

func TestAnOrderThatIsFulfilledAlreadyIsNotExportedUnlessAskedFor(t *testing.T) {
	t.Parallel()
	shipped := func(state string) func(object) { return func(o object) { o["shipmentState"] = state } }
	for name, test := range map[string]struct {
		rules  string
		change func(object)
		reason string // part of it; empty when the order is exported
	}{
		"pending":                        {`{}`, shipped("Pending"), ""},
		"ready":                          {`{}`, shipped("Ready"), ""},
		"shipped":                        {`{}`, shipped("Shipped"), "shipment state is Shipped"},
		"delivered":                      {`{}`, shipped("Delivered"), "shipment state is Delivered"},
		"partial":                        {`{}`, shipped("Partial"), "shipment state is Partial"},
		"canceled":                       {`{}`, shipped("Canceled"), "shipment state is Canceled"},
		"wanted by the trigger":          {`{"trigger":{"orderState":"Confirmed","shipmentState":"Partial"}}`, shipped("Partial"), ""},
		"another wanted by the trigger":  {`{"trigger":{"shipmentState":"Partial"}}`, shipped("Shipped"), "shipment state is Shipped"},
		"wanted by the filter":           {`{"when":"order.shipmentState in [\"Pending\", \"Shipped\"]"}`, shipped("Shipped"), ""},
		"a filter for something else":    {`{"when":"order.orderNumber != \"\""}`, shipped("Shipped"), "shipment state is Shipped"},
		"a filter against another state": {`{"when":"order.shipmentState != \"Canceled\""}`, shipped("Shipped"), "shipment state is Shipped"},
		"delivered in full":              {`{}`, delivered(object{"line-1": 2}), "its deliveries cover all lines"},
		"delivered in part":              {`{}`, delivered(object{"line-1": 1}), ""},
		"something else is delivered":    {`{}`, delivered(object{"line-9": 2}), ""},
		"delivered but for what stays": {physical, func(o object) {
			o["lineItems"] = append(o["lineItems"].([]any), withAttribute("line-2", "digital", true))
			delivered(object{"line-1": 2})(o)
		}, "its deliveries cover all lines"},
	} {
		b := newBench()
		b.shop.rules = exportRules(t, test.rules)
		b.source.edit(test.change)
		got := b.handle(t, export.Hint{OrderNumber: "A-1001"})
		if exported := got.Kind == outcome.Applied; exported != (test.reason == "") || !strings.Contains(got.Reason, test.reason) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAnExportedOrderThatIsShippedStaysExported(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.source.edit(func(o object) { o["shipmentState"], o["custom"] = "Shipped", exportedAs("ord-1") })
	if got := b.handle(t, known); got.Reason != "exported already" {
		t.Errorf("%+v", got)
	}
}

func TestAnOrderThatShipsNowhereIsIgnored(t *testing.T) {
	t.Parallel()
	nowhere := func(o object) { delete(o, "shippingAddress"); delete(o, "shippingInfo") }
	at := func(value any) func(object) {
		return func(o object) { nowhere(o); customFields(object{"pickup": value})(o) }
	}
	for name, test := range map[string]struct {
		rules   string
		change  func(object)
		ignored bool
	}{
		"neither":                  {`{}`, nowhere, true},
		"neither, said so":         {`{"nothingToShip":"ignore"}`, nowhere, true},
		"neither, wanted":          {`{"nothingToShip":"export"}`, nowhere, false},
		"an address":               {`{}`, func(o object) { delete(o, "shippingInfo") }, false},
		"a method":                 {`{}`, func(o object) { delete(o, "shippingAddress") }, false},
		"addresses of lines alone": {`{}`, func(o object) { nowhere(o); o["itemShippingAddresses"] = []any{keyed("home", "Bonn")} }, false},
		"a facility":               {`{}`, at("store-1"), false},
		"a blank facility":         {`{}`, at(" "), true},
	} {
		order := baseOrder()
		test.change(order)
		shop := config.Shop{Export: exportRules(t, test.rules), CollectField: "pickup"}
		decision, err := export.Decide(decoded(t, order), shop, new(rules.Budget))
		if err != nil || (decision.Verdict == export.Leave) != test.ignored || test.ignored != strings.Contains(decision.Reason, "export.nothingToShip") {
			t.Errorf("%s: %+v, %v", name, decision, err)
		}
	}
}

func TestAComparisonLooksOnlyIntoShippedOrdersThatMayBeAskedFor(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]map[string]export.Verdict{
		`{}`: {"Shipped": export.Leave, "Canceled": export.Leave, "Partial": export.Create, "Ready": export.Create},
		`{"when":"order.shipmentState == \"Shipped\""}`: {"Shipped": export.Create},
		`{"trigger":{"shipmentState":"Delivered"}}`:     {"Shipped": export.Leave, "Delivered": export.Create},
	} {
		for state, verdict := range want {
			b := newBench()
			b.shop.rules = exportRules(t, rule)
			b.source.edit(func(o object) { o["shipmentState"] = state })
			order, err := b.source.Order(t.Context(), orderID)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := b.Outlook(t.Context(), order.Snapshot); got != verdict || err != nil {
				t.Errorf("%s, %s: %v, %v", rule, state, got, err)
			}
			if left, err := b.IsExcluded(t.Context(), order.Snapshot); err != nil || left != slices.Contains([]string{"Partial"}, state) && verdict == export.Create {
				t.Errorf("%s, %s: left out %v, %v", rule, state, left, err)
			}
		}
	}
}

func TestAMethodOfWhichNobodyLookedUpTheKeyIsNotTakenByItsName(t *testing.T) {
	t.Parallel()
	offline := mapping{
		change: func(o object) {
			o["shippingInfo"] = method("", "pickup")
			delete(part(o, "shippingInfo", "shippingMethod"), "obj")
		},
		surroundings: func(a *export.Surroundings) { a.Offline = true },
	}
	mapped, notes := offline.must(t)
	noted(t, notes, `shipping method "pickup" is not expanded: its key is unknown, the order ships`)
	if mapped.DeliveryPreferences.Shipping == nil {
		t.Errorf("%+v", mapped.DeliveryPreferences)
	}
	online := offline
	online.surroundings = nil
	online.shop = func(s *config.Shop) {
		s.ShippingMethods = map[string]config.Delivery{"pickup": {ServiceType: config.ServiceShipping, ServiceLevel: "SAMEDAY"}}
	}
	mapped, notes = online.must(t)
	noted(t, notes)
	same(t, "a method that is gone goes by its name", "SAMEDAY", mapped.DeliveryPreferences.Shipping.ServiceLevel)
}

func TestAnExplanationSaysWhetherTheOrderWouldBeExported(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(object)
		want   export.ExportDecision
	}{
		"would":     {func(object) {}, export.ExportDecision{Would: true}},
		"open":      {func(o object) { o["orderState"] = "Open" }, export.ExportDecision{Reason: "order state is Open"}},
		"exported":  {func(o object) { o["custom"] = exportedAs("ord-7") }, export.ExportDecision{Reason: "exported already: it names fulfillmenttools order ord-7"}},
		"cancelled": {func(o object) { o["orderState"] = "Cancelled" }, export.ExportDecision{Reason: "order state is Cancelled: its fulfillmenttools order is cancelled"}},
		"no lines":  {func(o object) { o["lineItems"] = []any{} }, export.ExportDecision{Reason: "nothing is left to fulfil: the order has no line", Empty: true}},
	} {
		order := baseOrder()
		test.change(order)
		same(t, name, test.want, export.Explain(decoded(t, order), shopConfig(), surroundings()).Export)
	}
}
