// Package connector wires the parts together and runs them: the only package that
// knows everyone.
package connector

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/console"
	"fftconnect/internal/export"
	"fftconnect/internal/facilities"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/notify"
	"fftconnect/internal/orders"
	"fftconnect/internal/outcome"
	"fftconnect/internal/platforms"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
	"fftconnect/internal/setup"
	"fftconnect/internal/shadow"
	"fftconnect/internal/shop"
	"fftconnect/internal/telemetry"
	"fftconnect/internal/tracing"
)

// Options make a Connector.
type Options struct {
	Environment config.Environment
	Version     string
	Logger      *slog.Logger        // discards when nil
	Base        http.RoundTripper   // sends to the platforms; a pooling transport when nil
	Watch       func(outcome.Entry) // told how every message ended; may be nil
	Store       Store               // nil: none. Whoever opened it closes it
	// Settings are those in force, for the console; nil: it does not show them.
	Settings func() []config.EffectiveSetting
	// Pages are both platforms' own pages; nil: those that the environment leads to.
	Pages *console.Pages
	// Tracer follows messages and their calls; nil: nothing is traced.
	Tracer *tracing.Tracer
	// Dial opens connections to mail servers; the usual when nil.
	Dial notify.Dial
}

// Connector is the whole, ready to run. Making one makes no call.
type Connector struct {
	Commercetools    *commercetools.Client
	Fulfillmenttools *fulfillmenttools.Client
	Telemetry        *telemetry.Telemetry
	Reconciler       *reconcile.Reconciler
	Exporter         *export.Exporter
	Orders           *orders.Orders
	Facilities       *facilities.Syncer
	Public           http.Handler // POST /event, POST /service, POST /job
	env              config.Environment
	version          string
	logger           *slog.Logger
	admin            *admin
	store            Store
	unread           ledger.Unreadables // what could not be read, without a store
	intake           *intake.Server
	shop             *shop.Shop
	objectClaims     *claim.Objects // nil unless replicas agree through commercetools
	jobRunning       atomic.Bool
	channelsAt       atomic.Pointer[time.Time]    // until when this replica compared channels
	jobCalled        atomic.Pointer[time.Time]    // latest
	upkept           atomic.Pointer[upkeepReport] // by this replica
	copies           *shadow.Orders               // nil unless in shadow mode
	pauses           pauses
	console          *console.Console
	base             http.RoundTripper
	tracer           *tracing.Tracer
	notifications    *notifications // nil: nobody is told
	started          time.Time
	visitedAt        atomic.Pointer[time.Time] // when due visits last went through, here
}

