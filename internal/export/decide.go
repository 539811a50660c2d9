package export

import "fftconnect/internal/commercetools"

// Verdict is what is to be done about an order in fulfillmenttools.
type Verdict int

const (
	// Leave it: it is neither confirmed nor cancelled.
	Leave Verdict = iota
	// Exported already: the order carries the id of its fulfillmenttools order.
	Exported
	// Create it there.
	Create
	// Cancel it there.
	Cancel
)

// Decide reads only the order as it is now, never what a message said of it.
func Decide(order commercetools.Snapshot) Verdict {
	switch order.OrderState {
	case commercetools.StateConfirmed:
		if order.Text(OrderIDField) != "" {
			return Exported
		}
		return Create
	case commercetools.StateCancelled:
		return Cancel
	default:
		return Leave
	}
}

// OrderIDField is the custom field that holds the fulfillmenttools order's id.
const OrderIDField = "fft_order_id"
