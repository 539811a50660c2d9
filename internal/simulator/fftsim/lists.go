package fftsim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/simulator"
)

// filter is one request for a list.
type filter struct {
	url.Values
	startAfter string
	size       int
}

// readFilter reads the query of a list. A parameter that is not among the known is
// answered with 400, so that nobody mistakes an ignored filter for a match.
func readFilter(w http.ResponseWriter, r *http.Request, known ...string) (filter, bool) {
	query := r.URL.Query()
	for key := range query {
		if key != "size" && key != "startAfterId" && !slices.Contains(known, key) {
			writeError(w, http.StatusBadRequest, "Input is not valid", key+": is not a filter of the simulated platform")
			return filter{}, false
		}
	}
	startAfter, size, ok := readPaging(w, query)
	return filter{query, startAfter, size}, ok
}

// matchesAny reports whether a value is one of those asked for, which are repeated or
// separated by commas; nothing asked for means any.
func (q filter) matchesAny(key, value string) bool {
	asked := q.Values[key]
	if len(asked) == 0 {
		return true
	}
	return slices.ContainsFunc(asked, func(list string) bool {
		return slices.Contains(strings.Split(list, ","), value)
	})
}

func (q filter) matches(key, value string) bool { return q.Get(key) == "" || q.Get(key) == value }

// candidateIDs are the ids that a filter by order or pick job leaves over; nil when
// there is no such filter.
func (p *Platform) candidateIDs(q filter, ids func(f *flow) []string) []string {
	var orders []string
	switch {
	case q.Get("orderRef") != "":
		orders = []string{q.Get("orderRef")}
	case q.Get("pickJobRef") != "":
		if job := p.pickJobs.get(q.Get("pickJobRef")); job != nil {
			orders = []string{job.OrderRef}
		}
	case q.Get("tenantOrderId") != "":
		orders = p.byTenant[q.Get("tenantOrderId")]
	default:
		return nil
	}
	found := []string{}
	for _, id := range orders {
		if f := p.flows[id]; f != nil {
			found = append(found, ids(f)...)
		}
	}
	return found
}

// serveList serves a page of a shelf, each entity as its row.
func serveList[T, R any](
	p *Platform, w http.ResponseWriter, name string, q filter, s *entityStore[T],
	ids func(f *flow) []string, match func(*T) bool, asRow func(*T) R,
) {
	p.mu.RLock()
	page, total := s.page(p.candidateIDs(q, ids), match, q.startAfter, q.size, p.clock.Now())
	p.mu.RUnlock()
	writeRows(w, name, page, total, asRow)
}

func writeRows[T, R any](w http.ResponseWriter, name string, page []*T, total int, asRow func(*T) R) {
	rows := make([]R, len(page))
	for i, entity := range page {
		rows[i] = asRow(entity)
	}
	simulator.WriteJSON(w, http.StatusOK, map[string]any{name: rows, "total": total})
}

func asIs[T any](entity *T) *T { return entity }

func matchesAll[T any](*T) bool { return true }

type strippedPickJob struct {
	ID string `json:"id"`
	versioned
	Status      string `json:"status"`
	OrderRef    string `json:"orderRef"`
	FacilityRef string `json:"facilityRef"`
	CarrierKey  string `json:"carrierKey,omitempty"`
	TargetTime  string `json:"targetTime"`
}

func (p *Platform) listPickJobs(w http.ResponseWriter, r *http.Request) {
	q, ok := readFilter(w, r, "orderRef", "tenantOrderId", "facilityRef", "status", "channel", "shortId", "pickJobRefs", "orderBy", "startTargetTime", "endTargetTime")
	if !ok {
		return
	}
	from, until, ok := period(w, q, "startTargetTime", "endTargetTime")
	if !ok {
		return
	}
	match := func(job *pickJob) bool {
		return isWithinPeriod(job.DeliveryInformation.TargetTime, from, until) &&
			q.matches("orderRef", job.OrderRef) && q.matches("tenantOrderId", job.TenantOrderID) && q.matches("facilityRef", job.FacilityRef) &&
			q.matchesAny("status", job.Status) && q.matches("channel", job.DeliveryInformation.Channel) && q.matches("shortId", job.ShortID) &&
			q.matchesAny("pickJobRefs", job.ID)
	}
	ids := func(f *flow) []string { return f.pickJobs }
	before, ordered := pickJobOrders[q.Get("orderBy")]
	if !ordered {
		serveList(p, w, "pickjobs", q, p.pickJobs, ids, match, strippedPickJobOf)
		return
	}
	p.mu.RLock()
	page, total := p.pickJobs.page(p.candidateIDs(q, ids), match, "", len(p.pickJobs.rows), p.clock.Now())
	p.mu.RUnlock()
	slices.SortStableFunc(page, func(a, b *pickJob) int { return strings.Compare(before(a), before(b)) })
	after := slices.IndexFunc(page, func(job *pickJob) bool { return job.ID == q.startAfter })
	page = page[after+1:]
	writeRows(w, "pickjobs", page[:min(len(page), q.size)], total, strippedPickJobOf)
}

