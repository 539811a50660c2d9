package feedback

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/cache"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// A body may say of anything that it belongs to an order of ours. This file decides what
// of it is believed. An order is believed when our own create call was answered its id,
// or when fulfillmenttools, asked for it by that id, says whose it is. A job is believed
// without asking when we know it already, or when it is created, its references are the
// order's own and the order has no other one of its kind; so is its first parcel, of the
// process of those jobs: that is how the normal life of an order goes. Whatever else is said
// is looked up, and what was believed is looked up as soon as anything else speaks of the
// same: a second job, a handover job that names another parcel, a visit.

// knownEntities bounds of how many entities it is remembered whose they are. The order names those
// that were written on it, so forgetting costs little.
const knownEntities = 8_000

// entitiesKnownFor is how long that is remembered.
const entitiesKnownFor = 24 * time.Hour

// eventCheck is an event that is looked into.
type eventCheck struct {
	*Updater
	order       commercetools.Snapshot
	record      JobRecord
	counterpart string // fulfillmenttools order; empty: not known
	payload     fulfillmenttools.Payload
	created     bool // the event says that the entity was created
	// foreign are jobs that the order's record holds and that are not of the order.
	foreign []string
	unread  []string // what is believed unread
}

// isAboutOrder reports an event whose entity is a fulfillmenttools order.
func isAboutOrder(name string) bool {
	switch name {
	case fulfillmenttools.OrderCreatedEvent, fulfillmenttools.OrderCancelledEvent,
		fulfillmenttools.OrderForceCancelledEvent, fulfillmenttools.OrderExpiredEvent:
		return true
	}
	return false
}

// verifyEvent reports whether what the event says of itself holds. If not, result says why.
// A result of an event that is believed says what else had to be done. The facts are
// corrected where the event named another order's things.
func (u *Updater) verifyEvent(ctx context.Context, orderID string, event fulfillmenttools.Event, facts *Facts) (ok bool, result outcome.Result, err error) {
	order, err := u.snapshot(ctx, orderID)
	if err != nil && !remote.Is(err, remote.NotFound) {
		return false, result, err
	}
	if isAboutOrder(event.Name) {
		return u.opts.Counterparts.Recognise(ctx, orderID, event.Payload.ID, tenantOrderIDOf(order))
	}
	if err != nil {
		return false, outcome.Result{Order: orderID, Kind: outcome.Ignored, Reason: isMissing}, nil
	}
	h := eventCheck{Updater: u, order: order, record: JobRecordOf(order), payload: event.Payload, created: strings.HasSuffix(event.Name, "_CREATED")}
	if h.counterpart = tenantOrderIDOf(order); h.counterpart == "" {
		if h.counterpart, err = u.opts.Counterparts.CounterpartID(ctx, orderID); err != nil {
			return false, result, err
		}
	}
	if ok, err = h.isTrue(ctx, event.Name); err != nil || !ok {
		reason := fmt.Sprintf("says that it is of this order, but fulfillmenttools does not say so of %s", event.Payload.ID)
		return false, outcome.Result{Order: orderID, Kind: outcome.Ignored, Reason: reason}, err
	}
	if h.counterpart != "" {
		facts.OrderRef = h.counterpart
	}
	facts.Foreign, facts.Unread = h.foreign, h.unread
	return true, result, nil
}

// snapshot is the order as it is remembered, else as it is.
func (u *Updater) snapshot(ctx context.Context, orderID string) (commercetools.Snapshot, error) {
	if order, cached := u.snapshots.get(orderID); cached {
		return order, nil
	}
	order, err := u.opts.Orders.Snapshot(ctx, orderID)
	if err == nil {
		u.Seen(order)
	}
	return order, err
}

// tenantOrderIDOf is the fulfillmenttools order that the order names; empty when it
// names none.
func tenantOrderIDOf(order commercetools.Snapshot) string {
	if id := order.TextField(Documented.OrderID); id != "" {
		return id
	}
	return JobRecordOf(order).Order.ID
}