// New wires everything, in the order in which the parts depend on each other.
func New(opts Options) (*Connector, error) {
	env := opts.Environment
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Base == nil {
		opts.Base = platforms.Transport()
	}
	c := &Connector{env: env, version: opts.Version, logger: opts.Logger, store: nilIfEmpty(opts.Store), base: opts.Base, tracer: opts.Tracer, started: time.Now()}
	c.Telemetry = telemetry.New(opts.Logger, opts.Version, c.withJournal(opts.Watch))
	state := c.newPlatformState()

	var err error
	if c.Commercetools, c.Fulfillmenttools, err = platforms.Clients(env, opts.Version, c.guardTransport(opts.Base), platforms.Guards{
		Observe: c.Telemetry.Call, Health: state.health, Circuits: state.circuits, Tracer: c.tracer,
	}); err != nil {
		return nil, err
	}
	surroundings := shop.New(c.Commercetools, shop.Options{TTL: env.CacheTTL, Settings: env.Shop, Memory: c.configurationMemory(), Refused: c.logConfigurationProblem})
	c.shop = surroundings
	var updater *feedback.Updater
	exporter := export.New(export.Options{
		Source: c.Commercetools, Target: c.Fulfillmenttools, Shop: surroundings, Claims: c.newClaims(),
		ListLag: env.Fulfillmenttools.ListLag, ForceCancel: env.Fulfillmenttools.ForceCancel,
		ProjectKey: env.Commercetools.ProjectKey, Doubled: c.reportDoubled, Modifier: c.Fulfillmenttools, Memory: c.sentValuesStore(),
		ChangeRefused: func(ctx context.Context, orderID string, refused bool) error {
			return c.showChangeRefused(ctx, updater, orderID, refused)
		},
		Seen: func(order commercetools.Snapshot) { updater.Seen(order) },
	})
	c.Exporter = exporter
	orders, counterparts := c.feedbackTargets(exporter)
	updater = feedback.New(feedback.Options{
		ProjectKey: env.Commercetools.ProjectKey, Orders: orders, Fulfilment: c.Fulfillmenttools,
		Schemas: surroundings, Counterparts: counterparts, Rules: surroundings.FeedbackRules, LinesStay: surroundings.ExcludesLines, FieldNames: feedback.FieldNames(env.Fulfillmenttools.FieldNames),
		ListLag: env.Fulfillmenttools.ListLag,
	})
	c.Reconciler = reconcile.New(reconcile.Options{
		Orders: c.Commercetools, Exporter: exporter, Updater: updater, Open: c.openOrderStore(), Rounds: c.rounds(), Tracks: c.followsCarriers, Resends: c.resendsCancelled, FacilityName: c.facilityName,
		RevisitAfter: env.Revisit.After, RevisitFor: env.Revisit.For, ShippedFor: env.Revisit.ShippedFor,
		LateAfter: reconcile.Thresholds(env.Late),
		Rate:      float64(env.ReconcileRate), Skip: disabledReconciliations(env), Publish: c.reportFinding, Agreed: c.Telemetry.Forget, ReportOnly: env.Shadow,
	})
	for _, kind := range reconcile.Kinds {
		c.Telemetry.Expect(string(kind))
	}
	c.Orders = c.newOrders()
	c.Facilities = c.newFacilitySyncer(surroundings)
	c.intake = intake.New(c.withShadow(c.withChannelSync(c.intakeOptions(exporter, updater)), exporter))
	c.Public = c.intake
	for _, flow := range outcome.Flows {
		for _, name := range intake.MessageTypes(flow) {
			c.Telemetry.ExpectMessage(flow, name)
		}
	}
	c.zeroDifferenceCounts()
	if c.store != nil {
		c.scheduleVisitsMetric(time.Now())
	} else {
		c.Telemetry.SetReconcileInterval(jobExpected)
	}
	c.admin = newAdmin(c.Telemetry, state.health, opts.Version, c.lastUpkeep)
	c.admin.wrong, c.admin.problems = surroundings.ConfigurationError, c.rememberedProblems
	c.admin.store = c.storeTroubles
	if c.store == nil {
		c.mountUnreadables(c.admin.mux)
	}
	c.admin.fleeting = c.whyStoreIsTemporary()
	c.admin.shadow, c.admin.open = env.Shadow, env.Event.Auth == config.EventAuthNone
	c.console = c.newConsole(opts, state)
	c.admin.mountConsole(c.console)
	c.admin.paused = c.pausedFlows
	facts := telemetry.State{
		Late: c.countLate, Paused: c.pausedFlows, Queue: c.queueDepth(), Installation: c.installationState, Blocked: state.health.Blocked, Circuits: state.circuits,
	}
	c.Telemetry.Watch(facts)
	c.notifications = c.newNotifications(opts, facts)
	return c, nil
}

// newClaims are rows of the store, or custom objects in commercetools, or in memory.
func (c *Connector) newClaims() *claim.Claims {
	lag := c.env.Fulfillmenttools.ListLag
	switch {
	case c.env.Shadow: // nobody must take an order for exported later
		return claim.New(claim.NewMemory(lag, nil), lag, nil)
	case c.store != nil:
		return claim.New(c.store, lag, nil)
	case c.env.DatabaseURL == config.NoDatabase && c.env.ExportClaim:
		c.objectClaims = claim.NewObjects(c.Commercetools, lag, nil)
		return claim.New(c.objectClaims, lag, nil)
	default:
		return claim.New(claim.NewMemory(lag, nil), lag, nil)
	}
}

// withJournal adds the journal to whoever watches.
func (c *Connector) withJournal(watch func(outcome.Entry)) func(outcome.Entry) {
	if c.store == nil {
		return watch
	}
	return func(entry outcome.Entry) {
		if entry.Found || !entry.Stranger { // strangers must not fill the store
			c.store.RecordAttempt(entry, max(entry.Attempt, 1))
		}
		if watch != nil {
			watch(entry)
		}
	}
}

