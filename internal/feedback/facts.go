package feedback

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

// Facts is what events say about the fulfilment of one order.
type Facts struct {
	Jobs     JobRecord           // the order, its jobs and parcels
	Finished []Finished          // pick jobs whose picking is finished, sorted by id
	OrderRef string              // the fulfillmenttools order that the jobs belong to
	Process  string              // and its process
	Whole    bool                // fulfillmenttools itself said it all: nothing more is to be asked
	Contents map[string]Contents // what is in the handover jobs, and pick jobs, by id
	Values   map[string]any      // custom fields of the shop's own rules; their sources are in Jobs
	Returns  []Return            // pieces that came back, sorted by id
	Shipment string              // shipment state that an event alone leads to; empty: none
	Foreign  []string            // jobs and parcels that the order's record must not hold: they are another's
	Unread   []string            // those that were believed without a look at them
}

// Ref names something in fulfillmenttools. Of two, the one created later is the
// latest; the id decides when both were created at once.
type Ref struct {
	ID      string
	Created time.Time
}

// Finished is a pick job whose picking is finished.
type Finished struct {
	ID      string
	Version int
	Picked  int       // pieces
	At      time.Time // when it was last changed
}

// Contents are the lines of a job at a version.
type Contents struct {
	Version int
	Lines   []fulfillmenttools.JobLine
}

// Return is one piece that came back and was accepted.
type Return struct {
	ID   string // of the returned line
	Line fulfillmenttools.JobLine
}

// FactsOf reads an event; ok is false for an event that changes nothing on the order.
// The error is of expressions of the shop's rules that failed; the facts hold without
// their fields.
func FactsOf(event fulfillmenttools.Event, shop config.FeedbackRules) (facts Facts, ok bool, err error) {
	if slices.Contains(shop.Ignore, event.Name) {
		return Facts{}, false, nil
	}
	facts, ok = factsOfEvent(event)
	facts.Process = event.Payload.ProcessRefOrID()
	set, err := facts.evaluateFieldRules(event, shop)
	return facts, ok || set, err
}

func factsOfEvent(event fulfillmenttools.Event) (facts Facts, ok bool) {
	payload := event.Payload
	switch event.Name {
	case fulfillmenttools.OrderCreatedEvent:
		return Facts{Jobs: JobRecord{Order: orderRecordOf(payload)}}, true
	case fulfillmenttools.OrderCancelledEvent, fulfillmenttools.OrderForceCancelledEvent, fulfillmenttools.OrderExpiredEvent:
		order := orderRecordOf(payload)
		order.Cancelled = true
		return Facts{Jobs: JobRecord{Order: order}}, true
	case fulfillmenttools.NotRoutableEvent:
		return Facts{Jobs: JobRecord{Unroutable: lastChange(payload.Job)}}, true
	case fulfillmenttools.PickJobCreatedEvent:
		return pickJobFacts(payload.Job, payload.Status), true
	case fulfillmenttools.PickJobPickingFinishedEvent:
		return pickingFinishedFacts(payload.Job), true
	case fulfillmenttools.PickJobAbortedEvent:
		return pickJobFacts(payload.Job, fulfillmenttools.PickJobAborted), true
	case fulfillmenttools.PickJobCanceledEvent:
		return pickJobFacts(payload.Job, fulfillmenttools.PickJobCanceled), true
	case fulfillmenttools.PickJobReroutedEvent:
		return pickJobFacts(payload.Job, reroutedStatus(payload.Status)), true
	case fulfillmenttools.HandoverJobCreatedEvent:
		return handoverFacts(payload.Job, cmp.Or(payload.Status, fulfillmenttools.HandoverOpen), shipmentReady), true
	case fulfillmenttools.HandoverJobHandedOverEvent:
		return handoverFacts(payload.Job, fulfillmenttools.HandoverHandedOver, shipmentShipped), true
	case fulfillmenttools.HandoverJobRevertedEvent:
		return handoverFacts(payload.Job, fulfillmenttools.HandoverOpen, ""), true
	case fulfillmenttools.HandoverJobCanceledEvent:
		return handoverFacts(payload.Job, fulfillmenttools.HandoverCanceled, ""), true
	case fulfillmenttools.ParcelAcknowledgedEvent, fulfillmenttools.ParcelTrackedEvent:
		return parcelFacts(payload)
	case fulfillmenttools.ShipmentUpdatedEvent:
		return shipmentFacts(payload)
	case fulfillmenttools.ItemReturnJobUpdatedEvent:
		return returnFacts(payload)
	default:
		return Facts{}, false
	}
}

// lastChange is when the entity was last changed, as far as it says.
func lastChange(job fulfillmenttools.Job) time.Time {
	if job.LastModified.IsZero() {
		return job.Created.UTC()
	}
	return job.LastModified.UTC()
}

