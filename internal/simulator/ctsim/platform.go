package ctsim

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"fftconnect/internal/simulator"
)

// Options configure a Platform. The zero value is usable.
type Options struct {
	ProjectKey   string // "demo" when empty
	ClientID     string // "demo-client" when empty
	ClientSecret string // "demo-secret" when empty
	Clock        simulator.Clock
	Faults       *simulator.Faults
	Log          *simulator.Log
	Client       *http.Client  // makes the pushes of RoutePush
	TokenTTL     time.Duration // 48 h when zero
	Languages    []string      // en, de when empty
	Countries    []string      // DE, US when empty
	Currencies   []string      // EUR, USD when empty
	Seed         uint64        // same seed, same ids and same disorder
	// QueryLag is how far queries lag behind writes; reads by id or key never do.
	QueryLag time.Duration
	// RequireScopes makes a token carry the scopes it was requested with and
	// refuses calls that none of them allows.
	RequireScopes bool
	// PushBackoff is the wait before attempt n of a push, n being 2 for the first
	// repetition; 10 s doubling up to 600 s when nil.
	PushBackoff func(attempt int) time.Duration
	// PayloadLimit is the size in bytes above which a message is sent without its
	// payload; 0: none.
	PayloadLimit int
}

func (o Options) withDefaults() Options {
	setDefault(&o.ProjectKey, "demo")
	setDefault(&o.ClientID, "demo-client")
	setDefault(&o.ClientSecret, "demo-secret")
	if o.Clock == nil {
		o.Clock = simulator.RealClock()
	}
	if o.Client == nil {
		o.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	}
	if o.TokenTTL == 0 {
		o.TokenTTL = 48 * time.Hour
	}
	if o.PushBackoff == nil {
		o.PushBackoff = doubling
	}
	if len(o.Languages) == 0 {
		o.Languages = []string{"en", "de"}
	}
	if len(o.Countries) == 0 {
		o.Countries = []string{"DE", "US"}
	}
	if len(o.Currencies) == 0 {
		o.Currencies = []string{"EUR", "USD"}
	}
	return o
}

func setDefault(text *string, value string) {
	if *text == "" {
		*text = value
	}
}

func doubling(attempt int) time.Duration {
	return min(10*time.Second<<min(attempt-2, 10), 600*time.Second)
}

// ForeignClientID is the API client that PlaceOrder and Edit act as.
const ForeignClientID = "storefront-client"

// Platform is a simulated commercetools project. It is safe for concurrent use.
type Platform struct {
	opts    Options
	handler http.Handler
	ids     *idSource
	courier *simulator.Courier
	auth    *authority
	calls   callCounter

	mu          sync.Mutex
	collections map[string]*collection // by path segment
	orders      *collection
	project     *storedResource
	definitions map[string]definitions // by type id
	subscribers []*subscriber          // replaced, never changed
	watchers    []func(string, Revision)
	routes      map[string]route
	undelivered []Undelivered
	retained    map[string][]notification // by subscription id
}

// New makes a platform with an empty project. It needs Close.
func New(opts Options) *Platform {
	opts = opts.withDefaults()
	p := &Platform{
		opts: opts, ids: newIDSource(opts.Seed, 0x1d),
		auth:        newAuthority(opts),
		collections: map[string]*collection{},
		definitions: map[string]definitions{},
		routes:      map[string]route{},
		retained:    map[string][]notification{},
	}
	for _, k := range kinds() {
		p.collections[k.path] = newCollection(k, opts.QueryLag)
	}
	p.orders = p.collections["orders"]
	p.courier = simulator.NewCourier(simulator.CourierOptions{
		Client: pushClient(opts.Client), Clock: opts.Clock, Seed: opts.Seed,
		Accept: acceptedByPubSub, Backoff: opts.PushBackoff,
	})
	p.project = p.newProject()
	p.PutState(map[string]any{"key": "Initial", "type": "LineItemState", "initial": true, "builtIn": true})
	p.handler = p.newHandler()
	return p
}

// Handler serves the OAuth endpoint, the project's API and, below
// simulator.ControlPrefix, the control interface.
func (p *Platform) Handler() http.Handler { return p.handler }

// Close stops delivering notifications.
func (p *Platform) Close() { p.courier.Close() }

// Courier delivers the notifications of every routed destination.
func (p *Platform) Courier() *simulator.Courier { return p.courier }

// RevokeTokens makes every token issued so far invalid.
func (p *Platform) RevokeTokens() { p.auth.revokeAll() }

// OnChange has f told of every new version of every order, after the change and
// outside locks. Versions of one order may be told out of order when they are
// made concurrently.
func (p *Platform) OnChange(f func(orderID string, r Revision)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchers = append(slices.Clip(p.watchers), f)
}

func (p *Platform) collectionOf(typeID string) *collection {
	for _, c := range p.collections {
		if c.kind.typeID == typeID {
			return c
		}
	}
	return nil
}

const timeLayout = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) string { return t.UTC().Format(timeLayout) }
