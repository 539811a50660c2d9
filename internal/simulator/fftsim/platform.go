package fftsim

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fftconnect/internal/simulator"
)

// Pace is how long an order stays in each stage. With zero the next stage follows
// at once, in a goroutine of its own.
type Pace struct {
	Routing  time.Duration // until the pick job exists
	Picking  time.Duration // until it is picked; it is begun halfway
	Packing  time.Duration // until the handover job exists
	Handover time.Duration // until it is handed over
	Straggle time.Duration // how much later than the one before each further part of a split order begins
	Delivery time.Duration // until the carrier has delivered a parcel; with zero nothing is heard of it
	Manual   bool          // nothing moves by itself, only by Step and StepPickJob
}

// Options configure a Platform; the zero value is a working project.
type Options struct {
	ProjectID      string            // "demo" when empty
	APIKey         string            // "demo-api-key" when empty
	User, Password string            // "connector@demo.example" and "demo-password" when empty
	Clock          simulator.Clock   // the machine's when nil
	Faults         *simulator.Faults // an own one when nil, for the control interface
	Log            *simulator.Log    // none when nil
	Client         *http.Client      // delivers events; an own one when nil
	TokenTTL       time.Duration     // 1 h when zero
	Seed           uint64            // of ids and of the number of load units
	// ListLag is how long lists, filters and searches miss what was created or
	// changed. Reading an entity by id never lags.
	ListLag          time.Duration
	AllowSecondOrder bool // a tenantOrderId may be used although an order with it is open
	Pace             Pace
	SplitEvery       int  // every n-th order gets two pick jobs; 0: none
	ParcelsEvery     int  // each pick job of every n-th order gets two parcels and handover jobs; 0: none
	LoadUnits        int  // of every pick job; 0: one to three at random
	Parcels          int  // of every pick job that is shipped, each with a handover job; 0: one
	OneHandover      bool // all parcels of a pick job have one handover job, which names the first
	BareJobs         bool // handover jobs, parcels and return jobs carry no custom attributes
	Erase            bool // old orders are anonymised, and later deleted
	Facilities       []Facility
	StrictFacilities bool                            // an order that names an unknown facility is refused
	FixedLines       bool                            // lines and wanted times of orders must not change (tenant's configuration)
	NoModification   bool                            // the user lacks the permissions to change orders
	WebhookBackoff   func(attempt int) time.Duration // 20 s growing to 600 s when nil
}

// Facility is one that exists from the start.
type Facility struct{ ID, TenantFacilityID, Name string }

// Platform is one simulated project. Its methods are safe for concurrent use.
type Platform struct {
	opts    Options
	clock   simulator.Clock
	courier *simulator.Courier
	handler http.Handler
	bodyRules
	identity  *identity
	apiCalls  atomic.Int64
	signIns   atomic.Int64
	webhooks  atomic.Int64 // attempts
	transport *http.Transport

	mu            sync.RWMutex
	closed        bool
	working       sync.WaitGroup
	random        *rand.Rand
	pace          Pace
	flows         map[string]*flow    // by order id
	byTenant      map[string][]string // order ids by tenantOrderId
	byCommerce    map[string][]string // order ids by customAttributes.commercetoolsId
	orders        *entityStore[order]
	pickJobs      *entityStore[pickJob]
	handoverJobs  *entityStore[handoverJob]
	loadUnits     *entityStore[loadUnit]
	shipments     *entityStore[shipment]
	parcels       *entityStore[parcel]
	processes     *entityStore[process]
	returnJobs    *entityStore[itemReturnJob]
	permitted     []string // permissions of the user; nil: all
	facilities    *entityStore[facility]
	tags          *entityStore[tag]
	reasons       *entityStore[cancelationReason]
	subscriptions []Subscription
	watchers      []func(event, orderID string, body []byte)

	modificationVersion int64 // of the configuration of changes
}

// bodyRules are those of the request bodies.
type bodyRules struct {
	orderRule, modificationRule, actionRule, searchRule, subscriptionRule rule
	facilityRule, facilityPatchRule, tagRule, tagPatchRule, reasonRule    rule
}

