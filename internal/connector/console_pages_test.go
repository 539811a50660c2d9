package connector_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/console"
	"fftconnect/internal/doctor"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/ledger/durable/durabletest"
	"fftconnect/internal/orders"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
	"fftconnect/internal/testtime"
)

const (
	orderID     = "11111111-2222-4333-8444-555555555555"
	orderNumber = "A-1001"
)

// desk is a console over a store of its own and two platforms that say what the test wants.
type desk struct {
	t        testing.TB
	store    *durable.Ledger
	console  *console.Console
	opts     console.Options
	ct       *shopFake
	fft      *fulfilmentFake
	paused   []string
	status   console.Status
	remote   string
	host     string
	headers  http.Header
	platform *reconcileFake
}

type setting func(*desk)

func newDesk(t testing.TB, settings ...setting) *desk {
	t.Helper()
	d := &desk{
		t: t, ct: &shopFake{orders: map[string]commercetools.Snapshot{}}, fft: &fulfilmentFake{}, platform: &reconcileFake{},
		remote: "127.0.0.1:4711", host: "127.0.0.1:9090", headers: http.Header{},
	}
	file := filepath.Join(t.TempDir(), "console.db")
	if err := durabletest.WriteEmptySQLite(file); err != nil {
		t.Fatal(err)
	}
	store, err := durable.Open(t.Context(), "sqlite:"+file, durable.Options{ProjectKey: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close(context.Background()) })
	d.store = store
	d.opts = console.Options{
		Version: "test", Admin: config.Admin{Auth: config.AdminAuthLoopback}, Secret: []byte("secret"), Store: store,
		Status: func(context.Context) console.Status { return d.status },
		Pause: func(_ context.Context, flow outcome.Flow, by, why string) error {
			d.paused = append(d.paused, fmt.Sprintf("%s by %s: %s", flow, by, why))
			return nil
		},
		Resume: func(_ context.Context, flow outcome.Flow) error {
			d.paused = append(d.paused, "resume "+string(flow))
			return nil
		},
		Examine: func(context.Context) []doctor.Finding {
			return []doctor.Finding{{Area: "fulfillmenttools", Check: "webhooks", Status: doctor.Fail, Detail: "one is missing", Fix: "fftconnect install"}}
		},
		Settings: func() []config.EffectiveSetting {
			return []config.EffectiveSetting{{Name: "FFT_API_PASSWORD", Value: "••••", From: "file", Meaning: "password"}}
		},
		CheckShop: func(context.Context) (config.ShopReport, error, error) {
			return config.CheckShop([]byte(`{"exprt":{}}`)), nil, nil
		},
		Explain: func(context.Context, string) (console.Explained, error) {
			return console.Explained{Explanation: export.Explanation{Fields: []export.Explained{{Field: "orderLineItems[0].quantity", Value: "2", From: "quantity"}}}}, nil
		},
		TestEvent: func(context.Context) []console.Tested {
			return []console.Tested{{Endpoint: "/service", Answer: "200", Good: true}}
		},
		Pages: console.Pages{
			Commercetools:    func(id string) string { return "https://mc.example/orders/" + id },
			Fulfillmenttools: func(id string) string { return "https://fft.example/" + id },
		},
	}
	for _, set := range settings {
		set(d)
	}
	if d.opts.Orders == nil {
		d.opts.Orders = &orders.Orders{Commercetools: d.ct, Fulfillmenttools: d.fft, Exporter: d.platform, Reconciler: d.platform}
		if d.opts.Store != nil {
			d.opts.Orders.Store = d.opts.Store
		}
	}
	d.console = console.New(d.opts)
	t.Cleanup(d.console.Wait)
	return d
}

func withoutStore(d *desk) { d.opts.Store, d.opts.Pause, d.opts.Resume = nil, nil, nil }

func (d *desk) send(method, target string, form url.Values) *http.Response {
	d.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(d.t.Context(), method, target, body)
	r.RemoteAddr, r.Host = d.remote, d.host
	for name, values := range d.headers {
		r.Header[name] = values
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.Header.Get("Sec-Fetch-Site") == "" {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	w := httptest.NewRecorder()
	d.console.ServeHTTP(w, r)
	return w.Result()
}

// get is a page's text; the status must be as wanted.
func (d *desk) get(target string, status int) string {
	d.t.Helper()
	return d.text(d.send(http.MethodGet, target, nil), target, status)
}

func (d *desk) post(target string, form url.Values, status int) string {
	d.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return d.text(d.send(http.MethodPost, target, form), target, status)
}

// to is where a request leads to.
func (d *desk) to(response *http.Response) string {
	d.t.Helper()
	if response.StatusCode != http.StatusSeeOther {
		d.t.Fatalf("answered %d, want a redirect", response.StatusCode)
	}
	return response.Header.Get("Location")
}

func (d *desk) text(response *http.Response, target string, status int) string {
	d.t.Helper()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if response.StatusCode != status {
		d.t.Fatalf("%s answered %d, want %d:\n%s", target, response.StatusCode, status, text)
	}
	return string(text)
}

func (d *desk) want(page string, texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			d.t.Errorf("the page lacks %q:\n%s", text, mainOf(page))
		}
	}
}

