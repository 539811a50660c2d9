package feedback

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

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

// wantedParcel is a parcel as it should be on the order.
type wantedParcel struct {
	ParcelRecord
	key string
}

// parcelsOf are the parcels that a handover job hands over: the one that it names, and
// those of its shipment that no other one names.
func (r JobRecord) parcelsOf(job HandoverRecord) []string {
	var found []string
	if job.Parcel != "" {
		found = append(found, job.Parcel)
	}
	if job.Shipment == "" {
		return found
	}
	named := map[string]bool{}
	for _, other := range r.HandoverJobs {
		named[other.Parcel] = true
	}
	for _, id := range sortedIDs(r.Parcels) {
		if r.Parcels[id].Shipment == job.Shipment && !named[id] {
			found = append(found, id)
		}
	}
	return found
}

// isDelivered reports whether the carrier delivered all parcels of a handover job.
func (r JobRecord) isDelivered(job HandoverRecord) bool {
	parcels := r.parcelsOf(job)
	for _, id := range parcels {
		if !r.Parcels[id].Delivered {
			return false
		}
	}
	return len(parcels) > 0
}

// wantedParcels are the handover job's parcels. One that has no id is known by the key
// of its delivery.
func (r JobRecord) wantedParcels(delivery string, job HandoverRecord) []wantedParcel {
	var wanted []wantedParcel
	for _, id := range r.parcelsOf(job) {
		parcel := wantedParcel{ParcelRecord: r.Parcels[id], key: keyFromID(id)}
		parcel.Carrier = cmp.Or(parcel.Carrier, job.Carrier)
		if id == job.Parcel {
			parcel.Tracking = cmp.Or(parcel.Tracking, job.Tracking)
		}
		wanted = append(wanted, parcel)
	}
	if told := func(p wantedParcel) bool { return p.Tracking == job.Tracking }; job.Parcel == "" && job.Tracking != "" && !slices.ContainsFunc(wanted, told) {
		wanted = append(wanted, wantedParcel{ParcelRecord: ParcelRecord{Carrier: job.Carrier, Tracking: job.Tracking}, key: delivery})
	}
	return wanted
}

// lastUntrackedAt is when the last of the goods left that have no tracking number; zero when
// all that a carrier has have one.
func (r JobRecord) lastUntrackedAt() (left time.Time) {
	for id, job := range r.currentHandoverJobs() {
		if job.Status != fulfillmenttools.HandoverHandedOver || job.Collect {
			continue
		}
		parcels := r.wantedParcels(keyFromID(id), job)
		if len(parcels) == 0 || slices.ContainsFunc(parcels, func(p wantedParcel) bool { return p.Tracking == "" }) {
			left = laterOf(left, job.Ended)
		}
	}
	return left
}

func (p wantedParcel) trackingData() *platform.TrackingData {
	if p.Tracking == "" {
		return nil
	}
	data := platform.TrackingData{TrackingId: &p.Tracking}
	if p.Carrier != "" {
		data.Carrier = &p.Carrier
	}
	return &data
}