// pickJobOrders are the fields that the vendor's file lets callers order by; it does not
// name them, so any other orders by creation.
var pickJobOrders = map[string]func(*pickJob) string{
	"targetTime": func(job *pickJob) string { return job.DeliveryInformation.TargetTime },
	"orderDate":  func(job *pickJob) string { return job.OrderDate },
}

func strippedPickJobOf(job *pickJob) strippedPickJob {
	row := strippedPickJob{job.ID, job.versioned, job.Status, job.OrderRef, job.FacilityRef, "", job.DeliveryInformation.TargetTime}
	if shipping := job.DeliveryInformation.Details.Shipping; shipping != nil {
		row.CarrierKey = shipping.CarrierKey
	}
	return row
}

// period reads the two ends of a span of time; one that is absent is open.
func period(w http.ResponseWriter, q filter, start, end string) (from, until time.Time, ok bool) {
	for name, into := range map[string]*time.Time{start: &from, end: &until} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			writeError(w, http.StatusBadRequest, "Input is not valid", name+": must be a date-time")
			return from, until, false
		}
		*into = when
	}
	return from, until, true
}

func isWithinPeriod(text string, from, until time.Time) bool {
	when, err := time.Parse(time.RFC3339, text)
	return err != nil || !when.Before(from) && (until.IsZero() || !when.After(until))
}

type strippedHandoverJob struct {
	ID string `json:"id"`
	versioned
	Status        string      `json:"status"`
	Channel       string      `json:"channel"`
	FacilityRef   string      `json:"facilityRef"`
	OrderDate     string      `json:"orderDate"`
	PickJobRef    string      `json:"pickJobRef"`
	TenantOrderID string      `json:"tenantOrderId,omitempty"`
	ParcelInfo    *parcelInfo `json:"handoverJobParcelInfo,omitempty"`
}

func (p *Platform) listHandoverJobs(w http.ResponseWriter, r *http.Request) {
	q, ok := readFilter(w, r, "pickJobRef", "shipmentRef", "tenantOrderId", "facilityRef", "status", "channel", "carrierRefs")
	if !ok {
		return
	}
	match := func(job *handoverJob) bool {
		var parcel parcelInfo
		if job.ParcelInfo != nil {
			parcel = *job.ParcelInfo
		}
		return q.matches("pickJobRef", job.PickJobRef) && q.matches("shipmentRef", parcel.ShipmentRef) && q.matches("tenantOrderId", job.TenantOrderID) &&
			q.matches("facilityRef", job.FacilityRef) && q.matchesAny("status", job.Status) && q.matches("channel", job.Channel) &&
			q.matchesAny("carrierRefs", parcel.CarrierRef)
	}
	ids := func(f *flow) []string { return f.handoverJobs }
	serveList(p, w, "handoverjobs", q, p.handoverJobs, ids, match, func(job *handoverJob) strippedHandoverJob {
		return strippedHandoverJob{
			job.ID, job.versioned, job.Status, job.Channel, job.FacilityRef, job.OrderDate, job.PickJobRef, job.TenantOrderID, job.ParcelInfo,
		}
	})
}

// listLoadUnits shows only the available ones unless statuses are asked for.
func (p *Platform) listLoadUnits(w http.ResponseWriter, r *http.Request) {
	q, ok := readFilter(w, r, "pickJobRef", "statuses", "locale")
	if !ok {
		return
	}
	if len(q.Values["statuses"]) == 0 {
		q.Set("statuses", "AVAILABLE")
	}
	match := func(unit *loadUnit) bool {
		wanted := q.Get("pickJobRef") == "" || slices.Contains(unit.PickJobRefs, q.Get("pickJobRef"))
		return wanted && q.matchesAny("statuses", unit.Status)
	}
	serveList(p, w, "loadUnits", q, p.loadUnits, func(f *flow) []string { return f.loadUnits }, match, asIs)
}