// isTrue looks into the entity and all that it refers to.
func (h *eventCheck) isTrue(ctx context.Context, event string) (bool, error) {
	p := h.payload
	switch {
	case event == fulfillmenttools.NotRoutableEvent && p.OrderRef != "":
		return h.isOrderRefOurs(ctx, p.OrderRef)
	case event == fulfillmenttools.NotRoutableEvent, slices.Contains(fulfillmenttools.ReturnEvents, event):
		return h.isProcessOfOrder(ctx, p.ProcessRefOrID())
	case slices.Contains(fulfillmenttools.ShipmentEvents, event):
		return h.areAllParcelsOfOrder(ctx)
	case strings.HasPrefix(event, "PARCEL"):
		return h.isParcelTrue(ctx)
	case strings.HasPrefix(event, "HANDOVERJOB"):
		return h.isHandoverJobTrue(ctx)
	default:
		return h.isJobTrue(ctx, pickJobEntity, p.OrderRef == h.counterpart && h.counterpart != "")
	}
}

// isHandoverJobTrue is true of a handover job of ours whose pick job and parcel are ours too.
func (h *eventCheck) isHandoverJobTrue(ctx context.Context) (bool, error) {
	p := h.payload
	refers := p.OrderRef == h.counterpart && h.counterpart != ""
	if p.PickJobRef != "" {
		refers = h.isKnown(pickJobEntity, p.PickJobRef)
	}
	if ok, err := h.isJobTrue(ctx, handoverEntity, refers); err != nil || !ok {
		return ok, err
	}
	if p.PickJobRef != "" && !h.isKnown(pickJobEntity, p.PickJobRef) {
		if ok, err := h.isOfOrder(ctx, pickJobEntity, p.PickJobRef); err != nil || !ok {
			return ok, err
		}
	}
	if parcel := p.Job.FirstParcel().ParcelRef; parcel != "" {
		if ours, told := h.owners.isOf(identity{parcelEntity, parcel}, h.order.ID); told && !ours {
			return h.isOfOrder(ctx, parcelEntity, parcel)
		}
		h.owners.remember(identity{parcelEntity, parcel}, h.order.ID)
	}
	return true, nil
}

// isJobTrue is true of a job that is known to be ours, of the first one when its creation
// is told and it refers to what is ours, and of one that says so when it is read. Once
// an order has several, those that were believed unread are read as well.
func (h *eventCheck) isJobTrue(ctx context.Context, kind entity, refers bool) (bool, error) {
	id := h.payload.ID
	ours, told := h.ownership(kind, id)
	if ours {
		h.rememberProcess()
		return true, nil
	}
	others := h.otherJobs(kind, id)
	if !told && h.created && refers && len(others) == 0 {
		h.acceptUnread(kind, id)
		return true, nil
	}
	if ok, err := h.isOfOrderWhenRead(ctx, kind, id); err != nil || !ok {
		return ok, err
	}
	for _, other := range others {
		if _, read := h.read.Get(identity{kind, other}); read {
			continue
		}
		ok, err := h.isOfOrderWhenRead(ctx, kind, other)
		if err != nil {
			return false, err
		}
		if !ok {
			h.foreign = append(h.foreign, other)
		}
	}
	return true, nil
}

// acceptUnread takes for the order's what was not read.
func (h *eventCheck) acceptUnread(kind entity, id string) {
	h.owners.remember(identity{kind, id}, h.order.ID)
	h.unread = append(h.unread, id)
	h.rememberProcess()
}

// rememberProcess remembers that a job's process is the order's, unless it is another's.
func (h *eventCheck) rememberProcess() {
	if process := h.payload.ProcessRefOrID(); process != "" {
		if _, told := h.owners.Get(identity{processEntity, process}); !told {
			h.owners.remember(identity{processEntity, process}, h.order.ID)
		}
	}
}

// isParcelTrue is true of a parcel that is known to be ours, of the first one when it is of
// the process of our jobs, and of one that says so when it is read. fulfillmenttools tells
// of it and of the handover job that names it at once.
func (h *eventCheck) isParcelTrue(ctx context.Context) (bool, error) {
	id := h.payload.ID
	ours, told := h.ownership(parcelEntity, id)
	if ours {
		return true, nil
	}
	if ofProcess, _ := h.owners.isOf(identity{processEntity, h.payload.ProcessRefOrID()}, h.order.ID); !told && ofProcess && len(h.record.Parcels) == 0 {
		h.acceptUnread(parcelEntity, id)
		return true, nil
	}
	return h.isOfOrderWhenRead(ctx, parcelEntity, id)
}

