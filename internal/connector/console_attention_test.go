package connector_test

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
	"fftconnect/internal/testtime"
)

var errAway = &remote.Error{Platform: "commercetools", Operation: "read order", Kind: remote.Transient, Status: 503, Message: "away"}

func TestDeadLettersAreGroupedByTheirCause(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bury(3, "address: no street", nil)
	d.bury(2, "fulfillmenttools answered 400 CancellationNotPossible", func(e *ledger.Deferred) { e.Outcome = outcome.Refused })
	d.bury(1, "no JSON", func(e *ledger.Deferred) { e.Type, e.Order = ledger.TypeUnreadable, "" })
	page := d.get("/attention", http.StatusOK)
	d.want(page, "Refused cancellations and changes <span class=\"count\">2</span>", "Dead letters <span class=\"count\">3</span>", "Unreadable messages",
		"3 messages</a>: address: no street", "2 messages</a>: fulfillmenttools answered 400 CancellationNotPossible", "correct the address", "Retry all 3…")
	if strings.Index(page, "Refused cancellations") > strings.Index(page, "Dead letters <span") {
		t.Error("what cannot wait comes last")
	}
	d.wantNot(page, "Jane Doe")
}

func TestCausesLeaveOutWhatIsOfOneOrderOnly(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"order 11111111-2222-4333-8444-555555555555: address: no street":                                    "address: no street",
		"fulfillmenttools order 7f3a1c00aa is LOCKED":                                                       "fulfillmenttools order … is LOCKED",
		"create order: fulfillmenttools answered 400 ValidationError: orderLineItems[0].quantity of A-1001": "create order: fulfillmenttools answered 400 ValidationError: orderLineItems[…].quantity of …",
		"still failing after 168h0m0s: answered 503":                                                        "still failing after … answered 503",
		"first line\nsecond line":                                                                           "first line",
	} {
		if got := ledger.CauseOf(reason); got != want {
			t.Errorf("%q is %q, want %q", reason, got, want)
		}
	}
	if got := ledger.CauseOf(strings.Repeat("long ", 100)); len([]rune(got)) > 160 {
		t.Errorf("a cause of %d characters", len([]rune(got)))
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// confirmation is the fields of the form behind the button that begins so.
func confirmation(t *testing.T, page, action string) url.Values {
	t.Helper()
	_, rest, ok := strings.Cut(page, `action="`+action+`"`)
	if !ok {
		t.Fatalf("no form for %s:\n%s", action, mainOf(page))
	}
	form, _, _ := strings.Cut(rest, "</form>")
	fields := url.Values{}
	for _, field := range hidden.FindAllStringSubmatch(form, -1) {
		fields.Add(field[1], html.UnescapeString(field[2]))
	}
	return fields
}

func TestARetryIsPlannedFirstAndShowsItsProgress(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bury(25, "address: no street", nil)
	d.bury(1, "another cause", nil)
	page := d.get("/attention", http.StatusOK)
	plan := d.post("/retry/plan", confirmation(t, page, "/retry/plan"), http.StatusOK)
	d.want(plan, "<strong>25 messages</strong> will be handled again", "and 5 more", "Nothing was changed yet", "Retry 25 messages")
	if n := d.dead(); n != 26 {
		t.Fatalf("%d dead letters are left by a plan", n)
	}
	to := d.to(d.send(http.MethodPost, "/retry", confirmation(t, plan, "/retry")))
	d.console.Wait()
	d.want(d.get(to, http.StatusOK), "<dt>planned</dt><dd>25</dd>", "<dt>queued</dt><dd>25</dd>", "<dt>waiting for their attempt</dt><dd>25</dd>", "by somebody on this machine", "data-live")
	if n := d.dead(); n != 1 {
		t.Errorf("%d dead letters are left", n)
	}
	done := d.drain(func(e ledger.Event) ledger.Verdict {
		if strings.HasSuffix(e.Order, "007") {
			return ledger.Verdict{Action: ledger.Dead, Reason: "address: no street", Outcome: outcome.Rejected}
		}
		return ledger.Verdict{Action: ledger.Done}
	})
	defer done()
	page = ""
	testtime.Until(t, "the retry ends", func() bool {
		page = d.get(to, http.StatusOK)
		return strings.Contains(page, "All have been handled; 1 message failed again")
	})
	d.want(page, "<dt>done</dt><dd>24</dd>", "<dt>dead letters again</dt><dd>1</dd>")
	d.wantNot(page, "data-live")
}

func TestSomeOfACauseAreChosen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bury(3, "address: no street", nil)
	cause := url.Values{"class": {"rejected"}, "flow": {"export"}, "cause": {"address: no street"}}
	d.want(d.get("/attention/events?"+cause.Encode(), http.StatusOK), "3 messages: address: no street", `name="id" value="3"`)
	d.want(d.post("/retry/plan", cause, http.StatusBadRequest), "Choose at least one")
	with := url.Values{"id": {"1", "3"}}
	for name, values := range cause {
		with[name] = values
	}
	plan := d.post("/retry/plan", with, http.StatusOK)
	d.want(plan, "<strong>2 messages</strong>")
	if fields := confirmation(t, plan, "/retry"); !slices.Equal(fields["id"], []string{"1", "3"}) || fields.Get("cause") != "" {
		t.Errorf("the plan is for %v", fields)
	}
	with.Set("all", "yes")
	d.want(d.post("/retry/plan", with, http.StatusOK), "<strong>3 messages</strong>")
}

