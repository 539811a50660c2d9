package connector_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/platforms"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/setup"
	"fftconnect/internal/shadow"
	"fftconnect/internal/simulator"
)

// besides is a rig in shadow mode beside the existing connector's imitation.
type besides struct {
	*rig
	other *imitation
	store *depot
}

// patience is short, but enough for the imitation on a busy machine.
const patience = "1s"

func shadowed(more ...string) map[string]string {
	return hasty(append([]string{"SHADOW", "true", "SHADOW_PATIENCE", patience}, more...)...)
}

func startBeside(t *testing.T, more ...string) *besides {
	t.Helper()
	d, store := withDepot(t)
	options := quick()
	options.KeepBodies = true
	d.eager = true // the queue looks for what has become due only every few seconds
	r := newRig(t, rigOptions{world: options, env: shadowed(more...), bare: true, store: store})
	b := &besides{rig: r, other: startImitation(t, r.World), store: d}
	b.other.deploy()
	b.installed()
	r.CTLog.Reset()
	r.FFTLog.Reset()
	return b
}

// installed runs install as the command does: with clients that may write.
func (b *besides) installed() {
	b.t.Helper()
	token, err := b.tokenFor("/event").Sign()
	if err != nil {
		b.t.Fatal(err)
	}
	b.RouteMessages(b.publicURL+"/event", http.Header{"Authorization": {"Bearer " + token}})
	b.apply(b.unguarded())
}

// quiet waits until everything is delivered and compared.
func (b *besides) quiet() {
	b.t.Helper()
	b.settle()
	b.empty(b.store)
}

// goThrough ships every order, one stage at a time, and compares.
func (b *besides) goThrough() {
	b.t.Helper()
	for range stages {
		b.step()
	}
	b.quiet()
}

// report sums all comparisons up.
func (b *besides) report() shadow.Report {
	b.t.Helper()
	var tally shadow.Tally
	for _, entry := range b.all() {
		if entry.Kind == outcome.Shadowed {
			tally.Add(entry.Flow, entry.Order, entry.Reason, entry.At)
		}
	}
	return tally.Report()
}

// fields are what differs, as "field kind".
func fields(side shadow.Side) []string {
	var names []string
	for _, f := range side.Fields {
		names = append(names, f.Field+" "+string(f.Kind))
	}
	slices.Sort(names)
	return names
}

// mustNotHaveWritten looks at every call that came from us.
func (b *besides) mustNotHaveWritten() {
	b.t.Helper()
	ours := 0
	for _, exchange := range append(b.CTLog.All(), b.FFTLog.All()...) {
		if !strings.HasPrefix(exchange.Header.Get("User-Agent"), "fftconnect/test") {
			continue
		}
		ours++
		token := strings.HasPrefix(exchange.Path, "/oauth/token") || strings.HasPrefix(exchange.Path, "/v1/")
		if exchange.Method != http.MethodGet && !token {
			b.t.Errorf("shadow mode sent %s %s %s", exchange.Platform, exchange.Method, exchange.Path)
		}
	}
	if ours == 0 {
		b.t.Error("no call of ours was seen: the test shows nothing")
	}
}

func TestShadowModeWritesNothingAndFindsWhatDiffers(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		b := startBeside(t)
		french, lost := simpleOrder("FRENCH"), simpleOrder("LOST")
		entitled(french, "fr", "Tasse")
		address := map[string]any{"streetName": "Lindenweg", "postalCode": "50667", "city": "Köln", "country": "DE", "lastName": "Berg"}
		lost["shippingAddress"], lost["billingAddress"] = address, address // no house number
		plain := b.CT.PlaceOrder(entitled(simpleOrder("PLAIN"), "en", "Mug"))
		b.CT.PlaceOrder(french)
		lostID := b.CT.PlaceOrder(lost)
		b.quiet()
		b.goThrough()

		report := b.report()
		found := fields(report.Export)
		for _, want := range []string{"orderLineItems.article.title differs", "order only ours"} {
			if !slices.Contains(found, want) {
				t.Errorf("%q was not found; found %q", want, found)
			}
		}
		for _, same := range []string{"orderLineItems.quantity", "tenantOrderId", "orderDate", "orderLineItems differs", "consumer.addresses.street", "orderLineItems.shopPrice"} {
			if slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, same) }) {
				t.Errorf("%s is the same on both sides; found %q", same, found)
			}
		}
		for _, f := range report.Export.Fields {
			if f.Field == "order" && f.Order != lostID {
				t.Errorf("the lost order is %s, want %s", f.Order, lostID)
			}
			if f.Field == "orderLineItems.article.title" && (f.Orders != 1 || !strings.Contains(f.Detail, `ours "Tasse", theirs " "`)) {
				t.Errorf("title: %+v", f)
			}
		}
		if report.Export.Orders != 3 || report.Feedback.Orders != 2 {
			t.Errorf("%d and %d orders compared, want 3 and 2", report.Export.Orders, report.Feedback.Orders)
		}
		for _, f := range report.Feedback.Fields {
			if f.Kind != shadow.OnlyOurs || f.Field == "shipmentState" {
				t.Errorf("updates differ: %+v", f)
			}
		}
		if b.shipmentState(plain) != "Shipped" {
			t.Errorf("the other connector did its work only to %s", b.shipmentState(plain))
		}
		b.mustNotHaveWritten()
		if n := b.metric(`fftconnect_shadow_differences_total{flow="export",kind="differs"}`); n < 1 {
			t.Error("the metric does not show differences")
		}
		for _, personal := range []string{"Lindenweg", "Berg", "ada@example.org", "50667"} {
			if strings.Contains(b.logs.String(), personal) {
				t.Errorf("the log holds %s", personal)
			}
		}
	})
}

