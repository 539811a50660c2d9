package feedback

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// RecordField is the custom field in which an order carries its record.
const RecordField = "fft_jobs"

// JobRecord is what is known of an order's fulfilment, job by job. The order itself
// carries it, as JSON, so that a decision about a split order needs no questions.
// Two records of the same order merge into one, in any order and any number of
// times with the same result: of each job the higher version counts.
type JobRecord struct {
	Order        OrderRecord               `json:"order,omitzero"`
	PickJobs     map[string]PickJobRecord  `json:"pickJobs,omitempty"`
	HandoverJobs map[string]HandoverRecord `json:"handoverJobs,omitempty"`
	Parcels      map[string]ParcelRecord   `json:"parcels,omitempty"`
	Unroutable   time.Time                 `json:"unroutable,omitzero"` // the last time that no facility was found
	Refused      time.Time                 `json:"refused,omitzero"`    // the last time that a change of the order was not taken
	Taken        time.Time                 `json:"taken,omitzero"`      // and that it was taken after all
	Fields       map[string]FieldRecord    `json:"fields,omitempty"`    // by name, those of the shop's own rules

	// What follows is of the order's own record only, not of facts.

	Shown string   `json:"shipmentState,omitempty"` // the shipment state that we set last
	Done  []string `json:"done,omitempty"`          // effects that were carried out, sorted
}

// OrderRecord is the fulfillmenttools order.
type OrderRecord struct {
	ID        string    `json:"id"`
	Created   time.Time `json:"created,omitzero"`
	Pieces    int       `json:"pieces,omitempty"` // ordered
	Cancelled bool      `json:"cancelled,omitempty"`
}

// PickJobRecord is a pick job at a version.
type PickJobRecord struct {
	Version     int       `json:"version,omitempty"`
	Created     time.Time `json:"created,omitzero"`
	Status      string    `json:"status,omitempty"`
	ShortID     string    `json:"shortId,omitempty"`
	Facility    string    `json:"facility,omitempty"`
	Pieces      int       `json:"pieces,omitempty"`   // to pick
	PickedAt    int       `json:"pickedAt,omitempty"` // version at which it was told what was picked; lists do not
	Picked      int       `json:"picked,omitempty"`   // substitutes included
	Short       int       `json:"short,omitempty"`    // pieces of lines that neither the article nor a substitute fills
	Empty       bool      `json:"empty,omitempty"`    // nothing was picked
	Substituted bool      `json:"substituted,omitempty"`
	LoadUnits   int       `json:"loadUnits,omitempty"` // counted
	CountedAt   int       `json:"countedAt,omitempty"` // version that the job had then
	Supplies    bool      `json:"supplies,omitempty"`  // its goods go to another facility
}

// HandoverRecord is a handover job at a version.
type HandoverRecord struct {
	Version  int       `json:"version,omitempty"`
	Created  time.Time `json:"created,omitzero"`
	Status   string    `json:"status,omitempty"`
	PickJob  string    `json:"pickJob,omitempty"`
	LinesAt  int       `json:"linesAt,omitempty"` // version at which its lines were told; lists do not
	Pieces   int       `json:"pieces,omitempty"`  // to hand over
	Collect  bool      `json:"collect,omitempty"`
	Parcel   string    `json:"parcel,omitempty"`
	Carrier  string    `json:"carrier,omitempty"`
	Tracking string    `json:"tracking,omitempty"`
	Shipment string    `json:"shipment,omitempty"` // whose parcels it hands over
	Supplies bool      `json:"supplies,omitempty"` // its goods go to another facility
	Ended    time.Time `json:"ended,omitzero"`     // when it was handed over, or given up
}

// ParcelRecord is a parcel at a version.
type ParcelRecord struct {
	Version   int    `json:"version,omitempty"`
	Carrier   string `json:"carrier,omitempty"`
	Shipment  string `json:"shipment,omitempty"`
	Tracking  string `json:"tracking,omitempty"`
	URL       string `json:"url,omitempty"`
	Delivered bool   `json:"delivered,omitempty"`
	// In millimetres and grams; 0: unknown.
	Height int `json:"height,omitempty"`
	Length int `json:"length,omitempty"`
	Width  int `json:"width,omitempty"`
	Weight int `json:"weight,omitempty"`
}

// FieldRecord is what a field of the shop's own rules was taken from.
type FieldRecord struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created,omitzero"`
	Version int       `json:"version,omitempty"`
}

// JobRecordOf reads the order's record; one that cannot be read is none, and grows anew.
func JobRecordOf(order commercetools.Snapshot) JobRecord {
	var record JobRecord
	if remote.Decode([]byte(order.TextField(RecordField)), &record) != nil {
		return JobRecord{}
	}
	return record
}

// encode is the record as the order carries it.
func (r JobRecord) encode() string {
	text, err := json.Marshal(r)
	if err != nil {
		return "" // times out of range: the order does without a record
	}
	if string(text) == "{}" {
		return ""
	}
	return string(text)
}