func TestADiscardTakesAReasonWhichTheTimelineTells(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bury(1, "address: no street", func(e *ledger.Deferred) { e.Order = orderID })
	plan := d.post("/discard/plan", url.Values{"id": {"1"}}, http.StatusOK)
	d.want(plan, "<strong>1 message</strong> will be forgotten", "left alone until the next message")
	fields := confirmation(t, plan, "/discard")
	d.want(d.post("/discard", fields, http.StatusBadRequest), "Say in a few words why")
	fields.Set("why", "shipped by hand")
	d.to(d.send(http.MethodPost, "/discard", fields))
	if d.dead() != 0 {
		t.Error("it is still there")
	}
	d.journaled("discard", "by somebody on this machine: shipped by hand")
	d.want(d.get("/attention", http.StatusOK), "Orders that are not visited any more", "discarded")
	d.want(d.post("/discard/plan", url.Values{"id": {"1"}}, http.StatusNotFound), "not there any more")
}

func TestABodyIsHiddenUntilAskedForAndAskingIsJournaled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bury(1, "address: no street", func(e *ledger.Deferred) { e.Order = orderID })
	d.wantNot(d.get("/events/1", http.StatusOK), "Jane Doe")
	d.want(d.post("/events/1/body", nil, http.StatusOK), "Jane Doe")
	d.journaled("body shown", "body of event 1 shown (by somebody on this machine)")
	d.wantNot(d.get("/orders/"+orderID, http.StatusOK), "Jane Doe")
}

func TestLateOrdersAreShown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	since := time.Now().Add(-26 * time.Hour)
	err := d.store.TrackOrders(t.Context(), []reconcile.OpenOrder{{
		ID: orderID, Number: orderNumber, Opened: since, LastActivity: since, Next: time.Now().Add(time.Hour), State: "at picking since yesterday, pick job AS12",
		Late: reconcile.LateNoPickJob, Since: since,
	}})
	if err != nil {
		t.Fatal(err)
	}
	d.want(d.get("/attention", http.StatusOK), "Late orders <span class=\"count\">1</span>", "1 order: no pick job")
	d.want(d.get("/late?why=no+pick+job", http.StatusOK), orderNumber, "26 h ago", "at picking since yesterday")
	d.want(d.get("/orders/"+orderID, http.StatusOK), "at picking since yesterday", "It is late since", "no pick job")
}

// dead counts dead letters.
func (d *desk) dead() int {
	d.t.Helper()
	n, err := d.store.Count(d.t.Context(), ledger.Filter{State: ledger.StateDead})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// drain works stored events off until the function that it gives is called.
func (d *desk) drain(handle func(ledger.Event) ledger.Verdict) (stop func()) {
	ctx, cancel := contextWithCancel(d.t)
	ended := make(chan error, 1)
	go func() { ended <- d.store.Run(ctx, handlerOf(handle)) }()
	return func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, ctx.Err()) {
			d.t.Error(fmt.Errorf("drain: %w", err))
		}
	}
}