func (p wantedParcel) parcelMeasurements() *platform.ParcelMeasurements {
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

// decideParcels adds the job's parcels to its delivery, or what they lack.
func (d *decider) decideParcels(delivery *commercetools.Delivery, job HandoverRecord) {
	for n, wanted := range d.merged.wantedParcels(delivery.Key, job) {
		i := slices.IndexFunc(delivery.Parcels, func(p commercetools.Parcel) bool {
			return p.Key == wanted.key || n == 0 && p.Key == delivery.Key
		})
		if i >= 0 {
			d.completeParcel(delivery.Parcels[i], wanted)
			continue
		}
		free := d.unusedParcelKey(wanted.key, delivery.Key)
		d.addOptionalAction("parcel", platform.OrderAddParcelToDeliveryAction{
			DeliveryKey: &delivery.Key, ParcelKey: &free, TrackingData: wanted.trackingData(),
			Measurements: wanted.parcelMeasurements(), Custom: d.parcelFieldsDraft(wanted.URL), Items: []platform.DeliveryItem{},
		})
	}
}

// onlyNewParcels leaves out what is known already, and what shipments say of parcels of
// which nothing else tells yet: it is said again by the parcels' own events and by their
// handover jobs.
func onlyNewParcels(known JobRecord, parcels map[string]ParcelRecord) map[string]ParcelRecord {
	told := map[string]ParcelRecord{}
	for id, parcel := range parcels {
		if !parcel.hasNewsFor(known.Parcels[id]) {
			continue
		}
		_, heard := known.Parcels[id]
		for _, job := range known.HandoverJobs {
			heard = heard || job.Parcel == id
		}
		if parcel.Version > 0 || heard {
			told[id] = parcel
		}
	}
	return told
}

func (d *decider) completeParcel(there commercetools.Parcel, wanted wantedParcel) {
	key := there.Key
	if data := wanted.trackingData(); data != nil && (there.Tracking.ID != wanted.Tracking || wanted.Carrier != "" && there.Tracking.Carrier != wanted.Carrier) {
		d.addOptionalAction("tracking", platform.OrderSetParcelTrackingDataAction{ParcelKey: &key, TrackingData: data})
	}
	if sizes := wanted.parcelMeasurements(); sizes != nil && isParcelDifferent(there, wanted) {
		d.addOptionalAction("parcel", platform.OrderSetParcelMeasurementsAction{ParcelKey: &key, Measurements: sizes})
	}
	if wanted.URL == "" || there.TextField(TrackingURLField) == wanted.URL || !d.shape.Parcel.Fields[TrackingURLField] {
		return
	}
	switch there.TypeID() {
	case "":
		fields := d.parcelFieldsDraft(wanted.URL)
		d.addOptionalAction("tracking", platform.OrderSetParcelCustomTypeAction{ParcelKey: &key, Type: &fields.Type, Fields: fields.Fields})
	case d.shape.Parcel.TypeID:
		d.addOptionalAction("tracking", platform.OrderSetParcelCustomFieldAction{ParcelKey: &key, Name: TrackingURLField, Value: wanted.URL})
	}
}

func isParcelDifferent(there commercetools.Parcel, wanted wantedParcel) bool {
	is := there.Measurements
	return is == nil || is.Height != wanted.Height || is.Length != wanted.Length || is.Width != wanted.Width || is.Weight != wanted.Weight
}

// parcelFieldsDraft are a parcel's custom fields; nil when it has none, or there is no
// type for them.
func (d *decider) parcelFieldsDraft(address string) *platform.CustomFieldsDraft {
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

// fillParcelsField fills fft_parcels. What stands there and does not come from the record
// stays: another connector, or an order without a record, put it there.
func (d *decider) fillParcelsField(wanted map[string]any) {
	if !d.shape.Order.Fields[ParcelsField] {
		return
	}
	var there []parcelRow
	_ = json.Unmarshal([]byte(d.order.TextField(ParcelsField)), &there)
	rows, was, is := map[string]parcelRow{}, d.known.parcelRowsByNumber(), d.merged.parcelRowsByNumber()
	for _, row := range there {
		_, before := was[row.Number]
		if _, still := is[row.Number]; still || !before {
			rows[row.Number] = row
		}
	}
	for number, row := range is {
		rows[number] = parcelRow{number, cmp.Or(row.URL, rows[number].URL)}
	}
	list := []parcelRow{}
	for _, number := range sortedIDs(rows) {
		list = append(list, rows[number])
	}
	text, err := json.Marshal(list)
	switch {
	case err != nil || string(text) == d.order.TextField(ParcelsField):
	case len(list) > 0:
		wanted[ParcelsField] = string(text)
	case len(there) > 0:
		wanted[ParcelsField] = nil
	}
}

// parcelRowsByNumber are the rows of the record's parcels by number.
func (r JobRecord) parcelRowsByNumber() map[string]parcelRow {
	rows := map[string]parcelRow{}
	for id, job := range r.currentHandoverJobs() {
		if fulfillmenttools.IsHandoverVoid(job.Status) {
			continue
		}
		for _, parcel := range r.wantedParcels(keyFromID(id), job) {
			if parcel.Tracking != "" {
				rows[parcel.Tracking] = parcelRow{parcel.Tracking, cmp.Or(parcel.URL, rows[parcel.Tracking].URL)}
			}
		}
	}
	return rows
}

// unusedParcelKey is the parcel's own key, or that of its delivery when a parcel of the order has
// it already: handover jobs may share a parcel, commercetools' deliveries may not.
func (d *decider) unusedParcelKey(parcel, delivery string) string {
	taken := slices.Contains(d.added, parcel)
	for _, shipping := range d.order.Shipping {
		for _, there := range shipping.Deliveries {
			taken = taken || !slices.Contains(d.removed, there.Key) &&
				slices.ContainsFunc(there.Parcels, func(p commercetools.Parcel) bool { return p.Key == parcel })
		}
	}
	if taken {
		parcel = delivery
	}
	d.added = append(d.added, parcel)
	return parcel
}