func (d *desk) wantNot(page string, texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if strings.Contains(page, text) {
			d.t.Errorf("the page has %q:\n%s", text, mainOf(page))
		}
	}
}

func mainOf(page string) string {
	_, rest, _ := strings.Cut(page, "<main")
	text, _, _ := strings.Cut(rest, "</main>")
	return text
}

// record puts rows into the journal and waits until they are there.
func (d *desk) record(entries ...outcome.Entry) {
	d.t.Helper()
	for _, entry := range entries {
		d.store.RecordAttempt(entry, 1)
	}
	last := entries[len(entries)-1]
	testtime.Until(d.t, "the journal is written", func() bool {
		rows, err := d.store.Timeline(d.t.Context(), last.Order)
		if err != nil {
			d.t.Fatal(err)
		}
		return slices.ContainsFunc(rows, func(row ledger.JournalRow) bool { return row.EventID == last.EventID })
	})
}

// bury stores dead letters of the same cause.
func (d *desk) bury(n int, reason string, more func(*ledger.Deferred)) {
	d.t.Helper()
	for i := range n {
		id := fmt.Sprintf("aaaaaaaa-bbbb-4ccc-8ddd-%012d", i)
		event := ledger.Deferred{
			Flow: outcome.Export, Type: "OrderStateChanged", Order: id, EventID: reason + id, Body: []byte(`{"secret":"Jane Doe"}`),
			Reason: "order " + id + ": " + reason, Fix: "correct the address", Outcome: outcome.Rejected, ReceivedAt: time.Now(),
		}
		if more != nil {
			more(&event)
		}
		if err := d.store.AddDeadLetter(d.t.Context(), event); err != nil {
			d.t.Fatal(err)
		}
	}
}

// shopFake is commercetools.
type shopFake struct {
	orders map[string]commercetools.Snapshot
	calls  int
	err    error
}

func missing() error {
	return &remote.Error{Platform: commercetools.Platform, Operation: "read order", Kind: remote.NotFound, Status: 404, Message: "none"}
}

func (s *shopFake) Snapshot(_ context.Context, id string) (commercetools.Snapshot, error) {
	s.calls++
	if order, ok := s.orders[id]; ok && s.err == nil {
		return order, nil
	}
	if s.err != nil {
		return commercetools.Snapshot{}, s.err
	}
	return commercetools.Snapshot{}, missing()
}

func (s *shopFake) SnapshotByNumber(ctx context.Context, number string) (commercetools.Snapshot, error) {
	for _, order := range s.orders {
		if order.OrderNumber == number {
			return s.Snapshot(ctx, order.ID)
		}
	}
	return s.Snapshot(ctx, "")
}

func (s *shopFake) OrdersByTrackingNumber(_ context.Context, number string, _ int) (found []commercetools.Snapshot, err error) {
	for _, order := range s.orders {
		for _, shipping := range order.Shipping {
			for _, delivery := range shipping.Deliveries {
				for _, parcel := range delivery.Parcels {
					if parcel.Tracking.ID == number {
						found = append(found, order)
					}
				}
			}
		}
	}
	return found, s.err
}

// fulfilmentFake is fulfillmenttools.
type fulfilmentFake struct {
	orders map[string]fulfillmenttools.Order
	jobs   map[string]fulfillmenttools.Job
}

func (f *fulfilmentFake) Order(_ context.Context, id string) (fulfillmenttools.Order, error) {
	if order, ok := f.orders[id]; ok {
		return order, nil
	}
	return fulfillmenttools.Order{}, missing()
}

func (f *fulfilmentFake) OrdersByTenantOrderID(_ context.Context, name string) (rows []fulfillmenttools.Order, err error) {
	for _, order := range f.orders {
		if order.TenantOrderID == name {
			rows = append(rows, order)
		}
	}
	return rows, nil
}

func (f *fulfilmentFake) PickJob(_ context.Context, id string) (fulfillmenttools.Job, error) {
	if job, ok := f.jobs[id]; ok {
		return job, nil
	}
	return fulfillmenttools.Job{}, missing()
}

func (f *fulfilmentFake) HandoverJob(context.Context, string) (fulfillmenttools.Job, error) {
	return fulfillmenttools.Job{}, missing()
}

func (f *fulfilmentFake) PickJobsByShortID(_ context.Context, short string) (found []fulfillmenttools.Job, err error) {
	for _, job := range f.jobs {
		if job.ShortID == short {
			found = append(found, job)
		}
	}
	return found, nil
}

// reconcileFake compares, and exports again.
type reconcileFake struct {
	report reconcile.Report
	did    []string
}

func (f *reconcileFake) Report(ctx context.Context, order commercetools.Snapshot, dryRun bool) (reconcile.Report, error) {
	f.did = append(f.did, fmt.Sprintf("%sreport %s dry=%v", ledger.By(ctx), order.OrderNumber, dryRun))
	return f.report, nil
}

func (f *reconcileFake) DecisionNow(context.Context, string) (export.Decision, error) {
	return export.Decision{Verdict: export.Leave, Reason: "export.when is false"}, nil
}

func (f *reconcileFake) Resend(_ context.Context, id string) (outcome.Result, error) {
	f.did = append(f.did, "resend "+id)
	return outcome.Result{Kind: outcome.Applied, Order: id, Reason: "exported"}, nil
}
