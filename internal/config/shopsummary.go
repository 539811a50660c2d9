package config

import (
	"cmp"
	"fmt"
	"strings"
)

// Summary says in one line what the configuration does.
func (s Shop) Summary() string {
	parts := []string{
		"exports orders with " + s.Export.Trigger.describe(),
		fmt.Sprintf("custom type %s", s.TypeKey()),
		fmt.Sprintf("shipping methods: %d", len(s.ShippingMethods)),
	}
	if s.Export.When.IsSet() {
		parts[0] += " when " + inOneLine(s.Export.When.String())
	}
	if s.Export.Lines.IsSet() {
		parts = append(parts, "lines with "+inOneLine(s.Export.Lines.String()))
	}
	if s.Export.Hold.IsSet() {
		parts = append(parts, "held while "+inOneLine(s.Export.Hold.String()))
	}
	tags := len(s.FieldTags) + len(s.Export.Tags)
	if s.StoreTag != "" {
		tags++
	}
	for _, counted := range []struct {
		n    int
		what string
	}{
		{tags, "tags"},
		{len(s.Export.Stickers), "stickers"},
		{len(s.Export.CustomServices), "custom services"},
		{len(s.Export.Set), "fields set"},
		{len(s.Feedback.Fields), "fields fed back"},
		{len(s.Feedback.Ignore), "events ignored"},
	} {
		if counted.n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", counted.what, counted.n))
		}
	}
	parts = append(parts, "shipment state by "+cmp.Or(s.Feedback.ShipmentState, ShipmentStateOrder))
	return strings.Join(parts, "; ")
}

func (t Trigger) describe() string {
	var states []string
	for _, state := range []struct{ what, value string }{
		{"orderState", t.OrderState}, {"paymentState", t.PaymentState}, {"shipmentState", t.ShipmentState}, {"workflow state", t.WorkflowState},
	} {
		if state.value != "" {
			states = append(states, state.what+" "+state.value)
		}
	}
	return cmp.Or(strings.Join(states, " and "), "orderState Confirmed")
}

func inOneLine(source string) string { return strings.Join(strings.Fields(source), " ") }