func (p *Platform) listShipments(w http.ResponseWriter, r *http.Request) {
	q, ok := readFilter(w, r, "pickJobRef", "tenantOrderId", "facilityRef", "carrierRef", "carrierKeys", "status")
	if !ok {
		return
	}
	match := func(s *shipment) bool {
		return q.matches("pickJobRef", s.PickJobRef) && q.matches("tenantOrderId", s.TenantOrderID) && q.matches("facilityRef", s.FacilityRef) &&
			q.matches("carrierRef", s.CarrierRef) && q.matchesAny("carrierKeys", s.CarrierKey) && q.matchesAny("status", s.Status)
	}
	serveList(p, w, "shipments", q, p.shipments, func(f *flow) []string { return f.shipments }, match, asIs)
}

func (p *Platform) listParcels(w http.ResponseWriter, r *http.Request) {
	q, ok := readFilter(w, r)
	if !ok {
		return
	}
	serveList(p, w, "parcels", q, p.parcels, nil, matchesAll, func(packed *parcel) strippedParcel {
		row := strippedParcel{packed.ID, packed.CarrierRef, packed.Status, ""}
		if packed.Result != nil {
			row.CarrierTrackingNumber = packed.Result.CarrierTrackingNumber
		}
		return row
	})
}

// findProcess serves the process that one reference belongs to; the newest, when a
// tenantOrderId was used again.
func (p *Platform) findProcess(w http.ResponseWriter, r *http.Request) {
	references := map[string]func(*process) []string{
		"tenantOrderId":  func(found *process) []string { return []string{found.TenantOrderID} },
		"orderRef":       func(found *process) []string { return []string{found.OrderRef} },
		"pickJobRef":     func(found *process) []string { return found.PickJobRefs },
		"shipmentRef":    func(found *process) []string { return found.ShipmentRefs },
		"handoverJobRef": func(found *process) []string { return found.HandoverJobRefs },
	}
	query := r.URL.Query()
	for key, belongs := range references {
		value := query.Get(key)
		if value == "" {
			continue
		}
		if found := p.processWith(key, value, belongs); found != nil {
			simulator.WriteJSON(w, http.StatusOK, found)
		} else {
			notFound(w, fmt.Sprintf("A process with %s %q", key, value))
		}
		return
	}
	writeError(w, http.StatusBadRequest, "Input is not valid", "exactly one reference is required")
}

func (p *Platform) processWith(key, value string, belongs func(*process) []string) *process {
	p.mu.RLock()
	defer p.mu.RUnlock()
	ids := p.processIDs(key, value)
	match := func(found *process) bool { return slices.Contains(belongs(found), value) }
	page, _ := p.processes.page(ids, match, "", len(ids), p.clock.Now())
	if len(page) == 0 {
		return nil
	}
	return page[len(page)-1]
}

// processIDs narrows the search for a process down to those of a few orders.
func (p *Platform) processIDs(key, value string) []string {
	var orders []string
	switch key {
	case "tenantOrderId":
		orders = p.byTenant[value]
	case "orderRef":
		orders = []string{value}
	case "pickJobRef":
		orders = p.orderOfPickJob(value)
	case "shipmentRef":
		if s := p.shipments.get(value); s != nil {
			orders = p.orderOfPickJob(s.PickJobRef)
		}
	case "handoverJobRef":
		orders = p.orderOfHandoverJob(value)
	}
	ids := []string{}
	for _, id := range orders {
		if o := p.orders.get(id); o != nil {
			ids = append(ids, o.ProcessID)
		}
	}
	return ids
}

func (p *Platform) orderOfHandoverJob(id string) []string {
	if job := p.handoverJobs.get(id); job != nil {
		return p.orderOfPickJob(job.PickJobRef)
	}
	return nil
}

func (p *Platform) orderOfPickJob(id string) []string {
	if job := p.pickJobs.get(id); job != nil {
		return []string{job.OrderRef}
	}
	return nil
}
