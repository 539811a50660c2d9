package feedback

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// Custom fields of parcels and the existing connector's field for all of them.
const (
	// ParcelTypeKey is the custom type that parcels get.
	ParcelTypeKey = "fft-parcel"
	// TrackingURLField holds the address where the consumer follows the parcel.
	TrackingURLField = "fft_tracking_url"
	// ParcelsField is an order field with all parcels as JSON.
	ParcelsField = "fft_parcels"
)

// deliveries makes one delivery of each handover job, with its parcel.
func (d *decider) deliveries() {
	if !d.shape.Rules.TellsDeliveries() {
		return
	}
	for _, id := range ids(d.facts.Jobs.HandoverJobs) {
		job := d.merged.HandoverJobs[id]
		contents, told := d.facts.Contents[id]
		switch {
		case fulfillmenttools.HandoverVoid(job.Status):
			d.removeDelivery(keyOf(id))
		case told && contents.Version >= job.LinesAt && !job.Collect:
			d.delivery(keyOf(id), job, contents)
		}
	}
	for _, id := range ids(d.merged.HandoverJobs) {
		job := d.merged.HandoverJobs[id]
		there := d.find(keyOf(id))
		if there != nil && !fulfillmenttools.HandoverVoid(job.Status) {
			d.parcel(there, job)
		}
	}
	d.loneParcels()
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
	d.Further = append(d.Further, action)
	if !slices.Contains(d.Changed, changed) {
		d.Changed = append(d.Changed, changed)
	}
}

func (d *decider) removeDelivery(key string) {
	if d.find(key) != nil {
		d.further("delivery", platform.OrderRemoveDeliveryAction{DeliveryKey: &key})
	}
}

