package export

import (
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/rules"
)

// fulfilledStates are the shipment states of orders that somebody fulfilled already, or
// gave up.
var fulfilledStates = []string{
	string(platform.ShipmentStateShipped), string(platform.ShipmentStateDelivered),
	string(platform.ShipmentStatePartial), string(platform.ShipmentStateCanceled),
}

// notAsked ends the reasons of orders that are fulfilled already.
const notAsked = ", and neither export.trigger nor export.when asks for its shipment state"

// whyFulfilled says why the order counts as fulfilled; empty when it does not, or when the
// shop asks for its shipment state. The error is *Undecided.
func whyFulfilled(order commercetools.Order, lines selection, shop config.ExportRules, budget *rules.Budget) (string, error) {
	reason := ""
	switch {
	case slices.Contains(fulfilledStates, order.Snapshot.ShipmentState):
		reason = "shipment state is " + order.Snapshot.ShipmentState
	case lines.isDeliveredAlready(&order):
		reason = "its deliveries cover all lines"
	default:
		return "", nil
	}
	if asked, err := ruleNamesShipmentState(order, shop, budget); err != nil || asked {
		return "", err
	}
	return "fulfilled already: " + reason + notAsked, nil
}

// ruleNamesShipmentState reports whether the order is exported because of its shipment state:
// the trigger names it, or export.when would not hold without it. That it holds is known.
func ruleNamesShipmentState(order commercetools.Order, shop config.ExportRules, budget *rules.Budget) (bool, error) {
	if shop.Trigger.ShipmentState != "" || !shop.When.IsSet() {
		return shop.Trigger.ShipmentState != "", nil
	}
	without := rules.OrderOf(order)
	without.ShipmentState = ""
	holds, err := shop.When.EvalBool(rules.OrderScope{Order: without, Budget: budget})
	if err != nil {
		return false, &Undecided{Rule: "export.when", Err: err}
	}
	return !holds, nil
}

// readsShipmentState reports whether the shop's rules may ask for a shipment state.
func readsShipmentState(shop config.ExportRules) bool {
	return shop.Trigger.ShipmentState != "" || strings.Contains(shop.When.String(), "shipmentState")
}

// shipsNowhere reports an order that names neither where nor how it goes, such as one of
// digital goods, or a sale in a branch.
func shipsNowhere(order commercetools.Order, shop config.Shop) bool {
	address := order.ShippingAddress != nil || len(order.ItemShippingAddresses) > 0
	method := order.ShippingInfo != nil || len(order.Shipping) > 0
	return !address && !method && !namesFacility(order, shop)
}

// namesFacility reports whether the field for the facility to collect at holds anything.
func namesFacility(order commercetools.Order, shop config.Shop) bool {
	value := order.Snapshot.Fields[shop.CollectField]
	text, plain := rules.PlainText(value)
	return !plain || strings.TrimSpace(text) != ""
}
