package feedback_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

func unroutable(minute int) fulfillmenttools.Event {
	return event("ROUTING_PLAN_NOT_ROUTABLE", "plan-1", func(p *fulfillmenttools.Payload) { p.LastModified = at(minute) })
}

// fewer is a part picked with a piece missing.
func (p part) fewer() fulfillmenttools.Event {
	e := p.says("PICK_JOB_PICKING_FINISHED")
	e.Payload.PickLineItems[0].Picked--
	return e
}

// other is a part picked with a piece of another article.
func (p part) other() fulfillmenttools.Event {
	e := p.fewer()
	e.Payload.PickLineItems[0].Substitutes = []fulfillmenttools.Substitute{{Picked: 1}}
	return e
}

func TestExceptionsAreNamedWhileTheyHoldInWhateverOrderEventsCome(t *testing.T) {
	t.Parallel()
	late := allShipped
	late.minute = 30
	for name, test := range map[string]struct {
		events []fulfillmenttools.Event
		want   []any
	}{
		"all is well":                      {events(allShipped.says("PICK_JOB_CREATED"), allShipped.says("PICK_JOB_PICKING_FINISHED")), nil},
		"not routable":                     {events(ordered("ORDER_CREATED"), unroutable(25)), []any{"notRoutable"}},
		"not routable again later":         {events(unroutable(5), unroutable(25), allShipped.says("PICK_JOB_CREATED")), []any{"notRoutable"}},
		"not routable, then routed":        {events(unroutable(25), late.says("PICK_JOB_CREATED")), nil},
		"routed, then a part not routable": {events(allShipped.says("PICK_JOB_CREATED"), unroutable(25)), []any{"notRoutable"}},
		"routed again, and given up":       {events(unroutable(25), late.says("PICK_JOB_CREATED"), late.says("PICK_JOB_ABORTED")), []any{"notPicked", "notRoutable"}},
		"not routable, then cancelled":     {events(unroutable(25), ordered("ORDER_CANCELLED")), []any{"cancelled"}},
		"expired":                          {events(ordered("ORDER_CREATED"), ordered("ORDER_CANCELLED_BY_EXPIRY")), []any{"cancelled"}},
		"short":                            {events(allShipped.says("PICK_JOB_CREATED"), allShipped.fewer()), []any{"shortPicked"}},
		"short, and given up":              {events(allShipped.fewer(), allShipped.says("PICK_JOB_CANCELED")), nil},
		"short, and picked again":          {events(allShipped.fewer(), again(allShipped.says("PICK_JOB_PICKING_FINISHED"), 6)), nil},
		"another article":                  {events(allShipped.says("PICK_JOB_CREATED"), allShipped.other()), []any{"substituted"}},
		"everything":                       {events(allShipped.other(), right.fewer(), ordered("ORDER_CANCELLED")), []any{"cancelled", "shortPicked", "substituted"}},
	} {
		for _, line := range permutations(test.events) {
			b := newBench()
			b.handle(t, line...)
			got, _ := b.orders.order(orderID).Fields[feedback.ExceptionsField].([]any)
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, names(line), diff)
			}
		}
	}
}

func TestExceptionsThatNobodyWantsAreNotNamed(t *testing.T) {
	t.Parallel()
	off := false
	for name, rules := range map[string]config.FeedbackRules{
		"no corrections": {Corrections: &off}, "not this one": {ShortPicked: config.Effect{Field: &off}},
	} {
		b := newBench()
		b.rules = rules
		b.handle(t, allShipped.fewer())
		if got := b.orders.order(orderID).Fields[feedback.ExceptionsField]; got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAListedPickJobIsNotTakenForShortPicked(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.rules.ShortPicked.OrderState = "Open"
	job := right.says("PICK_JOB_PICKING_FINISHED").Payload.Job
	job.Version = 9
	b.fulfilment.picks["pj-2"] = job
	b.handle(t, right.says("PICK_JOB_CREATED"), right.hands("HANDOVERJOB_HANDED_OVER"))
	if len(b.fulfilment.calls) != 2 {
		t.Errorf("asked %v", b.fulfilment.calls)
	}
	b.handle(t, right.says("PICK_JOB_PICKING_FINISHED"))
	if order := b.orders.order(orderID); order.Fields[feedback.ExceptionsField] != nil || order.OrderState != "Confirmed" {
		t.Errorf("exceptions %v, order state %s", order.Fields[feedback.ExceptionsField], order.OrderState)
	}
}

func TestAnEffectIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules  config.FeedbackRules
		events []fulfillmenttools.Event
	}{
		"cancelled":    {config.FeedbackRules{Cancelled: config.Effect{OrderState: "Open"}}, events(ordered("ORDER_CANCELLED"))},
		"not routable": {config.FeedbackRules{NotRoutable: config.Effect{OrderState: "Open"}}, events(unroutable(25))},
		"short":        {config.FeedbackRules{ShortPicked: config.Effect{OrderState: "Open"}}, events(allShipped.fewer())},
		"substituted":  {config.FeedbackRules{Substituted: config.Effect{OrderState: "Open"}}, events(allShipped.other())},
		"ready":        {config.FeedbackRules{Collect: config.CollectStates{Ready: config.Effect{OrderState: "Open"}}}, events(collect("HANDOVERJOB_CREATED"))},
		"collected":    {config.FeedbackRules{Collect: config.CollectStates{Collected: config.Effect{OrderState: "Open"}}}, events(collect("HANDOVERJOB_HANDED_OVER"))},
	} {
		b := newBench()
		b.rules = test.rules
		b.handle(t, ordered("ORDER_CREATED"))
		if got := b.orders.order(orderID).OrderState; got != "Confirmed" {
			t.Errorf("%s: %s before it happened", name, got)
		}
		b.handle(t, test.events...)
		if got := b.orders.order(orderID).OrderState; got != "Open" {
			t.Errorf("%s: %s", name, got)
		}
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.OrderState = "Complete" })
		b.handle(t, append(test.events, right.says("PICK_JOB_CREATED"))...)
		if got := b.orders.order(orderID).OrderState; got != "Complete" {
			t.Errorf("%s: what a person set became %s", name, got)
		}
	}
}