func orderRecordOf(payload fulfillmenttools.Payload) OrderRecord {
	return OrderRecord{ID: payload.ID, Created: payload.Created.UTC(), Pieces: payload.OrderLines.Pieces()}
}

func pickJobFacts(job fulfillmenttools.Job, status string) Facts {
	finished := fulfillmenttools.IsPickingFinished(status)
	record := PickJobRecord{
		Version: job.Version, Created: job.Created.UTC(), Status: status, ShortID: job.ShortID, Facility: job.FacilityRef,
		Pieces: job.PickLineItems.Pieces(), Supplies: job.SuppliesFacility(),
	}
	facts := Facts{OrderRef: job.OrderRef}
	if finished {
		record.PickedAt, record.Picked = job.Version, job.PickLineItems.PickedPieces()
		record.Short = job.PickLineItems.MissingPieces()
		record.Empty = record.Picked == 0 && record.Pieces > 0
		record.Substituted = slices.ContainsFunc(job.PickLineItems, func(l fulfillmenttools.JobLine) bool { return l.SubstitutedPieces() > 0 })
		facts.Contents = map[string]Contents{job.ID: {Version: job.Version, Lines: job.PickLineItems}}
	}
	facts.Jobs.PickJobs = map[string]PickJobRecord{job.ID: record}
	return facts
}

// reroutedStatus is the state of a pick job that was rerouted. One whose picking is finished
// keeps what was picked: only the rest goes elsewhere.
func reroutedStatus(status string) string {
	if fulfillmenttools.IsPickingFinished(status) {
		return status
	}
	return fulfillmenttools.PickJobRerouted
}

// pickingClosed is the state of a pick job whose picking is finished.
const pickingClosed = "CLOSED"

func pickingFinishedFacts(job fulfillmenttools.Job) Facts {
	status := job.Status
	if fulfillmenttools.IsPickJobVoid(status) {
		return pickJobFacts(job, status) // closed with nothing picked it is aborted
	}
	if !fulfillmenttools.IsPickingFinished(status) {
		status = pickingClosed
	}
	facts := pickJobFacts(job, status)
	facts.Finished = []Finished{{ID: job.ID, Version: job.Version, Picked: job.PickLineItems.PickedPieces(), At: job.LastModified}}
	return facts
}

func handoverFacts(job fulfillmenttools.Job, status, shipment string) Facts {
	parcel := job.FirstParcel()
	record := HandoverRecord{
		Version: job.Version, Created: job.Created.UTC(), Status: status, PickJob: job.PickJobRef,
		Collect: job.Channel == fulfillmenttools.ChannelCollect, LinesAt: job.Version,
		Pieces: job.HandoverJobLineItems.Pieces(),
		Parcel: parcel.ParcelRef, Carrier: parcel.CarrierKey, Tracking: parcel.TrackingNumber,
		Shipment: parcel.ShipmentRef, Supplies: job.SuppliesFacility(),
	}
	if status == fulfillmenttools.HandoverHandedOver || fulfillmenttools.IsHandoverVoid(status) {
		record.Ended = lastChange(job)
	}
	if record.Supplies {
		shipment = ""
	}
	return Facts{
		Jobs:     JobRecord{HandoverJobs: map[string]HandoverRecord{job.ID: record}},
		Contents: map[string]Contents{job.ID: {Version: job.Version, Lines: job.HandoverJobLineItems}},
		Shipment: shipment,
	}
}

func parcelFacts(payload fulfillmenttools.Payload) (Facts, bool) {
	said := payload.Parcel
	record := ParcelRecord{
		Tracking: said.TrackingNumber, URL: said.TrackingURL, Delivered: said.Delivered,
		Height: wholeNumber(10 * said.Height), Length: wholeNumber(10 * said.Length), Width: wholeNumber(10 * said.Width), Weight: wholeNumber(said.Weight),
	}
	if record == (ParcelRecord{}) {
		return Facts{}, false
	}
	record.Version, record.Shipment = payload.Version, payload.Job.FirstParcel().ShipmentRef
	return Facts{Jobs: JobRecord{Parcels: map[string]ParcelRecord{payload.ID: record}}}, true
}

// wholeNumber is a size in whole millimetres or grams; 0 when it is none.
func wholeNumber(size float64) int {
	if size < 0 || size > math.MaxInt32 {
		return 0
	}
	return int(math.Round(size))
}

// shipmentFacts tell of a shipment's parcels what those do not say themselves, so they
// have no version. Numbers are the parcels' own to say.
func shipmentFacts(payload fulfillmenttools.Payload) (Facts, bool) {
	parcels := map[string]ParcelRecord{}
	for _, parcel := range payload.Parcels {
		if parcel.ParcelRef != "" {
			parcels[parcel.ParcelRef] = ParcelRecord{Carrier: payload.Job.FirstParcel().CarrierKey, Shipment: payload.ID}
		}
	}
	return Facts{Jobs: JobRecord{Parcels: parcels}}, len(parcels) > 0
}