func TestALateEventThatTakesAStateBackDiffers(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		b := startBeside(t)
		seen := b.watchEvents()
		id := b.CT.PlaceOrder(simpleOrder("A-1"))
		b.quiet()
		b.goThrough()
		takenBack := func(f shadow.Field) bool {
			return f.Field == "shipmentState" && f.Kind == shadow.Differs && f.Order == id && f.Detail == `ours "Shipped", theirs "Ready"`
		}
		if side := b.report().Feedback; slices.ContainsFunc(side.Fields, takenBack) {
			t.Fatalf("before: %+v", side)
		}
		late := strings.Replace(seen.body(t, "HANDOVERJOB_CREATED", mustBeOne(t, b.FFT.OrdersOf(id), "exported").ID), `"eventId":"`, `"eventId":"late-`, 1)
		response, err := b.Client().Post(b.other.url+"/service/handoverjob/created", "application/json", strings.NewReader(late))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		b.eventually("we took it", func() bool { return b.post("/service", late).StatusCode == http.StatusOK })
		b.quiet()
		if side := b.report().Feedback; !slices.ContainsFunc(side.Fields, takenBack) {
			t.Errorf("%+v%s", side.Fields, describe(b.outcomes(id)))
		}
	})
}

func TestACancellationThatTheOtherConnectorMissedDiffers(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		b := startBeside(t)
		done, missed := b.CT.PlaceOrder(simpleOrder("A-1")), b.CT.PlaceOrder(simpleOrder("A-2"))
		b.quiet()
		b.cancel(done)
		b.quiet()
		b.other.undeploy("event")
		b.cancel(missed)
		b.quiet()
		side := b.report().Export
		at := slices.IndexFunc(side.Fields, func(f shadow.Field) bool { return f.Field == "cancellation" })
		if at < 0 || side.Fields[at].Order != missed || side.Fields[at].Orders != 1 || side.Fields[at].Kind != shadow.OnlyOurs {
			t.Errorf("%+v%s", side.Fields, describe(b.all()))
		}
		b.mustNotHaveWritten()
	})
}

func TestShadowModeSurvivesDuplicatesAndOutages(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		b := startBeside(t)
		disorder := simulator.Disorder{Duplicate: 1, Copies: 2, Shuffle: 20 * time.Millisecond}
		b.CT.Courier().SetDisorder(disorder)
		b.FFT.Courier().SetDisorder(disorder)
		var ids []string
		for n := range 6 {
			ids = append(ids, b.CT.PlaceOrder(simpleOrder(fmt.Sprint("A-", n))))
		}
		b.eventually("the other connector exported them", func() bool { return len(b.FFT.Orders()) == len(ids) })
		b.FFTFaults.SetOutage(true)
		b.CTFaults.SetOutage(true)
		time.Sleep(300 * time.Millisecond)
		b.FFTFaults.SetOutage(false)
		b.CTFaults.SetOutage(false)
		b.quiet()
		report := b.report()
		if report.Export.Orders != len(ids) {
			t.Errorf("%d orders compared, want %d", report.Export.Orders, len(ids))
		}
		if slices.ContainsFunc(report.Export.Fields, func(f shadow.Field) bool { return f.Field == "order" }) {
			t.Errorf("an order is said to be missing: %+v", report.Export.Fields)
		}
		b.mustNotHaveWritten()
		if len(b.problems()) > 0 {
			t.Errorf("problems: %+v", b.problems())
		}
	})
}

