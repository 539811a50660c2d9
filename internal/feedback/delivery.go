package feedback

import (
	"regexp"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// decideDeliveries makes one delivery of each handover job, with its parcels.
func (d *decider) decideDeliveries() {
	if !d.shape.Rules.WritesDeliveries() {
		return
	}
	for _, id := range d.facts.Foreign {
		d.removeDelivery(keyFromID(id))
	}
	for _, id := range sortedIDs(d.facts.Jobs.HandoverJobs) {
		if fulfillmenttools.IsHandoverVoid(d.merged.HandoverJobs[id].Status) {
			d.removeDelivery(keyFromID(id))
		}
	}
	for _, id := range sortedIDs(d.facts.Jobs.HandoverJobs) {
		job := d.merged.HandoverJobs[id]
		if job.Supplies {
			continue // no delivery to the consumer
		}
		contents, told := d.facts.Contents[id]
		if told && contents.Version >= job.LinesAt && !job.Collect && !fulfillmenttools.IsHandoverVoid(job.Status) {
			d.completeDelivery(keyFromID(id), job, contents)
		}
	}
	for _, id := range sortedIDs(d.merged.HandoverJobs) {
		job := d.merged.HandoverJobs[id]
		there := d.findDelivery(keyFromID(id))
		if there != nil && !fulfillmenttools.IsHandoverVoid(job.Status) {
			d.decideParcels(there, job)
		}
	}
}

// findDelivery is the delivery with this key; nil when there is none.
func (d *decider) findDelivery(key string) *commercetools.Delivery {
	for _, shipping := range d.order.Shipping {
		for i, delivery := range shipping.Deliveries {
			if delivery.Key == key {
				return &shipping.Deliveries[i]
			}
		}
	}
	return nil
}

func (d *decider) addOptionalAction(changed string, action platform.OrderUpdateAction) {
	d.OptionalActions, d.OptionalChanges = append(d.OptionalActions, action), append(d.OptionalChanges, changed)
	if !slices.Contains(d.Changed, changed) {
		d.Changed = append(d.Changed, changed)
	}
}

func (d *decider) removeDelivery(key string) {
	if d.findDelivery(key) != nil {
		d.addOptionalAction("delivery", platform.OrderRemoveDeliveryAction{DeliveryKey: &key})
		d.removed = append(d.removed, key)
	}
}

func (d *decider) completeDelivery(key string, job HandoverRecord, contents Contents) {
	there := d.findDelivery(key)
	items := d.deliveryItems(contents.Lines, job.Status == fulfillmenttools.HandoverHandedOver)
	switch {
	case there == nil:
		d.addDelivery(key, job, items)
	case len(items) > 0 && !haveSameItems(there.Items, items):
		d.addOptionalAction("delivery", platform.OrderSetDeliveryItemsAction{DeliveryKey: &key, Items: items})
	}
}

func (d *decider) addDelivery(key string, job HandoverRecord, items []platform.DeliveryItem) {
	if len(d.order.Shipping) == 0 {
		return // commercetools has no place for it
	}
	action := platform.OrderAddDeliveryAction{DeliveryKey: &key, Items: items, Parcels: []platform.ParcelDraft{}}
	if shipping := d.shippingKeyFor(items); shipping != "" {
		action.ShippingKey = &shipping
	}
	for _, parcel := range d.merged.wantedParcels(key, job) {
		free := d.unusedParcelKey(parcel.key, key)
		action.Parcels = append(action.Parcels, platform.ParcelDraft{
			Key: &free, TrackingData: parcel.trackingData(), Measurements: parcel.parcelMeasurements(), Custom: d.parcelFieldsDraft(parcel.URL),
			Items: []platform.DeliveryItem{},
		})
	}
	d.addOptionalAction("delivery", action)
}

// shippingKeyFor is the way that the first of the lines goes which names one; the
// order's first way otherwise. It is empty in Single mode.
func (d *decider) shippingKeyFor(items []platform.DeliveryItem) string {
	lines := slices.Concat(d.order.Lines, d.order.CustomLines)
	for _, item := range items {
		for _, line := range lines {
			if line.ID != item.ID {
				continue
			}
			for _, target := range line.Shipping.Targets {
				if slices.ContainsFunc(d.order.Shipping, func(s commercetools.Shipping) bool { return s.Key == target.ShippingKey }) {
					return target.ShippingKey
				}
			}
		}
	}
	return d.order.Shipping[0].Key
}

// deliveryItems are the lines by commercetools' ids: what was handed over, where the job tells,
// else what is to be.
func (d *decider) deliveryItems(lines []fulfillmenttools.JobLine, handedOver bool) []platform.DeliveryItem {
	pieces := map[string]int{}
	told := handedOver && slices.ContainsFunc(lines, func(l fulfillmenttools.JobLine) bool { return l.HandedOverPieces() > 0 })
	for _, line := range lines {
		n := line.Quantity
		if told {
			n = line.HandedOverPieces()
		}
		id := d.lineIDOf(line)
		if id == "" {
			d.Notes = append(d.Notes, "a line of the handover job belongs to no line of the order")
			continue
		}
		pieces[id] += n
	}
	items := []platform.DeliveryItem{}
	for _, id := range sortedIDs(pieces) {
		if pieces[id] > 0 {
			items = append(items, platform.DeliveryItem{ID: id, Quantity: pieces[id]})
		}
	}
	return items
}

// lineIDOf is the order's line that a job's line belongs to: by the inherited id, else
// the first with the same SKU; empty when there is none.
func (d *decider) lineIDOf(line fulfillmenttools.JobLine) string {
	inherited := line.LineID()
	if hasLine(d.order.Lines, inherited) || hasLine(d.order.CustomLines, inherited) {
		return inherited
	}
	for _, own := range d.order.Lines {
		if own.Variant.SKU != "" && own.Variant.SKU == line.Article.TenantArticleID {
			return own.ID
		}
	}
	return ""
}

func hasLine(lines []commercetools.Line, id string) bool {
	return slices.ContainsFunc(lines, func(line commercetools.Line) bool { return line.ID == id })
}

func haveSameItems(there []commercetools.DeliveryItem, items []platform.DeliveryItem) bool {
	pieces := map[string]int{}
	for _, item := range there {
		pieces[item.ID] += item.Quantity
	}
	for _, item := range items {
		if pieces[item.ID] != item.Quantity {
			return false
		}
	}
	return len(pieces) == len(items)
}

var notInKeys = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// keyLength is how long a key may be.
const keyLength = 256

// keyFromID is the id as a key of commercetools: 2 to 256 letters, digits, - and _.
func keyFromID(id string) string {
	if id == "" {
		return ""
	}
	key := notInKeys.ReplaceAllString(id, "_")
	if len(key) < 2 {
		key += strings.Repeat("_", 2-len(key))
	}
	return key[:min(len(key), keyLength)]
}