// recheckUnread looks again at what was believed unread: a job as the first of its kind, once the
// order has another one, and a parcel, once there is a handover job and none names it. What
// is not the order's leaves the facts and the record.
func (u *Updater) recheckUnread(ctx context.Context, order commercetools.Snapshot, record JobRecord, facts *Facts) error {
	if len(facts.Unread) == 0 && len(facts.Jobs.HandoverJobs) == 0 {
		return nil
	}
	merged := record.merge(jobsNamedOnOrder(order, Documented)).withoutJobs(facts.Foreign).merge(facts.Jobs)
	h := eventCheck{Updater: u, order: order, record: merged, counterpart: cmp.Or(tenantOrderIDOf(order), facts.OrderRef)}
	doubtful := map[string]entity{}
	for kind, all := range map[entity][]string{pickJobEntity: sortedIDs(merged.PickJobs), handoverEntity: sortedIDs(merged.HandoverJobs)} {
		if len(all) > 1 && slices.ContainsFunc(all, func(id string) bool { return slices.Contains(facts.Unread, id) }) {
			for _, id := range all {
				doubtful[id] = kind
			}
		}
	}
	if len(facts.Jobs.HandoverJobs) > 0 {
		for _, id := range sortedIDs(merged.Parcels) {
			doubtful[id] = parcelEntity
		}
		for _, job := range merged.HandoverJobs {
			delete(doubtful, job.Parcel)
		}
	}
	for _, id := range sortedIDs(doubtful) {
		if _, read := u.read.Get(identity{doubtful[id], id}); read {
			continue
		}
		ours, err := h.isOfOrderWhenRead(ctx, doubtful[id], id)
		if err != nil {
			return err
		}
		if !ours {
			facts.Foreign = union(facts.Foreign, []string{id})
		}
	}
	facts.Jobs = facts.Jobs.withoutJobs(facts.Foreign)
	return nil
}

// findForeignJobs are jobs that the order's record holds and that are not of the order: their
// creation was believed unread. Those that fulfillmenttools lists with the order need no
// further look.
func (u *Updater) findForeignJobs(ctx context.Context, order commercetools.Snapshot, truth Truth) (strangers []string, err error) {
	h := eventCheck{Updater: u, order: order, record: JobRecordOf(order), counterpart: truth.Order.ID}
	for _, jobs := range []struct {
		kind     entity
		recorded []string
		listed   []fulfillmenttools.Job
	}{
		{pickJobEntity, sortedIDs(h.record.PickJobs), truth.PickJobs},
		{handoverEntity, sortedIDs(h.record.HandoverJobs), truth.HandoverJobs},
	} {
		for _, id := range jobs.recorded {
			if slices.ContainsFunc(jobs.listed, func(job fulfillmenttools.Job) bool { return job.ID == id }) {
				continue
			}
			if ours, err := h.isOfOrderWhenRead(ctx, jobs.kind, id); err != nil {
				return nil, err
			} else if !ours {
				strangers = append(strangers, id)
			}
		}
	}
	return strangers, nil
}

// entity is a kind of thing in fulfillmenttools.
type entity string

// identity is the thing of a kind and an id: what is known of an id counts for things of its
// kind only, or a body that names one kind by the id of another would make it known.
type identity struct {
	kind entity
	id   string
}

func newEntityMemory() *cache.Compact[identity] {
	return cache.NewCompact[identity](knownEntities, entitiesKnownFor, time.Now)
}

// owners remembers of which order things in fulfillmenttools are.
type owners struct{ *cache.Compact[identity] }

func (o owners) remember(thing identity, orderID string) { o.Put(thing, o.NumberOf(orderID)) }

// isOf reports whether the thing is of the order, and whether anything is known of it.
func (o owners) isOf(thing identity, orderID string) (ours, told bool) {
	owner, told := o.Get(thing)
	return told && owner == o.NumberOf(orderID), told
}

const (
	orderEntity    entity = "order"
	pickJobEntity  entity = "pick job"
	handoverEntity entity = "handover job"
	parcelEntity   entity = "parcel"
	processEntity  entity = "process"
)

// isKnown reports what the order names already, or what was found to be the order's.
func (h *eventCheck) isKnown(kind entity, id string) bool {
	ours, _ := h.ownership(kind, id)
	return ours
}

// ownership is isKnown, and whether it was found whose the thing is. Both are of one moment: events
// that name each other come at the same time.
func (h *eventCheck) ownership(kind entity, id string) (ours, told bool) {
	if ours, told := h.owners.isOf(identity{kind, id}, h.order.ID); told {
		return ours, true
	}
	return h.isOnOrder(kind, id), false
}

