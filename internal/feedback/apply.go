package feedback

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/cache"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Orders is what is asked of commercetools.
type Orders interface {
	Snapshot(ctx context.Context, id string) (commercetools.Snapshot, error)
	SnapshotByNumber(ctx context.Context, number string) (commercetools.Snapshot, error)
	UpdateOrder(ctx context.Context, order commercetools.Snapshot, actions []platform.OrderUpdateAction) (commercetools.Snapshot, error)
}

// Schemas knows the custom types.
type Schemas interface {
	// OwnType is the type that an order without one gets. A missing one is remote.Blocked:
	// it works once it was installed.
	OwnType(ctx context.Context) (Schema, error)
	TypeByID(ctx context.Context, id string) (Schema, error)
	// ForgetType drops what is remembered, after commercetools contradicted it.
	ForgetType(id string)
	// ParcelType is the type that parcels get; the zero Schema when there is none.
	ParcelType(ctx context.Context) (Schema, error)
	// StateID is the id of a workflow state; empty when there is none of this key.
	StateID(ctx context.Context, key string) (string, error)
}

// Counterparts knows the orders that the export created.
type Counterparts interface {
	// CounterpartID is the fulfillmenttools order of an order as far as no platform must be
	// asked; empty when it is not known.
	CounterpartID(ctx context.Context, orderID string) (fftOrderID string, err error)
	// Recognise says whether a fulfillmenttools order is the order's counterpart, and
	// remembers it. shown is the one that the order names. If it is not, result says why; a
	// result that comes with the counterpart says what else was done.
	Recognise(ctx context.Context, orderID, fftOrderID, shown string) (counterpart bool, result outcome.Result, err error)
	// CancelMissing is CancelByID of an order that commercetools says does not exist.
	CancelMissing(ctx context.Context, orderID, fftOrderID string) (outcome.Result, error)
	CancelByID(ctx context.Context, orderID, fftOrderID string) (outcome.Result, error)
}

// Options make an Updater; all are required unless a default is named.
type Options struct {
	ProjectKey   string
	Orders       Orders
	Fulfilment   Fulfilment
	Schemas      Schemas
	Counterparts Counterparts
	// Origins reads whose an entity is; asks Fulfilment when nil.
	Origins Origins
	// Rules are the shop's; the defaults when nil.
	Rules func(context.Context) (config.FeedbackRules, error)
	// LinesStay tells whether the shop keeps lines away from fulfillmenttools; nil: none.
	LinesStay  func(context.Context) (bool, error)
	FieldNames FieldNames // NamesAuto when empty
	// ListLag is how long fulfillmenttools' lists may lag behind; 10 s when zero.
	ListLag time.Duration
	Now     func() time.Time // time.Now when nil
}

// Updater applies events to orders. It is safe for concurrent use.
type Updater struct {
	opts      Options
	batches   batches
	snapshots orderMemory[commercetools.Snapshot]
	names     *expiringCache[string] // tenantOrderId to order id; empty: none of ours
	owners    owners
	read      *cache.Compact[identity] // what fulfillmenttools itself said that it is the order's
	records   orderMemory[JobRecord]   // of orders that have no place for it
}

const (
	// unknownFor is how long a tenantOrderId that is not ours is not asked for again.
	unknownFor = time.Minute
	// maxRounds bounds how often an update is decided anew because the order changed.
	maxRounds = 6
	// maxActions is how many actions commercetools takes in one update.
	maxActions = 500
)

