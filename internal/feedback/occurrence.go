package feedback

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// ExceptionsField is the custom field that names what went otherwise than planned.
const ExceptionsField = "fft_exceptions"

// Occurrences, as fft_exceptions names the first six.
const (
	cancelled   = "cancelled"
	notRoutable = "notRoutable"
	shortPicked = "shortPicked"
	substituted = "substituted"
	notPicked   = "notPicked"
	refused     = "changeRefused"
	ready       = "ready"
	collected   = "collected"
)

// occurrence is something that may have an effect of the shop's own on the order.
type occurrence struct {
	name   string
	holds  bool
	shows  bool // in fft_exceptions
	effect config.Effect
	lines  map[string]int // pieces concerned, by line; nil: all
}

// forPickJob is what one pick job adds to an occurrence: it takes its own lines to their state.
func (o occurrence) forPickJob(pickJob string, lines map[string]int) occurrence {
	return occurrence{
		name: o.name + " " + pickJob, holds: true, lines: lines,
		effect: config.Effect{LineItemState: o.effect.LineItemState},
	}
}

// withoutPickJobs is an occurrence without what its pick jobs add.
func (o occurrence) withoutPickJobs() occurrence {
	o.effect.LineItemState = ""
	return o
}

func (d *decider) currentOccurrences() []occurrence {
	r, rules := d.merged, d.shape.Rules
	state := r.shipmentState()
	collects := r.isCollected()
	handed := state == shipmentShipped || state == shipmentDelivered
	short := occurrence{shortPicked, r.isShortPicked(), rules.ShortPicked.ShowsField(), rules.ShortPicked, nil}
	replaced := occurrence{substituted, r.isSubstituted(), rules.Substituted.ShowsField(), rules.Substituted, nil}
	occurring := []occurrence{
		{cancelled, r.Order.Cancelled, rules.Cancelled.ShowsField(), rules.Cancelled, nil},
		{notRoutable, r.isNotRoutable(), rules.NotRoutable.ShowsField(), rules.NotRoutable, nil},
		{notPicked, r.isNotPicked(), rules.NotPicked.ShowsField(), withoutShipment(rules.NotPicked), nil},
		short.withoutPickJobs(),
		replaced.withoutPickJobs(),
		{refused, r.Refused.After(r.Taken), true, config.Effect{}, nil},
		{ready, collects && (state == shipmentReady || handed), false, withoutShipment(rules.Collect.Ready), nil},
		{collected, collects && handed, false, withoutShipment(rules.Collect.Collected), nil},
	}
	for _, id := range sortedIDs(maps.Collect(r.currentPickJobs())) {
		lacking, others := d.countShortAndReplaced(id)
		if r.PickJobs[id].isShort() {
			occurring = append(occurring, short.forPickJob(id, lacking))
		}
		if r.PickJobs[id].hasSubstitutes() {
			occurring = append(occurring, replaced.forPickJob(id, others))
		}
	}
	return occurring
}

// ChangeRefused is the fact that fulfillmenttools did not take a change of the order that
// was made after its export, or that it took it after all.
func ChangeRefused(at time.Time, refused bool) Facts {
	if refused {
		return Facts{Jobs: JobRecord{Refused: at.UTC().Truncate(time.Millisecond)}}
	}
	return Facts{Jobs: JobRecord{Taken: at.UTC().Truncate(time.Millisecond)}}
}

// withoutShipment leaves out the state that configuredState brings in.
func withoutShipment(e config.Effect) config.Effect {
	e.ShipmentState = ""
	return e
}

// isNotRoutable reports whether no facility was found and no pick job came after all.
func (r JobRecord) isNotRoutable() bool {
	if r.Unroutable.IsZero() || r.Order.Cancelled || !r.isOfCurrentOrder(r.Unroutable) {
		return false
	}
	for _, job := range r.currentPickJobs() {
		if !fulfillmenttools.IsPickJobVoid(job.Status) && job.Created.After(r.Unroutable) {
			return false
		}
	}
	return true
}

// isNotPicked reports whether all that was to be picked came to nothing: the pick job
// created last ended without a piece, and nothing else goes on.
func (r JobRecord) isNotPicked() bool {
	if n := r.countHandovers(); r.Order.Cancelled || n.open+n.handed > 0 {
		return false
	}
	var latest Ref
	for id, job := range r.currentPickJobs() {
		if !job.Empty && !fulfillmenttools.IsPickJobVoid(job.Status) {
			return false
		}
		if ref := (Ref{id, job.Created}); ref.isLaterThan(latest) {
			latest = ref
		}
	}
	last := r.PickJobs[latest.ID]
	return last.Empty || last.Status == fulfillmenttools.PickJobAborted
}

func (r JobRecord) isShortPicked() bool {
	for _, job := range r.currentPickJobs() {
		if job.isShort() {
			return true
		}
	}
	return false
}

// isShort reports whether pieces are missing that no substitute stands for.
func (job PickJobRecord) isShort() bool {
	return fulfillmenttools.IsPickingFinished(job.Status) && job.PickedAt > 0 && job.Short > 0
}

// hasSubstitutes reports whether pieces of other articles were picked.
func (job PickJobRecord) hasSubstitutes() bool {
	return job.Substituted && !fulfillmenttools.IsPickJobVoid(job.Status)
}

