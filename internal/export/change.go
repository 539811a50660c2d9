package export

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Modifier changes orders after their export.
type Modifier interface {
	OrderDocument(ctx context.Context, id string) (map[string]any, error)
	ModifyOrder(ctx context.Context, id string, change fulfillmenttools.OrderForUpdate) (map[string]any, error)
}

// Memory remembers fingerprints of what counterparts were sent.
type Memory interface {
	// SentValues is empty when nothing is remembered of the order.
	SentValues(ctx context.Context, orderID string) (string, error)
	SaveSent(ctx context.Context, orderID, sent string) error
}

// comparison is an exported order as it would be sent now, beside its counterpart.
type comparison struct {
	rules      config.ChangeRules
	order      commercetools.Order
	document   map[string]any // nil: what was sent is what would be sent now
	lines      []fulfillmenttools.OrderLineItem
	now, there values
	before     sent
	remembered bool // before is what was sent, not what was probably sent
	differs    differences
}

// compareWithCounterpart compares an exported order with its counterpart. It asks fulfillmenttools only
// when the shop changed something since it was sent, or nobody remembers what was.
func (e *Exporter) compareWithCounterpart(ctx context.Context, order commercetools.Order, shop config.Shop, fftOrderID string) (comparison, error) {
	c := comparison{order: order, rules: shop.Export.Changes.WithDefaults()}
	if e.opts.Modifier == nil || !shop.Export.Changes.AnyFollowed() || isFulfilmentOver(order.Snapshot) || fftOrderID == "" {
		return c, nil
	}
	surroundings, err := e.opts.Shop.Surroundings(ctx, order, shop)
	if err != nil {
		return c, err
	}
	mapping := newMapping(order, shop, surroundings)
	mapped := mapping.mapOrder()
	if len(mapping.problems) > 0 && len(mapped.OrderLineItems) > 0 {
		return c, &Unmappable{Problems: mapping.problems}
	}
	if c.now, err = valuesOf(mapped); err != nil {
		return c, err
	}
	c.lines = mapped.OrderLineItems
	if e.opts.Memory != nil {
		text, err := e.opts.Memory.SentValues(ctx, order.ID)
		if err != nil {
			return c, err
		}
		c.before = parseSent(text)
		c.remembered = c.before != nil
	}
	if c.remembered && c.before.isSameFor(order.ID, c.now, c.matters) {
		return c, nil
	}
	if c.document, err = e.opts.Modifier.OrderDocument(ctx, fftOrderID); err != nil {
		return c, err
	}
	c.findDifferences()
	return c, nil
}

// findDifferences says what differs from the document.
func (c *comparison) findDifferences() {
	id := c.order.ID
	c.there = valuesIn(c.document, lineIDs(c.document, c.lines))
	if !c.remembered {
		c.before = presumedSent(id, c.document, c.now, c.there)
	}
	c.differs = compareSent(id, c.before, c.now, c.there)
	maps.DeleteFunc(c.differs, func(kind changeKind, _ []string) bool { return !c.matters(kind) })
	if !slices.Contains([]any{"CANCELLED", "OBSOLETE"}, c.document["status"]) {
		return
	}
	c.differs = nil // there is nothing to change any more
}

func (c *comparison) matters(kind changeKind) bool {
	return ruleFor(c.rules, kind) != config.ChangeIgnore
}

// isFulfilmentOver reports an order of which nothing is left to be fulfilled.
func isFulfilmentOver(order commercetools.Snapshot) bool {
	return slices.Contains(fulfilledStates, order.ShipmentState) && order.ShipmentState != "Partial" ||
		order.ShipmentState == "Canceled" || order.OrderState == commercetools.StateComplete
}

// hasNoLinesLeft reports whether all lines of the counterpart are gone from the order.
func (c *comparison) hasNoLinesLeft() bool {
	left := func(id string) bool {
		for _, line := range c.order.LineItems {
			if line.ID == id && line.Quantity > 0 {
				return true
			}
		}
		for _, line := range c.order.CustomLineItems {
			if line.ID == id && line.Quantity > 0 {
				return true
			}
		}
		return false
	}
	ids := lineIDs(c.document, nil)
	return len(c.lines) == 0 && len(ids) > 0 && !slices.ContainsFunc(ids, left)
}

// refusalFingerprint is what of the comparison would be refused again: as long as neither side has
// changed.
func (c *comparison) refusalFingerprint() uint32 {
	var text strings.Builder
	for _, path := range slices.Sorted(maps.Keys(c.now)) {
		if c.matters(kindOfPath(path)) {
			text.WriteString(path + "=" + c.now[path] + "\n")
		}
	}
	return fingerprint(c.order.ID, fmt.Sprintf("%s%v%v", text.String(), c.document["version"], c.rules))
}