// New fills the defaults in.
func New(opts Options) *Updater {
	if opts.Rules == nil {
		opts.Rules = func(context.Context) (config.FeedbackRules, error) { return config.FeedbackRules{}, nil }
	}
	if opts.LinesStay == nil {
		opts.LinesStay = func(context.Context) (bool, error) { return false, nil }
	}
	if opts.FieldNames == "" {
		opts.FieldNames = NamesAuto
	}
	if opts.ListLag == 0 {
		opts.ListLag = 10 * time.Second
	}
	if opts.Origins == nil {
		opts.Origins = originReader{opts.Fulfilment}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Updater{
		opts:      opts,
		snapshots: newOrderMemory[commercetools.Snapshot](),
		names:     newExpiringCache[string](rememberedOrders, unknownFor),
		owners:    owners{newEntityMemory()},
		read:      newEntityMemory(),
		records:   newOrderMemory[JobRecord](),
	}
}

// Seen remembers an order that somebody just read, which saves reading it again.
func (u *Updater) Seen(order commercetools.Snapshot) {
	if known, ok := u.snapshots.get(order.ID); !ok || known.Version < order.Version {
		u.snapshots.put(order, order)
		u.records.seen(order)
	}
}

// Handle brings the event's order up to what the event says. An error is for the
// caller to classify (package remote); nothing is lost by repeating.
func (u *Updater) Handle(ctx context.Context, event fulfillmenttools.Event) (outcome.Result, error) {
	if u.isOfAnotherShop(event) {
		return outcome.Result{Kind: outcome.Ignored, Reason: notOurs}, nil
	}
	if !slices.Contains(fulfillmenttools.Events, event.Name) {
		return ignoredEvent(event), nil
	}
	orderID, err := u.findOrderID(ctx, event.Payload)
	if err != nil {
		return outcome.Result{}, fmt.Errorf("find the order of %s %s: %w", event.Name, event.Payload.ID, err)
	}
	if orderID == "" {
		return outcome.Result{Kind: outcome.Ignored, Reason: notOurs}, nil
	}
	rules, err := u.opts.Rules(ctx)
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, err)
	}
	facts, ok, wrong := FactsOf(event, rules)
	if wrong != nil && !ok {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, wrong)
	}
	if !ok {
		return ignoredEvent(event), nil
	}
	believed, result, err := u.verifyEvent(ctx, orderID, event, &facts)
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, err)
	}
	if !believed {
		return result, nil
	}
	done, err := u.batches.updateTogether(ctx, orderID, facts, func(ctx context.Context, facts Facts) (update, error) {
		return u.updateOrder(ctx, orderID, facts)
	})
	if err = cmp.Or(err, done.errComeBackLater()); err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, err)
	}
	if event.Name == fulfillmenttools.OrderCreatedEvent {
		if cancelled, err := u.cancelIfUnwanted(ctx, orderID, event, done); err != nil || cancelled.Kind != "" {
			return cancelled, err
		}
	}
	if result.Kind == "" {
		result = done.toResult(orderID)
	}
	if wrong != nil {
		result.Notes = append(result.Notes, wrong.Error())
	}
	return result, nil
}

// cancelIfUnwanted cancels the new order at once when its commercetools order was cancelled or
// deleted meanwhile.
func (u *Updater) cancelIfUnwanted(ctx context.Context, orderID string, event fulfillmenttools.Event, done update) (outcome.Result, error) {
	result := outcome.Result{Order: orderID}
	if done.unchecked {
		// What is remembered may be older than the cancellation.
		order, err := u.opts.Orders.Snapshot(ctx, orderID)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return result, fmt.Errorf("order %s: %w", orderID, err)
		}
		done.order, done.gone = order, err != nil
	}
	if !done.mustCancel(event.Payload) {
		return outcome.Result{}, nil
	}
	if done.gone {
		return u.opts.Counterparts.CancelMissing(ctx, orderID, event.Payload.ID)
	}
	return u.opts.Counterparts.CancelByID(ctx, orderID, event.Payload.ID)
}

// mustCancel reports whether the order that fulfillmenttools just created must not be
// fulfilled. One whose commercetools order is missing was deleted only if it is
// known to be of this project.
func (d update) mustCancel(created fulfillmenttools.Payload) bool {
	if d.gone {
		return created.ProjectKey != ""
	}
	return d.order.OrderState == commercetools.StateCancelled
}

func (d update) toResult(orderID string) outcome.Result {
	result := outcome.Result{Order: orderID, Number: d.order.OrderNumber, Kind: outcome.Unchanged, Reason: "nothing to change"}
	if d.gone {
		result.Kind, result.Reason = outcome.Ignored, isMissing
	}
	if len(d.changed) > 0 {
		result.Kind, result.Reason = outcome.Applied, "set "+strings.Join(d.changed, ", ")
	}
	result.Notes = slices.Clone(d.notes) // all who shared the update have them
	if len(d.missing) > 0 && d.typeKey != "" {
		result.Notes = append(result.Notes, fmt.Sprintf("type %s lacks the fields %s", d.typeKey, strings.Join(d.missing, ", ")))
		result.Hint = fmt.Sprintf("add them with: fftconnect install --type %s", d.typeKey)
		result.Incomplete = true
	}
	return result
}

func ignoredEvent(event fulfillmenttools.Event) outcome.Result {
	return outcome.Result{Kind: outcome.Ignored, Reason: "event " + event.Name + " changes nothing"}
}

const (
	notOurs   = "not an order of this project"
	isMissing = "the order does not exist in commercetools"
)

