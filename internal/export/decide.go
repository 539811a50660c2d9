package export

import (
	"fmt"
	"sync"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/rules"
)

// Verdict is what is to be done about an order in fulfillmenttools.
type Verdict int

const (
	// Leave it: it is not to be exported now, and not cancelled.
	Leave Verdict = iota
	// Exported already: the order carries the id of its fulfillmenttools order.
	Exported
	// Create it there.
	Create
	// Cancel it there.
	Cancel
)

// Decision is a verdict, and why an order is left.
type Decision struct {
	Verdict Verdict
	Reason  string // empty unless the order is left
}

// OrderIDField is the custom field that holds the fulfillmenttools order's id.
const OrderIDField = "fft_order_id"

// Reasons of orders that the trigger lets pass.
const (
	leftOut       = "left out by export.when"
	nothingToShip = "nothing to ship: the order has neither a shipping address nor a shipping method nor a facility to collect at (export.nothingToShip)"
)

// Decide reads only the order as it is now, never what a message said of it. The rules
// share the budget with what else is done about the order. The error is *Undecided.
func Decide(order commercetools.Order, shop config.Shop, budget *rules.Budget) (Decision, error) {
	decision, err := DecideByTrigger(order.Snapshot, shop.Export.Trigger)
	if err != nil || decision.Verdict != Create {
		return decision, err
	}
	if err := errUnreadCustomerGroup(order, shop.Export); err != nil {
		return Decision{}, err
	}
	scope := ruleScope(order, budget)
	if due, err := evaluateRule("export.when", shop.Export.When, scope, true); err != nil || !due {
		return Decision{Leave, leftOut}, err
	}
	lines, err := selectLines(&order, shop.Export, scope)
	if err != nil {
		return Decision{}, err
	}
	reason, err := whyFulfilled(order, lines, shop.Export, budget)
	switch {
	case err != nil || reason != "":
		return Decision{Leave, reason}, err
	case lines.isEmpty():
		return Decision{Leave, lines.whyEmpty()}, nil
	case shop.Export.NothingToShip != config.ExportAnyway && shipsNowhere(order, shop):
		return Decision{Leave, nothingToShip}, nil
	}
	return decision, nil
}

// errUnreadCustomerGroup is *Undecided for an order whose customer group's key a rule reads and we
// may not: to the rule it would look as if it were in none.
func errUnreadCustomerGroup(order commercetools.Order, shop config.ExportRules) error {
	group := order.CustomerGroup
	if group == nil || group.Obj != nil {
		return nil
	}
	rule := shop.ExpressionReadingCustomerGroup()
	if rule == "" {
		return nil
	}
	return &Undecided{
		Rule: rule, Err: fmt.Errorf("the key of customer group %s cannot be read", group.ID),
		hint: "give the API client the scope view_customer_groups",
	}
}

// DecideByTrigger is the decision as far as states and custom fields tell it: Decide may still
// leave out an order that is to be created. The order's workflow state must be
// expanded. An order that has left the states that led to its export stays exported.
func DecideByTrigger(order commercetools.Snapshot, trigger config.Trigger) (Decision, error) {
	if order.OrderState == commercetools.StateCancelled {
		return Decision{Verdict: Cancel}, nil
	}
	exported := order.TextField(OrderIDField) != ""
	if exported && trigger != (config.Trigger{}) && order.OrderState != commercetools.StateComplete {
		return Decision{Verdict: Exported}, nil
	}
	reason, err := unmetTrigger(order, trigger)
	switch {
	case err != nil || reason != "":
		return Decision{Leave, reason}, err
	case exported:
		return Decision{Verdict: Exported}, nil
	default:
		return Decision{Verdict: Create}, nil
	}
}

// unmetTrigger says which of the states that lead to an export the order is not in; nothing
// when it is in all of them. A complete order is fulfilled: only a trigger that names
// that state exports it, or an old order that changes would be fulfilled again.
func unmetTrigger(order commercetools.Snapshot, trigger config.Trigger) (string, error) {
	wanted := triggerOrderState(trigger)
	over := order.OrderState == commercetools.StateComplete && wanted == ""
	switch {
	case over, wanted != "" && order.OrderState != wanted:
		return "order state is " + order.OrderState, nil
	case trigger.PaymentState != "" && order.PaymentState != trigger.PaymentState:
		return "payment state is " + orNone(order.PaymentState), nil
	case trigger.ShipmentState != "" && order.ShipmentState != trigger.ShipmentState:
		return "shipment state is " + orNone(order.ShipmentState), nil
	case trigger.WorkflowState == "" || order.Workflow.Key == trigger.WorkflowState:
		return "", nil
	case order.Workflow.ID != "" && order.Workflow.Key == "":
		return "", &Undecided{
			Rule: "export.trigger.workflowState", Err: fmt.Errorf("the key of workflow state %s cannot be read", order.Workflow.ID),
			hint: "give the API client the scope view_states",
		}
	default:
		return "workflow state is " + orNone(order.Workflow.Key), nil
	}
}

// triggerOrderState is the order state that leads to an export; empty when any does.
func triggerOrderState(trigger config.Trigger) string {
	if trigger == (config.Trigger{}) {
		return commercetools.StateConfirmed
	}
	return trigger.OrderState
}

func orNone(state string) string { return firstOf(state, "none") }

// ruleScope is what expressions about the order read, made for the first one.
func ruleScope(order commercetools.Order, budget *rules.Budget) func() rules.OrderScope {
	return sync.OnceValue(func() rules.OrderScope {
		return rules.OrderScope{Order: rules.OrderOf(order), Budget: budget}
	})
}

// evaluateRule evaluates a rule of the shop; without one it is what otherwise says. The error
// is *Undecided.
func evaluateRule(name string, rule rules.Expression, scope func() rules.OrderScope, otherwise bool) (bool, error) {
	if !rule.IsSet() {
		return otherwise, nil
	}
	result, err := rule.EvalBool(scope())
	if err != nil {
		return false, &Undecided{Rule: name, Err: err}
	}
	return result, nil
}

// Undecided is an order that a rule of the shop fails at.
type Undecided struct {
	Rule string // by its path in the configuration
	Err  error
	hint string // empty: the one for expressions
}

func (u *Undecided) Error() string { return u.Rule + " cannot be told of this order: " + u.Err.Error() }

// Unwrap implements errors.
func (u *Undecided) Unwrap() error { return u.Err }

// Hint is what to do about it.
func (u *Undecided) Hint() string {
	return firstOf(u.hint, "fix the expression in the shop's configuration, or complete the order, then have it handled again")
}