func (r JobRecord) isSubstituted() bool {
	for _, job := range r.currentPickJobs() {
		if job.hasSubstitutes() {
			return true
		}
	}
	return false
}

// countShortAndReplaced counts by line how many pieces of a pick job are short, and how many were
// replaced.
func (d *decider) countShortAndReplaced(pickJob string) (short, replaced map[string]int) {
	short, replaced = map[string]int{}, map[string]int{}
	for _, line := range d.facts.Contents[pickJob].Lines {
		lineID := d.lineIDOf(line)
		if lacking := line.MissingPieces(); lacking > 0 {
			short[lineID] += lacking
		}
		if n := line.SubstitutedPieces(); n > 0 {
			replaced[lineID] += n
		}
	}
	return short, replaced
}

// handleOccurrences carries effects out, each once, and names the exceptions.
func (d *decider) handleOccurrences(wanted map[string]any) {
	var shown, done []string
	for _, o := range d.currentOccurrences() {
		if !o.holds {
			continue
		}
		if o.shows && d.shape.Rules.WritesCorrections() {
			shown = append(shown, o.name)
		}
		if !o.effect.ChangesStates() {
			continue
		}
		done = append(done, o.name)
		if !slices.Contains(d.known.Done, o.name) {
			d.addEffectActions(o)
		}
	}
	slices.Sort(shown)
	slices.Sort(done)
	d.merged.Done = done
	if there := union(texts(d.order.Fields[ExceptionsField]), nil); d.shape.Order.Fields[ExceptionsField] && !slices.Equal(there, shown) && d.shape.keepsRecord() {
		wanted[ExceptionsField] = nil
		if len(shown) > 0 {
			wanted[ExceptionsField] = shown
		}
	}
}

// wasDoneForOtherPickJobs reports whether the same was carried out for other pick jobs.
func (d *decider) wasDoneForOtherPickJobs(o occurrence) bool {
	kind, _, ofPickJob := strings.Cut(o.name, " ")
	return ofPickJob && slices.ContainsFunc(d.known.Done, func(done string) bool { return strings.HasPrefix(done, kind+" ") && done != o.name })
}

func (d *decider) addEffectActions(o occurrence) {
	effect := o.effect
	if ended := d.order.OrderState == commercetools.StateCancelled; effect.OrderState != "" && effect.OrderState != d.order.OrderState && !ended {
		d.addOptionalAction("orderState "+effect.OrderState, platform.OrderChangeOrderStateAction{OrderState: platform.OrderState(effect.OrderState)})
	}
	if o.name != cancelled && movesForward(d.state, effect.ShipmentState) {
		d.state = effect.ShipmentState
		if o.name == notRoutable {
			d.merged.Shown = d.state // should a facility be found after all, we go on from it
		}
		d.addOptionalAction("shipmentState "+effect.ShipmentState, platform.OrderChangeShipmentStateAction{ShipmentState: platform.ShipmentState(effect.ShipmentState)})
	}
	if key := effect.WorkflowState; key != "" {
		d.addOptionalAction("state "+key, platform.OrderTransitionStateAction{State: platform.StateResourceIdentifier{Key: &key}})
	}
	if effect.LineItemState != "" {
		d.addLineTransitions(effect.LineItemState, o.lines, d.wasDoneForOtherPickJobs(o))
	}
}

// addLineTransitions takes pieces, all that went to fulfillmenttools unless they are named, to
// the state out of whichever states they are in. What is there already counts, unless it
// is of other pieces.
func (d *decider) addLineTransitions(key string, pieces map[string]int, others bool) {
	to := d.shape.States[key]
	for _, line := range d.order.Lines {
		left := line.Quantity
		if pieces != nil {
			left = pieces[line.ID]
		} else if d.known.ExportedLines != nil {
			left = d.known.ExportedLines[line.ID]
		}
		for _, state := range line.States {
			if state.State.ID == to && !others {
				left -= state.Quantity
			}
		}
		for _, state := range line.States {
			n := min(left, state.Quantity)
			if state.State.ID == to || n <= 0 {
				continue
			}
			left -= n
			d.addOptionalAction("line item state "+key, platform.OrderTransitionLineItemStateAction{
				LineItemId: &line.ID, Quantity: n,
				FromState: platform.StateResourceIdentifier{ID: &state.State.ID}, ToState: platform.StateResourceIdentifier{Key: &key},
			})
		}
	}
}

// decideReturns tells what came back, once a piece.
func (d *decider) decideReturns() {
	if !d.shape.Rules.Returns {
		return
	}
	var items []platform.ReturnItemDraft
	for _, piece := range d.facts.Returns {
		key := keyFromID(piece.ID)
		lineID := d.lineIDOf(piece.Line)
		if slices.Contains(d.order.ReturnKeys, key) {
			continue
		}
		if lineID == "" {
			d.Notes = append(d.Notes, "a returned piece belongs to no line of the order")
			continue
		}
		item := platform.ReturnItemDraft{Key: &key, Quantity: 1, ShipmentState: platform.ReturnShipmentStateReturned}
		if slices.ContainsFunc(d.order.CustomLines, func(l commercetools.Line) bool { return l.ID == lineID }) {
			item.CustomLineItemId = &lineID
		} else {
			item.LineItemId = &lineID
		}
		items = append(items, item)
	}
	if len(items) > 0 {
		d.addOptionalAction("return info", platform.OrderAddReturnInfoAction{Items: items})
	}
}