// isOfAnotherShop reports whether the event names another project, or an order by what is no id, or
// is of an order or pick job that has attributes, but not ours: those inherit them from the
// order for certain.
func (u *Updater) isOfAnotherShop(event fulfillmenttools.Event) bool {
	payload := event.Payload
	if payload.OrderID != "" && !commercetools.IsID(payload.OrderID) {
		return true
	}
	if payload.ProjectKey != "" {
		return payload.ProjectKey != u.opts.ProjectKey
	}
	inherits := isAboutOrder(event.Name) || strings.HasPrefix(event.Name, "PICK_JOB")
	return inherits && len(payload.CustomAttributes) > 0 && payload.OrderID == ""
}

// findOrderID finds the commercetools order of an event; empty when it is none of ours.
func (u *Updater) findOrderID(ctx context.Context, payload fulfillmenttools.Payload) (string, error) {
	name := cmp.Or(payload.TenantOrderID, payload.OrderRef, payload.PickJobRef, payload.ProcessRefOrID())
	if payload.OrderID != "" || name == "" {
		return payload.OrderID, nil
	}
	if known, ok := u.names.get(name); ok {
		return known, nil
	}
	owner, err := u.orderIDByName(ctx, payload.TenantOrderID)
	if err == nil && owner == "" && payload.CustomAttributes == nil {
		// Not every entity inherits attributes, and its order may have a name of its own.
		owner, err = u.orderIDByReferences(ctx, payload)
	}
	if err != nil {
		return "", err
	}
	u.names.put(name, owner)
	return owner, nil
}

// orderIDByName is the order of this number or id; empty when there is none.
func (u *Updater) orderIDByName(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	order, err := u.opts.Orders.SnapshotByNumber(ctx, name)
	if remote.Is(err, remote.NotFound) && commercetools.IsID(name) {
		order, err = u.opts.Orders.Snapshot(ctx, name)
	}
	if remote.Is(err, remote.NotFound) {
		return "", nil
	}
	if err == nil {
		u.Seen(order)
	}
	return order.ID, err
}

// orderIDByReferences follows an entity's references to its fulfillmenttools order: handover jobs
// name their pick job, parcels and return jobs their process.
func (u *Updater) orderIDByReferences(ctx context.Context, payload fulfillmenttools.Payload) (string, error) {
	ref := payload.OrderRef
	if ref == "" && payload.PickJobRef != "" {
		job, err := u.opts.Fulfilment.PickJob(ctx, payload.PickJobRef)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return "", err
		}
		ref = job.OrderRef
	}
	if ref == "" && payload.ProcessRefOrID() != "" {
		process, err := u.opts.Fulfilment.Process(ctx, payload.ProcessRefOrID())
		if err != nil && !remote.Is(err, remote.NotFound) {
			return "", err
		}
		ref = process.OrderRef
	}
	if ref == "" {
		return "", nil
	}
	return u.orderIDOfCounterpart(ctx, ref, payload.TenantOrderID == "")
}

// orderIDOfCounterpart is the commercetools order of a fulfillmenttools order, by its attributes, and
// by its name as well when asked to; empty when it is none of ours.
func (u *Updater) orderIDOfCounterpart(ctx context.Context, fftOrderID string, byName bool) (string, error) {
	order, err := u.opts.Fulfilment.Order(ctx, fftOrderID)
	if err != nil && !remote.Is(err, remote.NotFound) {
		return "", err
	}
	if byName && order.CustomAttributes == nil {
		return u.orderIDByName(ctx, order.TenantOrderID)
	}
	owner := orderIDInAttributes(order.CustomAttributes)
	if project, ok := order.CustomAttributes[fulfillmenttools.AttributeProjectKey].(string); ok && project != u.opts.ProjectKey {
		owner = ""
	}
	return owner, nil
}

// updateOrder reads, decides and updates until the order agrees with the facts.
func (u *Updater) updateOrder(ctx context.Context, orderID string, facts Facts) (update, error) {
	var err error
	refused := 0
	for range maxRounds {
		order, cached := u.snapshots.get(orderID)
		if !cached {
			if order, err = u.opts.Orders.Snapshot(ctx, orderID); remote.Is(err, remote.NotFound) {
				return update{gone: true}, nil
			} else if err != nil {
				return update{}, err
			}
			u.Seen(order)
		}
		var done update
		var further bool
		done, further, err = u.decideAndSend(ctx, order, facts, refused > 1)
		if err == nil {
			done.unchecked = done.unchecked && cached
			return done, nil
		}
		u.snapshots.drop(orderID)
		switch {
		case remote.Is(err, remote.Conflict), remote.Is(err, remote.NotFound):
			// Someone was faster; the order as it is now decides.
		case remote.Is(err, remote.Rejected) && (refused == 0 || refused == 1 && further):
			// What is remembered of the order and its type may be out of date; if it is not,
			// the shop's own workflow may be what is in the way.
			refused++
			u.opts.Schemas.ForgetType(order.TypeID)
		default:
			return update{}, err
		}
	}
	return update{}, err
}

