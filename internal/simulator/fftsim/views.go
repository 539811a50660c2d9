package fftsim

import (
	"encoding/json"
	"slices"
	"time"
)

// Order is an order as it is now, with what fulfilling it has brought forth.
type Order struct {
	ID, TenantOrderID, ProcessID string
	CommercetoolsID              string // customAttributes.commercetoolsId
	Status                       string // of the order: OPEN, LOCKED, CANCELLED ...
	Stage                        string // one of the Stage constants
	Version                      int64
	Created                      time.Time
	Body                         json.RawMessage // as the API shows it
	PickJobs, HandoverJobs       []Job           // all there ever were, oldest first
	Shipments, Parcels           []Job
	LoadUnits                    int
}

// Job is a pick job, a handover job, a shipment or a parcel.
type Job struct {
	ID, Status, FacilityRef string
	Version                 int64
	Body                    json.RawMessage // as the API shows it
}

// FacilityView is a facility as it is now.
type FacilityView struct {
	ID, TenantFacilityID, Name, Status string
	Version                            int64
	Body                               json.RawMessage // as the API shows it
}

// Facilities are all facilities, oldest first.
func (p *Platform) Facilities() []FacilityView {
	p.mu.RLock()
	all := make([]*facility, len(p.facilities.rows))
	for i, r := range p.facilities.rows {
		all[i] = r.current
	}
	p.mu.RUnlock()
	views := make([]FacilityView, len(all))
	for i, f := range all {
		views[i] = FacilityView{f.ID, f.TenantFacilityID, f.Name, f.Status, f.Version, body(f)}
	}
	return views
}

// DeleteFacility is what the platform's people do.
func (p *Platform) DeleteFacility(tenantFacilityID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.resolve(facilityName{TenantFacilityID: tenantFacilityID}); f != nil {
		p.facilities.drop(f.ID)
	}
}

// Orders are all orders, oldest first.
func (p *Platform) Orders() []Order {
	p.mu.RLock()
	ids := make([]string, len(p.orders.rows))
	for i, r := range p.orders.rows {
		ids[i] = r.id
	}
	p.mu.RUnlock()
	return p.viewsOf(ids)
}

// OrdersOf are the orders that came from this commercetools order, oldest first.
func (p *Platform) OrdersOf(commercetoolsID string) []Order {
	p.mu.RLock()
	ids := slices.Clone(p.byCommerce[commercetoolsID])
	p.mu.RUnlock()
	return p.viewsOf(ids)
}

func (p *Platform) viewsOf(ids []string) []Order {
	orders := make([]Order, len(ids))
	for i, id := range ids {
		orders[i] = p.viewOf(id)
	}
	return orders
}

// viewOf takes the entities with the lock held and marshals them without.
func (p *Platform) viewOf(id string) Order {
	p.mu.RLock()
	o, f := p.orders.get(id), p.flows[id]
	v := Order{
		ID: o.ID, TenantOrderID: o.TenantOrderID, ProcessID: o.ProcessID, CommercetoolsID: f.commercetoolsID,
		Status: o.Status, Stage: f.stage(), Version: o.Version, Created: time.Time(o.Created), LoadUnits: len(f.loadUnits),
	}
	pickJobs, handoverJobs := entitiesOf(p.pickJobs, f.pickJobs), entitiesOf(p.handoverJobs, f.handoverJobs)
	shipments, parcels := entitiesOf(p.shipments, f.shipments), entitiesOf(p.parcels, f.parcels)
	p.mu.RUnlock()

	v.Body = body(o)
	for _, job := range pickJobs {
		v.PickJobs = append(v.PickJobs, Job{job.ID, job.Status, job.FacilityRef, job.Version, body(job)})
	}
	for _, job := range handoverJobs {
		v.HandoverJobs = append(v.HandoverJobs, Job{job.ID, job.Status, job.FacilityRef, job.Version, body(job)})
	}
	for _, s := range shipments {
		v.Shipments = append(v.Shipments, Job{s.ID, s.Status, s.FacilityRef, s.Version, body(s)})
	}
	for _, packed := range parcels {
		v.Parcels = append(v.Parcels, Job{packed.ID, packed.Status, packed.FacilityRef, packed.Version, body(packed)})
	}
	return v
}

func entitiesOf[T any](s *entityStore[T], ids []string) []*T {
	entities := make([]*T, len(ids))
	for i, id := range ids {
		entities[i] = s.get(id)
	}
	return entities
}

func body(entity any) json.RawMessage {
	text, err := json.Marshal(entity)
	if err != nil {
		panic("fftsim: an entity that JSON cannot hold: " + err.Error())
	}
	return text
}