func newBodyRules() bodyRules {
	return bodyRules{
		orderRule: orderRules(), modificationRule: modificationRules(), actionRule: actionRules(), searchRule: searchRules(), subscriptionRule: subscriptionRules(),
		facilityRule: facilityCreationRules(), facilityPatchRule: facilityPatchRules(),
		tagRule: tagRules(), tagPatchRule: tagPatchRules(), reasonRule: reasonRules(),
	}
}

// New starts a project. It needs Close when it is no longer used.
func New(opts Options) *Platform {
	opts = withDefaults(opts)
	p := &Platform{
		opts: opts, clock: opts.Clock, bodyRules: newBodyRules(), pace: opts.Pace,
		random: rand.New(rand.NewPCG(opts.Seed, 0xff7)),
		flows:  map[string]*flow{}, byTenant: map[string][]string{}, byCommerce: map[string][]string{},
		orders: newShelf[order](opts.ListLag), pickJobs: newShelf[pickJob](opts.ListLag),
		handoverJobs: newShelf[handoverJob](opts.ListLag), loadUnits: newShelf[loadUnit](opts.ListLag),
		shipments: newShelf[shipment](opts.ListLag), parcels: newShelf[parcel](opts.ListLag),
		processes: newShelf[process](opts.ListLag), facilities: newShelf[facility](opts.ListLag),
		returnJobs: newShelf[itemReturnJob](opts.ListLag),
		tags:       newShelf[tag](opts.ListLag), reasons: newShelf[cancelationReason](opts.ListLag),
	}
	p.identity = newIdentity(opts, p.uuid)
	p.courier = simulator.NewCourier(simulator.CourierOptions{
		Client: p.webhookClient(), Clock: opts.Clock, Backoff: opts.WebhookBackoff, Seed: opts.Seed,
		Accept: func(status int) bool { return status == http.StatusOK },
	})
	p.seedFacilities()
	p.handler = p.routes()
	return p
}

func withDefaults(opts Options) Options {
	opts.ProjectID = cmp.Or(opts.ProjectID, "demo")
	opts.APIKey = cmp.Or(opts.APIKey, "demo-api-key")
	opts.User = cmp.Or(opts.User, "connector@demo.example")
	opts.Password = cmp.Or(opts.Password, "demo-password")
	opts.TokenTTL = cmp.Or(opts.TokenTTL, time.Hour)
	if opts.Clock == nil {
		opts.Clock = simulator.RealClock()
	}
	if opts.Faults == nil {
		opts.Faults = simulator.NewFaults(opts.Seed)
	}
	if opts.WebhookBackoff == nil {
		opts.WebhookBackoff = backoff
	}
	if len(opts.Facilities) == 0 {
		opts.Facilities = []Facility{
			{"fac-cologne", "store-cologne", "Store Cologne"},
			{"fac-berlin", "store-berlin", "Store Berlin"},
			{"fac-munich", "store-munich", "Store Munich"},
		}
	}
	opts.Facilities = slices.Clone(opts.Facilities)
	return opts
}

// backoff doubles from 20 s at the second attempt up to 600 s.
func backoff(attempt int) time.Duration {
	return min(20*time.Second<<min(max(attempt-2, 0), 5), 600*time.Second)
}

// webhookClient counts attempts and keeps as many connections as the courier uses.
func (p *Platform) webhookClient() *http.Client {
	client := http.Client{}
	if p.opts.Client != nil {
		client = *p.opts.Client
	} else {
		p.transport = http.DefaultTransport.(*http.Transport).Clone()
		p.transport.MaxIdleConnsPerHost = 64
		client.Transport = p.transport
	}
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		p.webhooks.Add(1)
		return next.RoundTrip(r)
	})
	return &client
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Handler serves the project's API below /api/, the identity hosts below /v1/ and
// the control interface below simulator.ControlPrefix.
func (p *Platform) Handler() http.Handler { return p.handler }

// Courier delivers the project's events.
func (p *Platform) Courier() *simulator.Courier { return p.courier }

// SetPace changes how long orders stay in the stages they enter from now on.
func (p *Platform) SetPace(pace Pace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pace = pace
}

// Close stops every order and drops events that are not yet delivered.
func (p *Platform) Close() {
	p.mu.Lock()
	p.closed = true
	for _, f := range p.flows {
		f.halt()
	}
	p.mu.Unlock()
	p.working.Wait()
	p.courier.Close()
	if p.transport != nil {
		p.transport.CloseIdleConnections()
	}
}