func TestWhatWasStoredForRealWaitsInShadowMode(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		b := startBeside(t)
		id := b.CT.PlaceOrder(simpleOrder("A-1"))
		b.quiet()
		left := ledger.Deferred{Flow: outcome.Export, Type: "OrderStateChanged", Order: id, EventID: "left behind", Body: []byte(message(id))}
		if err := b.store.Defer(t.Context(), left, 0); err != nil {
			t.Fatal(err)
		}
		b.eventually("it was looked at", func() bool { return strings.Contains(b.store.only(t).Reason, "stored before shadow mode") })
		b.restart(hasty())
		b.empty(b.store)
		if last := b.last(id); last.Kind != outcome.Unchanged && last.Kind != outcome.Applied {
			t.Errorf("handled for real as %s", last.Kind)
		}
		mustBeOne(t, b.FFT.OrdersOf(id), "handled by both")
	})
}

func TestComparingInShadowModeRepairsNothing(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		b := startBeside(t)
		b.other.closed.Store(true)
		b.CT.PlaceOrder(simpleOrder("A-1"))
		time.Sleep(100 * time.Millisecond)
		order, err := b.connector.Commercetools.SnapshotByNumber(t.Context(), "A-1")
		if err != nil {
			t.Fatal(err)
		}
		finding, err := b.connector.Reconciler.RepairOrder(t.Context(), order, reconcile.BySync)
		if err != nil || finding == nil || finding.Repaired || !strings.Contains(finding.Problem, "shadow mode") {
			t.Errorf("%+v %v", finding, err)
		}
		if ready := b.readyBody(); !strings.Contains(ready, "shadow") {
			t.Errorf("/readyz: %s", ready)
		}
		if len(b.FFT.Orders()) > 0 {
			t.Error("the order was exported")
		}
		b.mustNotHaveWritten()
		b.other.closed.Store(false)
		b.quiet()
	})
}

func TestWithoutAStoreShadowModeComparesAtOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := quick()
		options.KeepBodies = true
		r := newRig(t, rigOptions{world: options, env: shadowed("DATABASE_URL", "none"), bare: true})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.answered("/event", message(id), http.StatusOK, "shadowed")
		if last := r.last(id); !strings.Contains(last.Reason, "order (only ours") {
			t.Errorf("%s", last.Reason)
		}
		(&besides{rig: r}).mustNotHaveWritten()
	})
}

func TestWhatShadowModeFindsIsNoErrorInTheLog(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), env: shadowed("DATABASE_URL", "none"), bare: true})
		r.CT.PlaceOrder(simpleOrder("A-1"))
		if findings := r.compared(); len(findings) != 1 || findings[0].Repaired {
			t.Fatalf("%+v", findings)
		}
		if logs := r.logs.String(); !strings.Contains(logs, "platforms differed") || strings.Contains(logs, `"level":"ERROR"`) {
			t.Errorf("%s", logs)
		}
	})
}

func TestTheGuardStopsAForgottenWrite(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := quick()
		options.KeepBodies = true
		r := newRig(t, rigOptions{world: options, env: shadowed("DATABASE_URL", "none"), bare: true})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		order, err := r.connector.Commercetools.Snapshot(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.connector.Commercetools.UpdateOrder(t.Context(), order, nil); err == nil || !strings.Contains(err.Error(), "shadow mode") {
			t.Errorf("an update: %v", err)
		}
		if _, err := r.connector.Fulfillmenttools.CancelOrder(t.Context(), "x", 1, false); err == nil || !strings.Contains(err.Error(), "shadow mode") {
			t.Errorf("a cancellation: %v", err)
		}
		if !strings.Contains(r.logs.String(), "shadow mode kept a call back") {
			t.Error("the log does not tell")
		}
		(&besides{rig: r}).mustNotHaveWritten()
	})
}

func (b *besides) readyBody() string {
	b.t.Helper()
	_, text := b.get("/readyz")
	return text
}

// entitled gives the order's line a name in one language only.
func entitled(draft map[string]any, language, name string) map[string]any {
	draft["lineItems"].([]any)[0].(map[string]any)["name"] = map[string]any{language: name}
	return draft
}

// unguarded installs as the command does.
func (b *besides) unguarded() setup.Installer {
	b.t.Helper()
	ct, fft, err := platforms.Clients(b.env, "install", b.overTheNetwork(), platforms.Guards{})
	if err != nil {
		b.t.Fatal(err)
	}
	installer := b.installer()
	installer.Commercetools, installer.Fulfillmenttools = ct, fft
	return installer
}
