package export

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
)

// basic are the messages that every shop needs.
var basic = []string{
	commercetools.OrderCreated, commercetools.OrderImported, commercetools.OrderCreatedFromRecurringOrder,
	commercetools.OrderStateChanged, commercetools.OrderDeleted,
}

// wide are the messages about what an expression may read beside the states of basic. What
// lines hold and what we write ourselves is left out: reconciliation notices the rest.
var wide = []string{
	commercetools.OrderPaymentStateChanged, commercetools.OrderStateTransition,
	commercetools.OrderCustomFieldAdded, commercetools.OrderCustomFieldChanged, commercetools.OrderCustomFieldRemoved,
	commercetools.OrderCustomTypeSet, commercetools.OrderCustomTypeRemoved,
	commercetools.OrderStoreSet, commercetools.OrderBusinessUnitSet,
	commercetools.OrderCustomerSet, commercetools.OrderCustomerGroupSet, commercetools.OrderCustomerEmailSet,
	commercetools.OrderPurchaseOrderNumberSet,
	commercetools.OrderShippingAddressSet, commercetools.OrderBillingAddressSet, commercetools.OrderShippingInfoSet,
}

// corrections are the messages about what somebody may correct of an order that could not
// be exported: they have it exported at once.
var corrections = []string{
	commercetools.OrderPaymentStateChanged, commercetools.OrderStateTransition,
	commercetools.OrderCustomerEmailSet,
	commercetools.OrderShippingAddressSet, commercetools.OrderBillingAddressSet, commercetools.OrderShippingInfoSet,
	commercetools.OrderEditApplied,
}

// AllMessages are the types of messages that may lead to a look at an order under any
// rules.
func AllMessages() []string { return slices.Clone(all) }

var all = append(slices.Concat(basic, wide), commercetools.OrderShipmentStateChanged, commercetools.OrderEditApplied)

// MayMatter reports whether messages of this type are among AllMessages.
func MayMatter(messageType string) bool { return slices.Contains(all, messageType) }

// NeededMessages are the types of messages that are subscribed to: those that lead to a look at
// an order under these rules, and those about corrections. We write custom fields ourselves, a
// dozen messages an order: they are left out where the export reads none.
func NeededMessages(shop config.Shop) []string {
	types := withMessages(DecisiveMessages(shop.Export), corrections)
	if readsOrderFields(shop) {
		types = withMessages(types, fieldMessages)
	}
	return types
}

// withMessages adds those types that are missing.
func withMessages(types, more []string) []string {
	for _, name := range more {
		if !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	return types
}

// readsOrderFields reports whether a setting names a custom field of orders, or an expression may
// read any.
func readsOrderFields(shop config.Shop) bool {
	if shop.CollectField != "" || len(shop.FieldTags) > 0 || shop.Export.DesiredDeliveryTimeField != "" {
		return true
	}
	expressions, err := json.Marshal(shop.Export)
	return err != nil || customWord.Match(expressions)
}

var customWord = regexp.MustCompile(`\bcustom\b`)

// DecisiveMessages are the types of messages that lead to a look at an order under these rules:
// about the states that the trigger names, and about everything that matters to
// expressions as soon as there is one that decides. The shipment state is what we write
// ourselves, so only rules that read it get its messages; export.lines seldom reads more
// than the line, which does not change.
func DecisiveMessages(shop config.ExportRules) []string {
	types := slices.Clone(basic)
	if readsShipmentState(shop) {
		types = append(types, commercetools.OrderShipmentStateChanged)
	}
	types = withMessages(types, changeMessages(shop))
	if shop.When.IsSet() || shop.Hold.IsSet() || strings.Contains(shop.Lines.String(), "order") {
		types = slices.DeleteFunc(types, func(name string) bool { return slices.Contains(wide, name) })
		return append(types, wide...)
	}
	if shop.Trigger.PaymentState != "" {
		types = append(types, commercetools.OrderPaymentStateChanged)
	}
	if shop.Trigger.WorkflowState != "" {
		types = append(types, commercetools.OrderStateTransition)
	}
	return types
}

// Messages about what export.changes follows or reports.
var (
	addressMessages = []string{
		commercetools.OrderShippingAddressSet, commercetools.OrderBillingAddressSet, commercetools.OrderCustomerEmailSet,
	}
	fieldMessages = []string{
		commercetools.OrderCustomFieldAdded, commercetools.OrderCustomFieldChanged, commercetools.OrderCustomFieldRemoved,
		commercetools.OrderCustomTypeSet,
	}
)

// changeMessages are about changes after the export that matter under these rules. What no
// message tells of, such as the addresses of single lines, the visit sees.
func changeMessages(shop config.ExportRules) []string {
	changes := shop.Changes.WithDefaults()
	var types []string
	if changes.Addresses != config.ChangeIgnore {
		types = append(types, addressMessages...)
	}
	if changes.Lines != config.ChangeIgnore {
		types = append(types, commercetools.OrderEditApplied)
	}
	times := changes.DeliveryTime != config.ChangeIgnore && shop.DesiredDeliveryTimeField != ""
	attributes := changes.CustomAttributes != config.ChangeIgnore && setsAttributes(shop)
	if times || attributes {
		types = append(types, fieldMessages...)
	}
	return types
}

func setsAttributes(shop config.ExportRules) bool {
	for path := range shop.Set {
		if strings.HasPrefix(path, attributePath) {
			return true
		}
	}
	return false
}

// TellsChange reports whether a message is about something that may change after the
// export; one whose type is not known may be.
func TellsChange(messageType string) bool {
	return messageType == "" || messageType == commercetools.OrderEditApplied ||
		slices.Contains(addressMessages, messageType) || slices.Contains(fieldMessages, messageType)
}

// MustReadOrder reports whether the order of a message that says this order state must be
// read. Another state than those that lead somewhere is followed by a message of its own
// when it changes; a message that does not tell the state is looked into.
func MustReadOrder(orderStateSaid string, shop config.ExportRules) bool {
	wanted := triggerOrderState(shop.Trigger)
	switch orderStateSaid {
	case "", commercetools.StateCancelled, wanted:
		return true
	default:
		return wanted == "" || shop.Hold.IsSet()
	}
}
