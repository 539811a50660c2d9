package verdict

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"fftconnect/internal/feedback"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

// Sent is what became of an order's parcels.
type Sent struct {
	Deliveries int // on the commercetools order
	Parcels    int // of them, with a tracking number and an address to follow them
}

// delivery is a delivery of a commercetools order.
type delivery struct {
	Key   string
	Items []struct {
		ID       string
		Quantity int
	}
	Parcels []struct {
		TrackingData struct{ TrackingID string }
		Custom       struct{ Fields map[string]any }
	}
}

// handover is a handover job of fulfillmenttools.
type handover struct {
	ID, Status, Channel   string
	HandoverJobParcelInfo struct{ ParcelRef string }
	HandoverJobLineItems  []struct {
		HandedOverQuantity int
		CustomAttributes   struct{ CommercetoolsID string }
	}
}

type parcel struct {
	ID     string
	Result struct{ CarrierTrackingNumber, TrackingURL, TrackingStatus string }
}

func parcelOf(job fftsim.Job) parcel { return decode[parcel](job.Body) }

// WrongDelivery says how the deliveries of an order differ from its handover jobs;
// empty when each handed-over job that is shipped is a delivery with its lines and
// its parcel. It counts what is there.
func WrongDelivery(w *world.World, orderID string) (sent Sent, wrong string) {
	there := w.FFT.OrdersOf(orderID)
	if len(there) != 1 {
		return sent, ""
	}
	deliveries := deliveriesOf(w, orderID)
	sent.Deliveries = len(deliveries)
	parcels := map[string]parcel{}
	for _, job := range there[0].Parcels {
		parcels[job.ID] = parcelOf(job)
	}
	for _, job := range there[0].HandoverJobs {
		h := decode[handover](job.Body)
		if h.Status != "HANDED_OVER" || h.Channel != "DELIVERY" {
			continue
		}
		i := slices.IndexFunc(deliveries, func(d delivery) bool { return d.Key == h.ID })
		if i < 0 {
			return sent, fmt.Sprintf("handover job %s has no delivery", h.ID)
		}
		if wrong := h.differs(deliveries[i], parcels[h.HandoverJobParcelInfo.ParcelRef]); wrong != "" {
			return sent, wrong
		}
		sent.Parcels++
	}
	if len(deliveries) > sent.Parcels {
		return sent, fmt.Sprintf("it has %d deliveries, but %d shipped handover jobs", len(deliveries), sent.Parcels)
	}
	return sent, ""
}

func (h handover) differs(d delivery, p parcel) string {
	wanted, shown := map[string]int{}, map[string]int{}
	for _, line := range h.HandoverJobLineItems {
		wanted[line.CustomAttributes.CommercetoolsID] += line.HandedOverQuantity
	}
	for _, item := range d.Items {
		shown[item.ID] += item.Quantity
	}
	if !maps.Equal(wanted, shown) {
		return fmt.Sprintf("delivery %s has lines %v, not %v", d.Key, shown, wanted)
	}
	for _, there := range d.Parcels {
		if there.TrackingData.TrackingID == p.Result.CarrierTrackingNumber && there.Custom.Fields[feedback.TrackingURLField] == p.Result.TrackingURL {
			return ""
		}
	}
	return fmt.Sprintf("delivery %s lacks tracking number or address of its parcel", d.Key)
}

// deliveriesOf are those of a commercetools order, in both shipping modes.
func deliveriesOf(w *world.World, orderID string) []delivery {
	order, ok := w.CT.Order(orderID)
	if !ok {
		return nil
	}
	text, err := json.Marshal(order)
	if err != nil {
		panic(fmt.Sprintf("verdict: order %s: %v", orderID, err))
	}
	type shippingInfo struct{ Deliveries []delivery }
	read := decode[struct {
		ShippingInfo shippingInfo
		Shipping     []struct{ ShippingInfo shippingInfo }
	}](text)
	all := read.ShippingInfo.Deliveries
	for _, shipping := range read.Shipping {
		all = append(all, shipping.ShippingInfo.Deliveries...)
	}
	return all
}