// withoutEndedDetails is the record without what only the way needs, once all that left has arrived:
// facilities, short ids, numbers of pieces. What came of each job and parcel, and at which
// version, stays, so that a late event still changes nothing.
func (r JobRecord) withoutEndedDetails() JobRecord {
	if !r.hasArrived() {
		return r
	}
	picking, handing := map[string]PickJobRecord{}, map[string]HandoverRecord{}
	for id, job := range r.PickJobs {
		job.ShortID, job.Facility, job.Pieces, job.Picked = "", "", 0, 0
		if job.Short == 0 {
			job.PickedAt = 0
		}
		picking[id] = job
	}
	for id, job := range r.HandoverJobs {
		job.Pieces, job.Ended = 0, time.Time{}
		handing[id] = job
	}
	r.PickJobs, r.HandoverJobs = picking, handing
	return r
}

// hasArrived reports whether all goods are with their consumer.
func (r JobRecord) hasArrived() bool {
	if !allShipped(r.shipmentState()) {
		return false
	}
	for _, job := range r.currentHandoverJobs() {
		collected := job.Collect && job.Status == fulfillmenttools.HandoverHandedOver
		if !collected && !r.isDelivered(job) && !fulfillmenttools.IsHandoverVoid(job.Status) {
			return false
		}
	}
	return true
}

// withoutJobs is the record without these jobs.
func (r JobRecord) withoutJobs(foreign []string) JobRecord {
	if len(foreign) == 0 {
		return r
	}
	r.PickJobs, r.HandoverJobs, r.Parcels = maps.Clone(r.PickJobs), maps.Clone(r.HandoverJobs), maps.Clone(r.Parcels)
	for _, id := range foreign {
		delete(r.PickJobs, id)
		delete(r.HandoverJobs, id)
		delete(r.Parcels, id)
	}
	return r
}