func TestAnEffectMayMoveTheShipmentStateForward(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]string{"Pending": "Delayed", "Delivered": "Delivered"} {
		b := newBench()
		b.rules.NotRoutable.ShipmentState = "Delayed"
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.ShipmentState = now })
		b.handle(t, unroutable(5))
		if got := b.shipment(); got != want {
			t.Errorf("%s became %s, want %s", now, got, want)
		}
	}
}

func TestAnOrderThatIsRoutedAfterAllGoesOn(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"Delayed", "Canceled"} {
		b := newBench()
		b.rules.NotRoutable.ShipmentState = state
		b.handle(t, unroutable(5), allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"))
		if got := b.shipment(); got != "Ready" || b.orders.moves[0][1] != state {
			t.Errorf("%s became %s", state, got)
		}
	}
}

func TestAnEndedOrderIsNotOpenedByAnEffect(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.rules.ShortPicked.OrderState = "Open"
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.OrderState = "Cancelled" })
	b.handle(t, allShipped.fewer())
	if got := b.orders.order(orderID).OrderState; got != "Cancelled" {
		t.Errorf("%s", got)
	}
}

// inState counts a line's pieces that are in a state.
func inState(order commercetools.Snapshot, line int, key string) (n int) {
	for _, state := range order.Lines[line].States {
		if state.State.ID == stateID(key) {
			n += state.Quantity
		}
	}
	return n
}

func TestThePiecesConcernedGoToTheirStateOnce(t *testing.T) {
	t.Parallel()
	one, two := part{"pj-1", 10, 1, 2}, part{"pj-2", 20, 1, 1}
	for _, line := range permutations(events(one.says("PICK_JOB_CREATED"), one.fewer(), two.fewer(), again(one.fewer(), 4))) {
		b := newBench()
		b.rules.ShortPicked.LineItemState = "missing"
		b.handle(t, line...)
		order := b.orders.order(orderID)
		if got := inState(order, 0, "missing"); got != 2 || inState(order, 1, "missing") != 0 || b.orders.rejected > 0 {
			t.Errorf("%s: %d pieces are missing, want one of each pick job", names(line), got)
		}
	}
	b := newBench()
	b.rules.Cancelled.LineItemState = "returned"
	b.orders.edit(orderID, func(o *commercetools.Snapshot) {
		o.Lines[1].States = []commercetools.LineState{lineState("initial", 1), lineState("returned", 1), lineState("packed", 1)}
	})
	b.handle(t, ordered("ORDER_CANCELLED"), ordered("ORDER_CANCELLED"))
	if order := b.orders.order(orderID); inState(order, 0, "returned") != 2 || inState(order, 1, "returned") != 3 {
		t.Errorf("lines are %+v", order.Lines)
	}
}

func collect(name string) fulfillmenttools.Event {
	return event(name, "hj-1", func(p *fulfillmenttools.Payload) { p.Channel = "COLLECT" })
}