// isOnOrder reports whether the order names the thing, or its record holds it.
func (h *eventCheck) isOnOrder(kind entity, id string) bool {
	switch kind {
	case pickJobEntity:
		_, recorded := h.record.PickJobs[id]
		return recorded || h.order.TextField(Documented.PickJobID) == id
	case handoverEntity:
		_, recorded := h.record.HandoverJobs[id]
		return recorded || h.order.TextField(Documented.HandoverJobID) == id || h.order.TextField(Legacy.HandoverJobID) == id
	case parcelEntity:
		if _, recorded := h.record.Parcels[id]; recorded {
			return true
		}
		for _, job := range h.record.HandoverJobs {
			if job.Parcel == id {
				return true
			}
		}
		return hasParcel(h.order, keyFromID(id))
	}
	return false
}

func hasParcel(order commercetools.Snapshot, key string) bool {
	for _, shipping := range order.Shipping {
		for _, delivery := range shipping.Deliveries {
			for _, parcel := range delivery.Parcels {
				if parcel.Key == key {
					return true
				}
			}
		}
	}
	return false
}

// otherJobs are the order's other jobs of the kind.
func (h *eventCheck) otherJobs(kind entity, id string) (others []string) {
	all := sortedIDs(h.record.PickJobs)
	field := h.order.TextField(Documented.PickJobID)
	if kind == handoverEntity {
		all, field = sortedIDs(h.record.HandoverJobs), h.order.TextField(Documented.HandoverJobID)
	}
	if field != "" && !slices.Contains(all, field) {
		all = append(all, field)
	}
	for _, other := range all {
		if other != id {
			others = append(others, other)
		}
	}
	return others
}

// isOfOrder is true of what is known to be the order's, or says so when it is read.
func (h *eventCheck) isOfOrder(ctx context.Context, kind entity, id string) (bool, error) {
	if h.isKnown(kind, id) {
		return true, nil
	}
	return h.isOfOrderWhenRead(ctx, kind, id)
}

func (h *eventCheck) areAllParcelsOfOrder(ctx context.Context) (bool, error) {
	for _, parcel := range h.payload.Parcels {
		if parcel.ParcelRef == "" {
			continue
		}
		if ok, err := h.isOfOrder(ctx, parcelEntity, parcel.ParcelRef); err != nil || !ok {
			return ok, err
		}
	}
	return true, nil
}

func (h *eventCheck) isOrderRefOurs(ctx context.Context, orderRef string) (bool, error) {
	if h.counterpart != "" {
		return orderRef == h.counterpart, nil
	}
	return h.isOfOrderWhenRead(ctx, orderEntity, orderRef)
}

func (h *eventCheck) isProcessOfOrder(ctx context.Context, process string) (bool, error) {
	if process == "" { // it has no other reference
		return slices.Contains([]string{h.order.OrderNumber, h.order.ID}, h.payload.TenantOrderID), nil
	}
	return h.isOfOrderWhenRead(ctx, processEntity, process)
}

// isOfOrderWhenRead reads the entity and compares whose it says that it is.
func (h *eventCheck) isOfOrderWhenRead(ctx context.Context, kind entity, id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	origin, err := h.opts.Origins.Origin(ctx, string(kind), id)
	missing := remote.Is(err, remote.NotFound)
	if err != nil && !missing {
		return false, err
	}
	ours := false
	if !missing {
		if ours, err = h.isOriginOurs(ctx, origin); err != nil {
			return false, err
		}
	}
	if ours {
		h.owners.remember(identity{kind, id}, h.order.ID)
		h.read.Put(identity{kind, id}, 1)
	} else if ours, _ := h.owners.isOf(identity{kind, id}, h.order.ID); ours {
		h.owners.Drop(identity{kind, id}) // it was believed
	}
	return ours, nil
}

func (h *eventCheck) isOriginOurs(ctx context.Context, o Origin) (bool, error) {
	switch {
	case o.OrderRef != "" && h.counterpart != "":
		return o.OrderRef == h.counterpart, nil
	case o.OrderID != "":
		return o.OrderID == h.order.ID && (o.ProjectKey == "" || o.ProjectKey == h.opts.ProjectKey), nil
	case o.OrderRef != "":
		return h.isOfOrderWhenRead(ctx, orderEntity, o.OrderRef)
	case o.PickJobRef != "":
		return h.isOfOrder(ctx, pickJobEntity, o.PickJobRef)
	case o.Process != "":
		return h.isOfOrderWhenRead(ctx, processEntity, o.Process)
	default:
		return o.TenantOrderID != "" && slices.Contains([]string{h.order.OrderNumber, h.order.ID}, o.TenantOrderID), nil
	}
}