// merge is what both together say.
func (r JobRecord) merge(other JobRecord) JobRecord {
	r.Order = mergeOrders(r.Order, other.Order)
	r.PickJobs = mergeMaps(r.PickJobs, other.PickJobs, mergePickJobs)
	r.HandoverJobs = mergeMaps(r.HandoverJobs, other.HandoverJobs, mergeHandovers)
	r.Parcels = mergeMaps(r.Parcels, other.Parcels, mergeParcels)
	r.Fields = mergeMaps(r.Fields, other.Fields, mergeFields)
	if other.Unroutable.After(r.Unroutable) {
		r.Unroutable = other.Unroutable
	}
	r.Refused, r.Taken = laterOf(r.Refused, other.Refused), laterOf(r.Taken, other.Taken)
	return r
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func mergeMaps[V any](a, b map[string]V, merge func(a, b V) V) map[string]V {
	if len(b) == 0 {
		return a
	}
	merged := maps.Clone(a)
	if merged == nil {
		merged = make(map[string]V, len(b))
	}
	for id, value := range b {
		if known, ok := merged[id]; ok {
			value = merge(known, value)
		}
		merged[id] = value
	}
	return merged
}

// mergeOrders takes the order created later: one that was cancelled can be created
// anew.
func mergeOrders(a, b OrderRecord) OrderRecord {
	later, earlier := a, b
	if b.asRef().isLaterThan(a.asRef()) {
		later, earlier = b, a
	}
	if later.ID == earlier.ID {
		later.Cancelled = a.Cancelled || b.Cancelled
		later.Pieces = max(a.Pieces, b.Pieces)
		if later.Created.IsZero() {
			later.Created = earlier.Created
		}
	}
	return later
}

func mergePickJobs(a, b PickJobRecord) PickJobRecord {
	newer, older := a, b
	if cmp.Or(cmp.Compare(b.Version, a.Version), cmp.Compare(pickJobRank(b.Status), pickJobRank(a.Status))) > 0 {
		newer, older = b, a
	}
	if cmp.Or(cmp.Compare(older.PickedAt, newer.PickedAt), cmp.Compare(older.Picked, newer.Picked)) > 0 {
		newer.PickedAt, newer.Picked, newer.Short = older.PickedAt, older.Picked, older.Short
		newer.Empty, newer.Substituted = older.Empty, older.Substituted
	}
	if cmp.Or(cmp.Compare(older.CountedAt, newer.CountedAt), cmp.Compare(older.LoadUnits, newer.LoadUnits)) > 0 {
		newer.LoadUnits, newer.CountedAt = older.LoadUnits, older.CountedAt
	}
	newer.ShortID = cmp.Or(newer.ShortID, older.ShortID)
	newer.Facility = cmp.Or(newer.Facility, older.Facility)
	newer.Pieces = cmp.Or(newer.Pieces, older.Pieces)
	newer.Supplies = newer.Supplies || older.Supplies
	if newer.Created.IsZero() {
		newer.Created = older.Created
	}
	return newer
}

func pickJobRank(status string) int {
	return jobRank(status, fulfillmenttools.IsPickJobVoid(status), fulfillmenttools.IsPickingFinished(status))
}

func handoverRank(status string) int {
	return jobRank(status, fulfillmenttools.IsHandoverVoid(status), status == fulfillmenttools.HandoverHandedOver)
}

// jobRank orders states of the same version: what ends a job goes last.
func jobRank(status string, void, done bool) int {
	switch {
	case void:
		return 3
	case done:
		return 2
	case status != "":
		return 1
	default:
		return 0
	}
}

func mergeHandovers(a, b HandoverRecord) HandoverRecord {
	newer, older := a, b
	if cmp.Or(cmp.Compare(b.Version, a.Version), cmp.Compare(handoverRank(b.Status), handoverRank(a.Status))) > 0 {
		newer, older = b, a
	}
	newer.PickJob = cmp.Or(newer.PickJob, older.PickJob)
	newer.Parcel = cmp.Or(newer.Parcel, older.Parcel)
	newer.Carrier = cmp.Or(newer.Carrier, older.Carrier)
	newer.Tracking = cmp.Or(newer.Tracking, older.Tracking)
	newer.Pieces = cmp.Or(newer.Pieces, older.Pieces)
	newer.LinesAt = max(newer.LinesAt, older.LinesAt)
	newer.Collect = newer.Collect || older.Collect
	newer.Shipment = cmp.Or(newer.Shipment, older.Shipment)
	newer.Supplies = newer.Supplies || older.Supplies
	if newer.Created.IsZero() {
		newer.Created = older.Created
	}
	return newer
}

// mergeParcels takes the newer word, and what it leaves out from the older one. A
// parcel that was delivered stays so.
func mergeParcels(a, b ParcelRecord) ParcelRecord {
	newer, older := a, b
	if cmp.Or(cmp.Compare(b.Version, a.Version), strings.Compare(b.Tracking, a.Tracking), strings.Compare(b.URL, a.URL)) > 0 {
		newer, older = b, a
	}
	merged := newer
	merged.Carrier = cmp.Or(newer.Carrier, older.Carrier)
	merged.Shipment = cmp.Or(newer.Shipment, older.Shipment)
	merged.Tracking = cmp.Or(newer.Tracking, older.Tracking)
	merged.URL = cmp.Or(newer.URL, older.URL)
	merged.Delivered = a.Delivered || b.Delivered
	merged.Height, merged.Length = cmp.Or(newer.Height, older.Height), cmp.Or(newer.Length, older.Length)
	merged.Width, merged.Weight = cmp.Or(newer.Width, older.Width), cmp.Or(newer.Weight, older.Weight)
	return merged
}

// hasNewsFor reports whether there is anything new in p but its version. Not every scan
// on the way is worth an update.
func (p ParcelRecord) hasNewsFor(known ParcelRecord) bool {
	merged := mergeParcels(known, p)
	merged.Version = known.Version
	return merged != known
}

func mergeFields(a, b FieldRecord) FieldRecord {
	if b.isLaterThan(a) {
		return b
	}
	return a
}

func (f FieldRecord) isLaterThan(other FieldRecord) bool {
	if f.ID == other.ID {
		return f.Version > other.Version
	}
	return Ref{f.ID, f.Created}.isLaterThan(Ref{other.ID, other.Created})
}

func (o OrderRecord) asRef() Ref { return Ref{ID: o.ID, Created: o.Created} }

// latestPickJob is the pick job created last that is not for another facility; zero when
// there is none.
func (r JobRecord) latestPickJob() (latest Ref) {
	for id, job := range r.PickJobs {
		if ref := (Ref{id, job.Created}); !job.Supplies && ref.isLaterThan(latest) {
			latest = ref
		}
	}
	return latest
}

// latestHandoverJob is the handover job created last that is not for another facility;
// zero when there is none.
func (r JobRecord) latestHandoverJob() (latest Ref) {
	for id, job := range r.HandoverJobs {
		if ref := (Ref{id, job.Created}); !job.Supplies && ref.isLaterThan(latest) {
			latest = ref
		}
	}
	return latest
}

// lastHandoverEnd is when the handover job that ended last did; zero when none has.
func (r JobRecord) lastHandoverEnd() (last time.Time) {
	for _, job := range r.currentHandoverJobs() {
		last = laterOf(last, job.Ended)
	}
	return last
}

// totalLoadUnits is the number of load units of all pick jobs that were not given up.
func (r JobRecord) totalLoadUnits() int {
	total := 0
	for _, job := range r.currentPickJobs() {
		if !fulfillmenttools.IsPickJobVoid(job.Status) {
			total += job.LoadUnits
		}
	}
	return total
}

// hasCountedLoadUnits reports whether load units of any pick job were counted, given up or not.
func (r JobRecord) hasCountedLoadUnits() bool {
	for _, job := range r.PickJobs {
		if job.LoadUnits > 0 {
			return true
		}
	}
	return false
}

func sortedIDs[V any](jobs map[string]V) []string { return slices.Sorted(maps.Keys(jobs)) }