// wasRefusedBefore reports whether the last change was refused or reported.
func (e *Exporter) wasRefusedBefore(c *comparison) bool {
	_, kept := c.before[refusedAt]
	return kept || e.opts.Memory == nil && e.refusals.Contains(c.order.ID)
}

// wasReportedBefore reports whether what differs was refused or reported before.
func (e *Exporter) wasReportedBefore(c *comparison) bool {
	last := c.before[refusedAt]
	if kept, ok := e.refusals.Get(c.order.ID); ok && e.opts.Memory == nil {
		last = kept
	}
	return last != 0 && last == c.refusalFingerprint()
}

// Change is how an order differs from its counterpart since the shop changed it.
type Change struct {
	Fields string // in words; empty: it does not
	Told   bool   // it was refused or reported before, and neither side has changed since
}

// looked is what a look for changes found of an order, and at which versions.
type looked struct {
	order, there int
	Change
}

// holds reports whether the same would be found again. What fulfillmenttools refused it may
// take once its order is another one.
func (l looked) holds(order commercetools.Snapshot, there fulfillmenttools.Order) bool {
	return l.order == order.Version && (l.Fields == "" || l.there == there.Version)
}

// DescribeChanges says in which fields an exported order differs from its counterpart since the
// shop changed it. The order is read once a version.
func (e *Exporter) DescribeChanges(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (Change, error) {
	if e.opts.Modifier == nil || isFulfilmentOver(order) || there.IsOver() {
		return Change{}, nil
	}
	if last, ok := e.looked.Get(order.ID); ok && last.holds(order, there) {
		return last.Change, nil
	}
	shop, err := e.opts.Shop.Configuration(ctx)
	if err != nil || !shop.Export.Changes.AnyFollowed() {
		return Change{}, err
	}
	whole, err := e.opts.Source.Order(ctx, order.ID)
	if err != nil {
		return Change{}, ignoreNotFound(err)
	}
	c, err := e.compareWithCounterpart(ctx, whole, shop, there.ID)
	if err != nil {
		return Change{}, err
	}
	if len(c.differs) == 0 && e.wasRefusedBefore(&c) {
		return Change{Fields: "what was refused agrees by now"}, nil
	}
	var change Change
	if len(c.differs) > 0 {
		change = Change{Fields: c.differs.describe(c.now, c.there), Told: e.wasReportedBefore(&c)}
	}
	if change.Fields == "" || change.Told {
		e.looked.Add(order.ID, looked{whole.Version, there.Version, change})
	}
	return change, nil
}

// followChange brings the counterpart to what the order would be sent as now, as far as the
// rules say so and fulfillmenttools lets it; else it gives the result back. What was
// refused before is not tried again until one of the two sides has changed, or a person
// insists.
func (e *Exporter) followChange(ctx context.Context, order commercetools.Order, shop config.Shop, fftOrderID string, insist bool, result outcome.Result) (outcome.Result, error) {
	var err error
	for range maxConflicts {
		var c comparison
		if c, err = e.compareWithCounterpart(ctx, order, shop, fftOrderID); remote.Is(err, remote.NotFound) {
			return result, nil
		} else if err != nil {
			return result, fmt.Errorf("order %s: changed after its export: %w", order.ID, err)
		}
		if len(c.differs) == 0 {
			result.ChangeTaken = e.wasRefusedBefore(&c)
			if c.document != nil || result.ChangeTaken {
				err = e.rememberSent(ctx, &c, nil)
			}
			return result, err
		}
		if e.wasReportedBefore(&c) && !insist {
			result.Kind, result.Reason = outcome.Ignored, "what fulfillmenttools did not take of its changes differs as before"
			return result, nil
		}
		if c.hasNoLinesLeft() && c.rules.Lines == config.ChangeFollow {
			return e.cancelInFulfillmenttools(ctx, order.ID, fftOrderID, e.opts.ForceCancel)
		}
		var changed outcome.Result
		if changed, err = e.modifyCounterpart(ctx, &c, fftOrderID); !remote.Is(err, remote.Conflict) {
			return changed, err
		}
	}
	return result, fmt.Errorf("order %s: changed after its export: %w", order.ID, err)
}

// modifyCounterpart sends what differs: what is only told to the consumer by itself, so that it is
// not refused together with what must not change any more.
func (e *Exporter) modifyCounterpart(ctx context.Context, c *comparison, fftOrderID string) (outcome.Result, error) {
	result := outcome.Result{Order: c.order.ID}
	follow := c.differs.onlyWithRule(c.rules, config.ChangeFollow)
	left := c.differs.onlyWithRule(c.rules, config.ChangeReport)
	reported := len(left) > 0
	var refusals []error
	var done []string
	for _, part := range follow.splitByModification() {
		answer, err := e.opts.Modifier.ModifyOrder(ctx, fftOrderID, newModification(c.document, part, c.now, c.lines))
		switch {
		case isFinalRefusal(err):
			refusals = append(refusals, err)
			maps.Copy(left, part)
			continue
		case err != nil:
			return result, fmt.Errorf("order %s: %w", c.order.ID, err)
		}
		c.document = answer
		c.there = valuesIn(answer, lineIDs(answer, c.lines))
		if missed := compareSent(c.order.ID, c.before, c.now, c.there).onlyKindsOf(part); len(missed) > 0 {
			refusals = append(refusals, fmt.Errorf("fulfillmenttools took the change, but shows it otherwise"))
			maps.Copy(left, missed)
			continue
		}
		for _, kind := range part.kinds() {
			done = append(done, kind.String())
		}
	}
	before := e.wasRefusedBefore(c)
	if err := e.rememberSent(ctx, c, left); err != nil {
		return result, err
	}
	if slices.Contains(done, addressChange.String()) {
		result.Notes = append(result.Notes, "the address was changed: a label that was printed before is for the old one")
	}
	if len(left) == 0 {
		result.ChangeTaken = before
		result.Kind, result.Reason = outcome.Applied, "changed in fulfillmenttools: "+strings.Join(done, ", ")
		return result, nil
	}
	result.Kind = outcome.Refused
	result.Reason = fmt.Sprintf("fulfillmenttools order %s differs since the order was changed: %s", fftOrderID, left.describe(c.now, c.there))
	result.Hint = changeHint(c.rules, refusals, reported)
	for _, refusal := range refusals {
		result.Reason += "; " + refusal.Error()
	}
	result.ChangeRefused = len(refusals) > 0
	return result, nil
}

// isFinalRefusal reports what repeating does not help: the order has begun, the tenant's
// configuration is against it, or the permission is missing.
func isFinalRefusal(err error) bool {
	status, _ := remote.StatusOf(err)
	return remote.Is(err, remote.Rejected) || status == 403
}

func changeHint(rules config.ChangeRules, refusals []error, reported bool) string {
	for _, refusal := range refusals {
		if status, _ := remote.StatusOf(refusal); status == 403 {
			return "give fulfillmenttools' user " + rules.RequiredPermissions() + ", then retry this, or change the order in fulfillmenttools by hand"
		}
	}
	if len(refusals) == 0 && reported {
		return "change the order in fulfillmenttools too, or set export.changes to follow such changes"
	}
	return "change the order in fulfillmenttools by hand, or cancel it in commercetools and place it anew"
}

// rememberSent remembers what the counterpart was sent, but for what is left as it was there.
func (e *Exporter) rememberSent(ctx context.Context, c *comparison, left differences) error {
	after := sentValues(c.order.ID, c.now)
	for number := range after {
		if _, stays := left[changeKind(number&7-1)]; stays {
			delete(after, number)
		}
	}
	for number, value := range c.before {
		if _, stays := left[changeKind(number&7-1)]; number != refusedAt && stays {
			after[number] = value
		}
	}
	e.refusals.Remove(c.order.ID)
	if len(left) > 0 {
		after[refusedAt] = c.refusalFingerprint()
		e.refusals.Add(c.order.ID, c.refusalFingerprint())
	}
	if e.opts.Memory == nil {
		return nil
	}
	return e.opts.Memory.SaveSent(ctx, c.order.ID, after.encode())
}

// splitByModification are the differences that go with one modification each.
func (d differences) splitByModification() []differences {
	consumer, rest := differences{}, differences{}
	for kind, paths := range d {
		if kind == addressChange {
			consumer[kind] = paths
		} else {
			rest[kind] = paths
		}
	}
	return slices.DeleteFunc([]differences{consumer, rest}, func(part differences) bool { return len(part) == 0 })
}

// onlyKindsOf are those of the kinds of others.
func (d differences) onlyKindsOf(others differences) differences {
	left := differences{}
	for kind, paths := range d {
		if _, ok := others[kind]; ok {
			left[kind] = paths
		}
	}
	return left
}

func (d differences) kinds() []changeKind { return slices.Sorted(maps.Keys(d)) }