func TestClickAndCollectHasItsOwnStates(t *testing.T) {
	t.Parallel()
	states := config.CollectStates{Ready: config.Effect{ShipmentState: "Delayed"}, Collected: config.Effect{ShipmentState: "Delivered"}}
	for name, test := range map[string]struct {
		states  config.CollectStates
		deliver bool
		want    []string
	}{
		"by default":             {config.CollectStates{}, false, []string{"Ready", "Shipped"}},
		"configured":             {states, false, []string{"Delayed", "Delivered"}},
		"configured, by carrier": {states, true, []string{"Ready", "Shipped"}},
	} {
		b := newBench()
		b.rules.Collect = test.states
		for _, name := range []string{"HANDOVERJOB_CREATED", "HANDOVERJOB_HANDED_OVER"} {
			if test.deliver {
				b.handle(t, event(name, "hj-1", nil))
			} else {
				b.handle(t, collect(name))
			}
		}
		var got []string
		for _, move := range b.orders.moves {
			got = append(got, move[1])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestCancelledOrdersMayShowAnotherShipmentState(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.rules.Cancelled.ShipmentState = "Backorder"
	b.handle(t, ordered("ORDER_CREATED"), event("HANDOVERJOB_CREATED", "hj-1", nil), event("HANDOVERJOB_CANCELED", "hj-1", nil))
	if got := b.orders.order(orderID).ShipmentState; got != "Canceled" {
		t.Errorf("only its handover job is cancelled: %s", got)
	}
	b.handle(t, ordered("ORDER_CANCELLED"))
	if got := b.orders.order(orderID).ShipmentState; got != "Backorder" {
		t.Errorf("%s", got)
	}
}

func TestWhatTheShopsWorkflowRefusesIsLeftOutAndTheRestArrives(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		b := newBench()
		b.rules.Cancelled.WorkflowState, b.rules.Cancelled.LineItemState = "nowhere", "lost"
		b.orders.refuses = []string{"nowhere"}
		b.handle(t, allShipped.hands("HANDOVERJOB_CREATED"))
		updater := b.Updater
		if !known {
			updater = b.replica()
		}
		got, err := updater.Handle(t.Context(), ordered("ORDER_CANCELLED"))
		order := b.orders.order(orderID)
		if err != nil || got.Kind != outcome.Applied || order.ShipmentState != "Canceled" || order.TextField("fft_order_id") != "ord-1" {
			t.Errorf("%+v, %v: %s", got, err, order.ShipmentState)
		}
		if !strings.Contains(got.Reason, "line item state lost") {
			t.Errorf("what was refused took something else along: %s", got.Reason)
		}
		if strings.Contains(got.Reason, "nowhere") {
			t.Errorf("it tells of what was refused: %s", got.Reason)
		}
		if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "refused state nowhere") || b.orders.rejected != 3 {
			t.Errorf("notes %q after %d refusals", got.Notes, b.orders.rejected)
		}
		if b.handle(t, ordered("ORDER_CANCELLED")); b.orders.rejected != 3 {
			t.Errorf("it is tried again with the next event")
		}
	}
}

func TestAnUpdateHoldsNoMoreThanCommercetoolsTakes(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.rules.Cancelled.LineItemState = "lost"
	b.orders.edit(orderID, func(o *commercetools.Snapshot) {
		for i := range 500 {
			o.Lines = append(o.Lines, orderLine("line-of-many-"+strconv.Itoa(i), "SKU-1", 1))
		}
	})
	got := b.handle(t, ordered("ORDER_CANCELLED"))
	if order := b.orders.order(orderID); order.ShipmentState != "Canceled" || b.orders.rejected > 0 || len(got.Notes) != 1 {
		t.Errorf("%s after %d refusals, notes %q", order.ShipmentState, b.orders.rejected, got.Notes)
	}
}

func TestEachAcceptedPieceIsReturnedOnce(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.rules.Returns = true
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.CustomLines = []commercetools.Line{{ID: "custom-1", Quantity: 1}} })
	b.handle(t, returned("r-1", "ACCEPTED", "line-1"), returned("r-1", "ACCEPTED", "line-1"), returned("r-2", "OPEN", "line-1"),
		returned("r-3", "ACCEPTED", "line-2"), returned("r-2", "ACCEPTED", "line-1"), returned("r-4", "ACCEPTED", "custom-1"))
	if diff := cmp.Diff([]string{"r-1", "r-3", "r-2", "r-4"}, b.orders.order(orderID).ReturnKeys); diff != "" || b.orders.rejected > 0 {
		t.Errorf("%d refusals (-want +got):\n%s", b.orders.rejected, diff)
	}
	if got := b.handle(t, returned("r-9", "ACCEPTED", "line-9")); got.Kind != outcome.Unchanged || len(got.Notes) != 1 {
		t.Errorf("a piece that nobody knows: %+v", got)
	}
	off := newBench()
	off.handle(t, returned("r-1", "ACCEPTED", "line-1"))
	if off.orders.updates > 0 {
		t.Errorf("returns are told though they are off")
	}
}

func TestASetInAnotherOrderIsTheSame(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, allShipped.says("PICK_JOB_CREATED"), allShipped.fewer(), unroutable(25))
	b.orders.edit(orderID, func(o *commercetools.Snapshot) {
		o.Fields[feedback.ExceptionsField] = []any{"shortPicked", "notRoutable"}
	})
	if got, err := b.replica().Handle(t.Context(), allShipped.says("PICK_JOB_CREATED")); err != nil || got.Kind != outcome.Unchanged {
		t.Errorf("%+v, %v", got, err)
	}
}