// accepted is the state of a returned piece that the shop takes back.
const accepted = "ACCEPTED"

func returnFacts(payload fulfillmenttools.Payload) (facts Facts, ok bool) {
	for _, line := range payload.Returned {
		if line.Status == accepted && line.ID != "" {
			facts.Returns = append(facts.Returns, Return{ID: line.ID, Line: line.Line})
		}
	}
	return facts, len(facts.Returns) > 0
}

// evaluateFieldRules evaluates the shop's own rules for the event.
func (f *Facts) evaluateFieldRules(event fulfillmenttools.Event, shop config.FeedbackRules) (set bool, wrong error) {
	for _, rule := range shop.Fields {
		if rule.Event != event.Name {
			continue
		}
		value, err := rule.Value.EvalValue(scopeOf(event))
		if err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("feedback.fields, field %s: %w", rule.Field, err))
		}
		if value == nil {
			continue
		}
		if f.Values == nil {
			f.Values, f.Jobs.Fields = map[string]any{}, map[string]FieldRecord{}
		}
		f.Values[rule.Field] = value
		f.Jobs.Fields[rule.Field] = FieldRecord{ID: event.Payload.ID, Created: event.Payload.Created.UTC(), Version: event.Payload.Version}
		set = true
	}
	return set, wrong
}

func scopeOf(event fulfillmenttools.Event) rules.EventScope {
	payload := event.Payload
	parcel := payload.Job.FirstParcel()
	return rules.EventScope{Event: event.Name, Payload: rules.Payload{
		ID: payload.ID, Status: payload.Status, ShortID: payload.ShortID, FacilityRef: payload.FacilityRef,
		TenantOrderID: payload.TenantOrderID, Channel: payload.Channel,
		Created: timeText(payload.Created), LastModified: timeText(payload.LastModified),
		CarrierKey: parcel.CarrierKey, TrackingNumber: cmp.Or(parcel.TrackingNumber, payload.Parcel.TrackingNumber),
		TrackingURL: payload.Parcel.TrackingURL, CustomAttributes: payload.CustomAttributes,
	}}
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Merge is what both together say. The order in which facts are merged, and how
// often, makes no difference.
func (f Facts) Merge(other Facts) Facts {
	f.Values = mergeValues(f, other)
	f.Jobs = f.Jobs.merge(other.Jobs)
	f.Finished = mergeFinished(f.Finished, other.Finished)
	f.OrderRef = max(f.OrderRef, other.OrderRef)
	f.Foreign, f.Unread = union(f.Foreign, other.Foreign), union(f.Unread, other.Unread)
	f.Process, f.Whole = max(f.Process, other.Process), f.Whole || other.Whole
	f.Contents = mergeMaps(f.Contents, other.Contents, func(a, b Contents) Contents {
		if b.Version > a.Version {
			return b
		}
		return a
	})
	f.Returns = mergeReturns(f.Returns, other.Returns)
	if shipmentRank[other.Shipment] > shipmentRank[f.Shipment] {
		f.Shipment = other.Shipment
	}
	return f
}

// isHandoverOnly reports whether the facts only say that goods left.
func (f Facts) isHandoverOnly() bool {
	return f.Shipment == shipmentShipped && f.Jobs.Order.ID == "" && len(f.Jobs.PickJobs) == 0
}

// mergeValues keeps of each field the value whose source the records keep too.
func mergeValues(f, other Facts) map[string]any {
	return mergeMaps(f.Values, onlyFields(other.Values, func(field string) bool {
		return other.Jobs.Fields[field].isLaterThan(f.Jobs.Fields[field])
	}), func(_, b any) any { return b })
}

func onlyFields(values map[string]any, wanted func(field string) bool) map[string]any {
	kept := map[string]any{}
	for field, value := range values {
		if wanted(field) {
			kept[field] = value
		}
	}
	return kept
}

// mergeFinished keeps the latest word on each job.
func mergeFinished(a, b []Finished) []Finished {
	merged := append(slices.Clone(a), b...)
	slices.SortFunc(merged, func(x, y Finished) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(y.Version, x.Version), y.At.Compare(x.At), cmp.Compare(y.Picked, x.Picked))
	})
	return slices.CompactFunc(merged, func(x, y Finished) bool { return x.ID == y.ID })
}

func mergeReturns(a, b []Return) []Return {
	merged := append(slices.Clone(a), b...)
	slices.SortFunc(merged, func(x, y Return) int { return cmp.Compare(x.ID, y.ID) })
	return slices.CompactFunc(merged, func(x, y Return) bool { return x.ID == y.ID })
}

// isLaterThan reports whether r is the later of the two; nothing is after itself.
func (r Ref) isLaterThan(other Ref) bool {
	switch {
	case r.ID == "":
		return false
	case other.ID == "":
		return true
	case !r.Created.Equal(other.Created):
		return r.Created.After(other.Created)
	default:
		return r.ID > other.ID
	}
}