// decideAndSend decides once and sends the update, without what the shop's own workflow may
// refuse when strict. further reports whether there was any of that.
func (u *Updater) decideAndSend(ctx context.Context, order commercetools.Snapshot, facts Facts, strict bool) (done update, further bool, err error) {
	shape, err := u.loadShape(ctx, order)
	if remote.Is(err, remote.Blocked) && order.TypeID == "" && facts.isHandoverOnly() {
		shape.Order, err = Schema{}, nil // fields wait until our type is installed, the state does not
	}
	if err != nil {
		return update{}, false, err
	}
	known, err := u.completeFacts(ctx, order, shape, &facts)
	if err != nil {
		return update{}, false, err
	}
	decision := Decide(order, shape, known, facts)
	further = len(decision.OptionalActions) > 0
	if room := maxActions - len(decision.Actions); len(decision.OptionalActions) > room {
		decision.OptionalActions = decision.OptionalActions[:room]
		decision.Notes = append(decision.Notes, fmt.Sprintf("commercetools takes %d changes at once, the rest was left out", maxActions))
	}
	actions := append(decision.Actions, decision.OptionalActions...)
	if strict && further {
		actions = decision.Actions // the others follow one by one
	}
	done = update{order: order, changed: decision.Changed, missing: decision.Missing, notes: decision.Notes, typeKey: shape.Order.Key}
	done.later, done.why = decision.Wait, decision.Waits
	if len(actions) == 0 && !(strict && further) {
		done.unchecked, done.changed = true, nil
		return done, further, nil
	}
	if len(actions) > 0 {
		if done.order, err = u.opts.Orders.UpdateOrder(ctx, order, actions); err != nil {
			return update{}, further, err
		}
	}
	if strict && further {
		if err := u.sendOptionalActions(ctx, &done, decision); err != nil {
			return update{}, further, err
		}
	}
	u.Seen(done.order)
	return done, further, nil
}

// sendOptionalActions sends the further actions each in an update of its own, so that one that
// commercetools refuses takes only itself along.
func (u *Updater) sendOptionalActions(ctx context.Context, done *update, decision Decision) error {
	made := map[string]bool{}
	for i, action := range decision.OptionalActions {
		order, err := u.opts.Orders.UpdateOrder(ctx, done.order, []platform.OrderUpdateAction{action})
		if remote.Is(err, remote.Conflict) { // somebody changed the order; the action still stands
			if order, err = u.opts.Orders.Snapshot(ctx, done.order.ID); err == nil {
				order, err = u.opts.Orders.UpdateOrder(ctx, order, []platform.OrderUpdateAction{action})
			}
		}
		switch {
		case err == nil:
			done.order, made[decision.OptionalChanges[i]] = order, true
		case remote.Is(err, remote.Rejected), remote.Is(err, remote.NotFound):
			done.notes = append(done.notes, fmt.Sprintf("commercetools refused %s: %v", decision.OptionalChanges[i], err))
		default:
			return err
		}
	}
	done.changed = slices.DeleteFunc(done.changed, func(what string) bool {
		return slices.Contains(decision.OptionalChanges, what) && !made[what]
	})
	return nil
}

// loadShape is what the order, its parcels and the shop's rules look like.
func (u *Updater) loadShape(ctx context.Context, order commercetools.Snapshot) (shape Shape, err error) {
	if shape.Rules, err = u.opts.Rules(ctx); err != nil {
		return shape, err
	}
	if shape.LinesStay, err = u.opts.LinesStay(ctx); err != nil {
		return shape, err
	}
	if shape.Order, err = u.loadSchema(ctx, order); err != nil {
		return shape, err
	}
	shape.Names = u.opts.FieldNames.NamesFor(shape.Order.Fields)
	if shape.Rules.WritesDeliveries() && shape.Rules.WritesTracking() {
		if shape.Parcel, err = u.opts.Schemas.ParcelType(ctx); err != nil {
			return shape, err
		}
	}
	for _, key := range shape.Rules.LineItemStates() {
		if shape.States == nil {
			shape.States = map[string]string{}
		}
		if shape.States[key], err = u.opts.Schemas.StateID(ctx, key); err != nil {
			return shape, err
		}
	}
	return shape, nil
}

func (u *Updater) loadSchema(ctx context.Context, order commercetools.Snapshot) (Schema, error) {
	if order.TypeID == "" {
		return u.opts.Schemas.OwnType(ctx)
	}
	return u.opts.Schemas.TypeByID(ctx, order.TypeID)
}
