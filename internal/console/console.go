// Package console is the pages for operators on the admin listener: what an order is waiting
// for, what needs attention, how the connector is doing, and the buttons to put things right.
// It is server-rendered and works without JavaScript; static/live.js only reloads pages that
// show progress.
//
//	console.go    what it is made of, and its routes
//	render.go     templates, answers, errors
//	access.go     who may look, and who may act
//	signin.go     sign-in at an OpenID Connect provider
//	home.go, search.go, order.go, attention.go, event.go, now.go, settings.go, …
//	              one file a page, its template of the same name in pages/
package console

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/doctor"
	"fftconnect/internal/ledger"
	"fftconnect/internal/orders"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

// Store is what the console shows of the store, and does with it; *durable.Ledger is one.
type Store interface {
	orders.Store
	NamesOf(ctx context.Context, orderID string) ([]ledger.Named, error)
	OrderNumbers(ctx context.Context, ids []string) (map[string]string, error)
	Timeline(ctx context.Context, orderID string) ([]ledger.JournalRow, error)
	OpenOrder(ctx context.Context, id string) (order reconcile.OpenOrder, ok bool, err error)
	OpenOrders(ctx context.Context, filter ledger.OpenOrderFilter) ([]reconcile.OpenOrder, error)
	CountLate(ctx context.Context) (late map[reconcile.Late]int, open int, err error)
	Events(ctx context.Context, filter ledger.Filter) ([]ledger.Event, error)
	Event(ctx context.Context, id int64) (event ledger.Event, ok bool, err error)
	Count(ctx context.Context, filter ledger.Filter) (int, error)
	Causes(ctx context.Context) ([]ledger.Cause, error)
	CountByHour(ctx context.Context, since time.Time) (counts []ledger.HourCount, from time.Time, err error)
	CountStored(ctx context.Context) (ledger.StoredCounts, error)
	BeginRetry(ctx context.Context, what string, planned int) (id int64, err error)
	RetryTogether(ctx context.Context, run int64, filter ledger.Filter) (int, error)
	RetryRun(ctx context.Context, id int64) (run ledger.RetryRun, ok bool, err error)
	Discard(ctx context.Context, filter ledger.Filter) (int, error)
	RecordAttempt(entry outcome.Entry, attempt int)
}

// Options make a Console.
type Options struct {
	Version string
	Admin   config.Admin
	Secret  []byte // signs the cookies of who has signed in
	Store   Store  // nil: none
	Orders  *orders.Orders
	Status  func(context.Context) Status
	// Pause keeps a direction's messages with their senders until Resume; nil: that takes a
	// store.
	Pause   func(ctx context.Context, flow outcome.Flow, by, why string) error
	Resume  func(ctx context.Context, flow outcome.Flow) error
	Examine func(ctx context.Context) []doctor.Finding
	// Settings are those in force; nil: not known.
	Settings func() []config.EffectiveSetting
	// CheckShop examines the shop's configuration; uncompared is why it could not be compared
	// with the shop's types.
	CheckShop func(ctx context.Context) (report config.ShopReport, uncompared, err error)
	Explain   func(ctx context.Context, orderID string) (Explained, error)
	TestEvent func(ctx context.Context) []Tested
	// Notifications are where notifications go; nil: not known.
	Notifications func(ctx context.Context) []Notification
	Pages         Pages
	HTTP          *http.Client // reaches the OpenID Connect provider; one with a timeout when nil
	Logger        *slog.Logger // discards when nil
}

// Pages are both platforms' own pages; an address is empty when it is not known.
type Pages struct {
	Commercetools    func(orderID string) string    // of an order
	Fulfillmenttools func(fftOrderID string) string // of an order, or where to look for one
}

// Console is the handler. It is safe for concurrent use.
type Console struct {
	opts     Options
	access   access
	handler  http.Handler
	pages    func() map[string]*template.Template // parsed when the first is shown
	examined examination
	past     recentCounts
	working  sync.WaitGroup // retries that go on after their request
}

//go:embed static
var static embed.FS

// patience bounds what one page may take; the listener cuts its answer off a little later.
const patience = 12 * time.Second

// New makes a Console.
func New(opts Options) *Console {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.HTTP == nil {
		opts.HTTP = &http.Client{Timeout: 5 * time.Second}
	}
	c := &Console{opts: opts, access: newAccess(opts)}
	c.pages = sync.OnceValue(c.parseTemplates)
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // it is embedded
	}
	inner := http.NewServeMux()
	inner.Handle("GET /static/", http.StripPrefix("/static/", withCaching(http.FileServerFS(files))))
	inner.Handle("GET /sign-in", c.forEverybody(c.signInPage))
	inner.Handle("GET /sign-in/start", http.HandlerFunc(c.signIn))
	inner.Handle("GET /signed-in", http.HandlerFunc(c.completeSignIn))
	inner.Handle("POST /sign-out", http.HandlerFunc(c.signOut))
	for pattern, show := range map[string]page{
		"GET /{$}": c.homePage, "GET /search": c.searchPage, "GET /orders/{id}": c.orderPage,
		"GET /attention": c.attentionPage, "GET /attention/events": c.causePage, "GET /events/{id}": c.eventPage, "GET /retries/{id}": c.retryProgressPage,
		"GET /late": c.latePage, "GET /now": c.nowPage, "GET /settings": c.settingsPage, "GET /mapping": c.mappingPage,
	} {
		inner.Handle(pattern, c.forViewers(show))
	}
	for pattern, do := range map[string]page{
		"POST /orders/{id}/sync": c.syncOrder, "POST /orders/{id}/resend": c.resendOrder,
		"POST /retry/plan": c.planRetryPage, "POST /retry": c.retryEvents, "POST /discard/plan": c.planDiscardPage, "POST /discard": c.discardEvents,
		"POST /events/{id}/body": c.bodyPage, "POST /pause": c.pauseDirection, "POST /resume": c.resumeDirection,
		"POST /doctor": c.doctorPage, "POST /settings/check": c.checkShopPage, "POST /settings/test-event": c.testEventPage,
	} {
		inner.Handle(pattern, c.forOperators(do))
	}
	inner.Handle("/", c.forViewers(func(*http.Request) (answer, error) { return answer{}, errNoPage }))
	c.handler = withSecurityHeaders(http.NewCrossOriginProtection().Handler(inner))
	if base := opts.Admin.BasePath; base != "" {
		c.handler = http.StripPrefix(base, c.handler)
	}
	return c
}

// BasePath is where the console is, without a slash at the end.
func (c *Console) BasePath() string { return c.opts.Admin.BasePath }

// Wait waits for retries that somebody started.
func (c *Console) Wait() { c.working.Wait() }

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// withSecurityHeaders lets a browser load nothing but what is ours, and keep nothing.
func withSecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// withCaching is for files that change with the version only; their addresses name it.
func withCaching(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, max-age=86400")
		next.ServeHTTP(w, r)
	})
}