func (d *decider) delivery(key string, job HandoverRecord, contents Contents) {
	there := d.find(key)
	items := d.items(contents.Lines, job.Status == fulfillmenttools.HandoverHandedOver)
	switch {
	case there == nil:
		d.addDelivery(key, job, items)
	case len(items) > 0 && !sameItems(there.Items, items) && (d.carries() || job.Status == fulfillmenttools.HandoverHandedOver):
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
	if parcel := d.merged.wantedParcel(job); parcel.key != "" {
		action.Parcels = append(action.Parcels, platform.ParcelDraft{
			Key: &parcel.key, TrackingData: parcel.tracking(), Measurements: parcel.measurements(), Custom: d.parcelFields(parcel.URL),
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

// items are the lines by commercetools' ids.
func (d *decider) items(lines []fulfillmenttools.JobLine, handedOver bool) []platform.DeliveryItem {
	pieces := map[string]int{}
	for _, line := range lines {
		n := line.Quantity
		if handed := line.Handed(); handedOver && handed > 0 {
			n = handed
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

// wantedParcel is a parcel as it should be on the order; without a key there is none.
type wantedParcel struct {
	ParcelRecord
	key string
}

func (r Record) wantedParcel(job HandoverRecord) wantedParcel {
	parcel := wantedParcel{ParcelRecord: r.Parcels[job.Parcel], key: keyOf(job.Parcel)}
	parcel.Carrier = cmp.Or(parcel.Carrier, job.Carrier)
	parcel.Tracking = cmp.Or(parcel.Tracking, job.Tracking)
	if parcel.key == "" {
		parcel.key = keyOf(parcel.Tracking)
	}
	return parcel
}

func (p wantedParcel) tracking() *platform.TrackingData {
	if p.Tracking == "" {
		return nil
	}
	data := platform.TrackingData{TrackingId: &p.Tracking}
	if p.Carrier != "" {
		data.Carrier = &p.Carrier
	}
	return &data
}

func (p wantedParcel) measurements() *platform.ParcelMeasurements {
	if p.Height+p.Length+p.Width+p.Weight == 0 {
		return nil
	}
	known := func(n int) *int {
		if n == 0 {
			return nil
		}
		return &n
	}
	return &platform.ParcelMeasurements{
		HeightInMillimeter: known(p.Height), LengthInMillimeter: known(p.Length),
		WidthInMillimeter: known(p.Width), WeightInGram: known(p.Weight),
	}
}

// parcel adds the job's parcel to its delivery, or what the parcel lacks.
func (d *decider) parcel(delivery *commercetools.Delivery, job HandoverRecord) {
	wanted := d.merged.wantedParcel(job)
	if wanted.key == "" {
		return
	}
	i := slices.IndexFunc(delivery.Parcels, func(p commercetools.Parcel) bool { return p.Key == wanted.key })
	if i >= 0 {
		d.completeParcel(delivery.Parcels[i], wanted)
		return
	}
	d.further("parcel", platform.OrderAddParcelToDeliveryAction{
		DeliveryKey: &delivery.Key, ParcelKey: &wanted.key, TrackingData: wanted.tracking(),
		Measurements: wanted.measurements(), Custom: d.parcelFields(wanted.URL), Items: []platform.DeliveryItem{},
	})
}

// worthTelling leaves out what is known already, and what shipments say of parcels
// that no handover job names yet, or whose tracking is known: it is said again by the
// parcels' own events and by their handover jobs.
func worthTelling(known Record, parcels map[string]ParcelRecord) map[string]ParcelRecord {
	told := map[string]ParcelRecord{}
	for id, parcel := range parcels {
		if !parcel.addsTo(known.Parcels[id]) {
			continue
		}
		lacking := false
		for _, job := range known.HandoverJobs {
			lacking = lacking || job.Parcel == id && job.Tracking != parcel.Tracking && known.Parcels[id].Tracking != parcel.Tracking
		}
		if parcel.Version > 0 || lacking {
			told[id] = parcel
		}
	}
	return told
}

// loneParcels completes parcels whose handover job no record tells, on orders that
// carry none.
func (d *decider) loneParcels() {
	if d.carries() {
		return
	}
	for _, id := range ids(d.facts.Jobs.Parcels) {
		wanted := wantedParcel{ParcelRecord: d.facts.Jobs.Parcels[id], key: keyOf(id)}
		for _, shipping := range d.order.Shipping {
			for _, delivery := range shipping.Deliveries {
				for _, parcel := range delivery.Parcels {
					if parcel.Key == wanted.key {
						wanted.Carrier = cmp.Or(wanted.Carrier, parcel.Tracking.Carrier)
						d.completeParcel(parcel, wanted)
					}
				}
			}
		}
	}
}

func (d *decider) completeParcel(there commercetools.Parcel, wanted wantedParcel) {
	key := wanted.key
	if data := wanted.tracking(); data != nil && (there.Tracking.ID != wanted.Tracking || wanted.Carrier != "" && there.Tracking.Carrier != wanted.Carrier) {
		d.further("tracking", platform.OrderSetParcelTrackingDataAction{ParcelKey: &key, TrackingData: data})
	}
	if sizes := wanted.measurements(); sizes != nil && differ(there, wanted) {
		d.further("parcel", platform.OrderSetParcelMeasurementsAction{ParcelKey: &key, Measurements: sizes})
	}
	if wanted.URL == "" || there.Text(TrackingURLField) == wanted.URL || !d.shape.Parcel.Fields[TrackingURLField] {
		return
	}
	switch there.TypeID() {
	case "":
		fields := d.parcelFields(wanted.URL)
		d.further("tracking", platform.OrderSetParcelCustomTypeAction{ParcelKey: &key, Type: &fields.Type, Fields: fields.Fields})
	case d.shape.Parcel.TypeID:
		d.further("tracking", platform.OrderSetParcelCustomFieldAction{ParcelKey: &key, Name: TrackingURLField, Value: wanted.URL})
	}
}

func differ(there commercetools.Parcel, wanted wantedParcel) bool {
	is := there.Measurements
	return is == nil || is.Height != wanted.Height || is.Length != wanted.Length || is.Width != wanted.Width || is.Weight != wanted.Weight
}

// parcelFields are a parcel's custom fields; nil when it has none, or there is no
// type for them.
func (d *decider) parcelFields(address string) *platform.CustomFieldsDraft {
	if address == "" || !d.shape.Parcel.Fields[TrackingURLField] {
		return nil
	}
	return &platform.CustomFieldsDraft{
		Type: platform.TypeResourceIdentifier{Key: &d.shape.Parcel.Key}, Fields: &platform.FieldContainer{TrackingURLField: address},
	}
}

// parcelRow is one entry of fft_parcels, in the existing connector's words.
type parcelRow struct {
	Number string `json:"tracking_number"`
	URL    string `json:"tracking_url,omitempty"`
}

// wantParcels fills fft_parcels. What stands there and does not come from the record
// stays: another connector, or an order without a record, put it there.
func (d *decider) wantParcels(wanted map[string]any) {
	if !d.shape.Order.Fields[ParcelsField] {
		return
	}
	var there []parcelRow
	_ = json.Unmarshal([]byte(d.order.Text(ParcelsField)), &there)
	rows, ours := map[string]parcelRow{}, d.known.parcelRows()
	for _, row := range there {
		if _, known := ours[row.Number]; !known {
			rows[row.Number] = row
		}
	}
	for number, row := range d.merged.parcelRows() {
		rows[number] = parcelRow{number, cmp.Or(row.URL, rows[number].URL)}
	}
	list := []parcelRow{}
	for _, number := range ids(rows) {
		list = append(list, rows[number])
	}
	text, err := json.Marshal(list)
	switch {
	case err != nil || string(text) == d.order.Text(ParcelsField):
	case len(list) > 0:
		wanted[ParcelsField] = string(text)
	case len(there) > 0:
		wanted[ParcelsField] = nil
	}
}

// parcelRows are the rows of the record's parcels by number.
func (r Record) parcelRows() map[string]parcelRow {
	rows := map[string]parcelRow{}
	for _, job := range r.HandoverJobs {
		parcel := r.wantedParcel(job)
		if parcel.Tracking != "" && !fulfillmenttools.HandoverVoid(job.Status) {
			rows[parcel.Tracking] = parcelRow{parcel.Tracking, cmp.Or(parcel.URL, rows[parcel.Tracking].URL)}
		}
	}
	return rows
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