// disabledReconciliations are the differences whose direction is switched off.
func disabledReconciliations(env config.Environment) (kinds []reconcile.Kind) {
	if !env.Features.OrderSync {
		kinds = append(kinds, reconcile.Missing, reconcile.Alive, reconcile.Held, reconcile.Double, reconcile.Revoked, reconcile.Changed)
	}
	if !env.Features.StatusUpdates {
		kinds = append(kinds, reconcile.Behind)
	}
	return kinds
}

// reportDoubled makes an order known that exists twice in fulfillmenttools.
func (c *Connector) reportDoubled(d export.Double) {
	c.Telemetry.CountDouble(d.Cancelled)
	c.logger.Error("an order exists twice in fulfillmenttools", "order", d.OrderID, "kept", d.Kept, "other", d.Other, "cancelled", d.Cancelled)
}

// platformState is what is known of the platforms.
type platformState struct {
	health   *remote.Health
	circuits map[string]*remote.Circuit
}

func (c *Connector) newPlatformState() platformState {
	circuit := func(platform string) *remote.Circuit {
		return remote.NewCircuit(func(to remote.CircuitState) {
			c.logger.Warn("circuit changed", "platform", platform, "state", to)
		})
	}
	return platformState{health: &remote.Health{}, circuits: map[string]*remote.Circuit{
		commercetools.Platform: circuit(commercetools.Platform), fulfillmenttools.Platform: circuit(fulfillmenttools.Platform),
	}}
}

// queueDepth is nil without a store.
func (c *Connector) queueDepth() func(ctx context.Context) (telemetry.Queue, error) {
	if c.store == nil {
		return nil
	}
	return func(ctx context.Context) (telemetry.Queue, error) {
		depth, err := c.store.CountStored(ctx)
		return telemetry.Queue{
			Unwritable: c.store.Ping(ctx) != nil, Deferred: depth.Deferred, Dead: depth.Dead, Oldest: depth.OldestDeferred, JournalDropped: c.store.JournalDropped(),
		}, err
	}
}

// installationState is what telemetry shows of how upkeep left the installation.
func (c *Connector) installationState(ctx context.Context) telemetry.Installation {
	now := c.lastUpkeep(ctx)
	return telemetry.Installation{Problems: len(now.Problems), TokenExpires: now.TokenExpires, TokenLife: c.env.Token.Lifetime}
}

// Installer installs this connector's deployment.
func (c *Connector) Installer() setup.Installer {
	return setup.Installer{
		Commercetools: c.Commercetools, Fulfillmenttools: c.Fulfillmenttools,
		Environment: c.env, Token: intake.TokenOf(c.env), Now: time.Now,
	}
}

func (c *Connector) intakeOptions(exporter *export.Exporter, updater *feedback.Updater) intake.Options {
	token := intake.TokenOf(c.env)
	opts := intake.Options{
		ProjectKey: c.env.Commercetools.ProjectKey, Recorder: &callerTokens{Telemetry: c.Telemetry, store: c.store}, Rules: c.exportRules,
		Timeout: c.env.HandleTimeout, MaxInFlight: c.env.MaxInFlight,
		EventCaller: intake.Bearer(token), JobCaller: intake.Bearer(token.ForEndpoint(intake.JobPath)), Strangers: float64(c.env.Event.Rate), Job: c.runScheduled, Prove: token.AnswerProbe,
		Waits: c.waitsForCorrection, Compare: c.reconcileOrder, Paused: c.isPaused, Keeper: &c.unread, Tracer: c.tracer,
	}
	if c.store != nil {
		opts.Keeper = c.store
	}
	if c.env.Features.OrderSync {
		opts.Exporter = exporter
	}
	if c.env.Features.StatusUpdates {
		opts.Updater = updater
	}
	switch c.env.Event.Auth {
	case config.EventAuthNone:
		opts.MessageCaller = intake.Anybody(intake.BearerOrQuery(token.ForEndpoint(intake.EventPath)))
		opts.JobCaller = intake.Anybody(opts.JobCaller)
	case config.EventAuthOIDC:
		client := &http.Client{Timeout: 5 * time.Second}
		opts.MessageCaller = intake.OIDC(client, c.env.Event.OIDCIssuer, c.env.Event.OIDCAudience, c.env.Event.OIDCEmail)
	default:
		opts.MessageCaller = intake.BearerOrQuery(token.ForEndpoint(intake.EventPath))
	}
	return opts
}

// exportRules are the shop's.
func (c *Connector) exportRules(ctx context.Context) (config.ExportRules, error) {
	settings, err := c.shop.Configuration(ctx)
	return settings.Export, err
}
