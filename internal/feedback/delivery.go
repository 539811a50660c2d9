package feedback

import (
	"regexp"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// deliveries makes one delivery of each handover job, with its parcels.
func (d *decider) deliveries() {
	if !d.shape.Rules.WritesDeliveries() {
		return
	}
	for _, id := range d.facts.Foreign {
		d.removeDelivery(keyOf(id))
	}
	for _, id := range ids(d.facts.Jobs.HandoverJobs) {
		if fulfillmenttools.HandoverVoid(d.merged.HandoverJobs[id].Status) {
			d.removeDelivery(keyOf(id))
		}
	}
	for _, id := range ids(d.facts.Jobs.HandoverJobs) {
		job := d.merged.HandoverJobs[id]
		if job.Supplies {
			continue // no delivery to the consumer
		}
		contents, told := d.facts.Contents[id]
		if told && contents.Version >= job.LinesAt && !job.Collect && !fulfillmenttools.HandoverVoid(job.Status) {
			d.delivery(keyOf(id), job, contents)
		}
	}
	for _, id := range ids(d.merged.HandoverJobs) {
		job := d.merged.HandoverJobs[id]
		there := d.find(keyOf(id))
		if there != nil && !fulfillmenttools.HandoverVoid(job.Status) {
			d.parcels(there, job)
		}
	}
}

// find is the delivery with this key; nil when there is none.
func (d *decider) find(key string) *commercetools.Delivery {
	for _, shipping := range d.order.Shipping {
		for i, delivery := range shipping.Deliveries {
			if delivery.Key == key {
				return &shipping.Deliveries[i]
			}
		}
	}
	return nil
}

func (d *decider) further(changed string, action platform.OrderUpdateAction) {
	d.Further, d.Hoped = append(d.Further, action), append(d.Hoped, changed)
	if !slices.Contains(d.Changed, changed) {
		d.Changed = append(d.Changed, changed)
	}
}

func (d *decider) removeDelivery(key string) {
	if d.find(key) != nil {
		d.further("delivery", platform.OrderRemoveDeliveryAction{DeliveryKey: &key})
		d.removed = append(d.removed, key)
	}
}

func (d *decider) delivery(key string, job HandoverRecord, contents Contents) {
	there := d.find(key)
	items := d.items(contents.Lines, job.Status == fulfillmenttools.HandoverHandedOver)
	switch {
	case there == nil:
		d.addDelivery(key, job, items)
	case len(items) > 0 && !sameItems(there.Items, items):
		d.further("delivery", platform.OrderSetDeliveryItemsAction{DeliveryKey: &key, Items: items})
	}
}

func (d *decider) addDelivery(key string, job HandoverRecord, items []platform.DeliveryItem) {
	if len(d.order.Shipping) == 0 {
		return // commercetools has no place for it
	}
	action := platform.OrderAddDeliveryAction{DeliveryKey: &key, Items: items, Parcels: []platform.ParcelDraft{}}
	if shipping := d.shippingKey(items); shipping != "" {
		action.ShippingKey = &shipping
	}
	for _, parcel := range d.merged.wantedParcels(key, job) {
		free := d.freeKey(parcel.key, key)
		action.Parcels = append(action.Parcels, platform.ParcelDraft{
			Key: &free, TrackingData: parcel.tracking(), Measurements: parcel.measurements(), Custom: d.parcelFields(parcel.URL),
			Items: []platform.DeliveryItem{},
		})
	}
	d.further("delivery", action)
}

// shippingKey is the way that the first of the lines goes which names one; the
// order's first way otherwise. It is empty in Single mode.
func (d *decider) shippingKey(items []platform.DeliveryItem) string {
	for _, item := range items {
		for _, line := range slices.Concat(d.order.Lines, d.order.CustomLines) {
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

// items are the lines by commercetools' ids: what was handed over, where the job tells,
// else what is to be.
func (d *decider) items(lines []fulfillmenttools.JobLine, handedOver bool) []platform.DeliveryItem {
	pieces := map[string]int{}
	told := handedOver && slices.ContainsFunc(lines, func(l fulfillmenttools.JobLine) bool { return l.Handed() > 0 })
	for _, line := range lines {
		n := line.Quantity
		if told {
			n = line.Handed()
		}
		id := d.lineOf(line)
		if id == "" {
			d.Notes = append(d.Notes, "a line of the handover job belongs to no line of the order")
			continue
		}
		pieces[id] += n
	}
	items := []platform.DeliveryItem{}
	for _, id := range ids(pieces) {
		if pieces[id] > 0 {
			items = append(items, platform.DeliveryItem{ID: id, Quantity: pieces[id]})
		}
	}
	return items
}

// lineOf is the order's line that a job's line belongs to: by the inherited id, else
// the first with the same SKU; empty when there is none.
func (d *decider) lineOf(line fulfillmenttools.JobLine) string {
	inherited := line.LineID()
	for _, own := range slices.Concat(d.order.Lines, d.order.CustomLines) {
		if own.ID == inherited {
			return own.ID
		}
	}
	for _, own := range d.order.Lines {
		if own.Variant.SKU != "" && own.Variant.SKU == line.Article.TenantArticleID {
			return own.ID
		}
	}
	return ""
}

func sameItems(there []commercetools.DeliveryItem, items []platform.DeliveryItem) bool {
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

// keyOf is the id as a key of commercetools: 2 to 256 letters, digits, - and _.
func keyOf(id string) string {
	if id == "" {
		return ""
	}
	key := notInKeys.ReplaceAllString(id, "_")
	if len(key) < 2 {
		key += strings.Repeat("_", 2-len(key))
	}
	return key[:min(len(key), keyLength)]
}
