// Package demo shows the whole connector at work: it starts both simulated
// platforms and the connector in one process, places orders, and follows each of
// them to its end.
//
//	demo.go      the run, from start to verdict
//	storm.go     everything that goes wrong on purpose
//	branches.go  channels that become facilities
//	tracker.go   how far each order is, and how long each step took
//	progress.go  the live table
//	summary.go   the report at the end
//	keep.go      what stays up afterwards, and how commands reach it
package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/facilities"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

// Options say what to show.
type Options struct {
	Orders   int     // how many to place
	Rate     float64 // orders placed a second
	Storm    bool    // faults on both platforms, doubled and shuffled webhooks, foreign edits
	Keep     bool    // stay up afterwards until ctx ends
	JSON     bool    // only the summary, as JSON
	Seed     uint64
	Out      io.Writer
	Terminal bool // Out redraws
	Version  string
	Logger   *slog.Logger
}

// ErrIncomplete says that an order which should have arrived did not, or not
// exactly once.
var ErrIncomplete = errors.New("not every order ended as it should")

// patience is how long nothing may happen before the demo gives up on what is left.
const patience = 45 * time.Second

// Run plays the demo. It returns ErrIncomplete when the verdict is bad, and the
// context's error when it was interrupted.
func Run(ctx context.Context, opts Options) error {
	started := time.Now()
	w, err := world.Start(worldOptions(opts))
	if err != nil {
		return err
	}
	defer w.Close()
	tracker := newTracker(w)

	on, err := listeners()
	if err != nil {
		return err
	}
	publicURL, adminURL := "http://"+on.Public.Addr().String(), "http://"+on.Admin.Addr().String()
	folder, err := os.MkdirTemp("", "fftconnect-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	settings := settingsOf(w, publicURL, on.Admin.Addr().String(), filepath.Join(folder, "fftconnect.db"))
	env, err := config.Load(settings.lookup, config.NeedPublicURL|config.NeedDestination)
	if err != nil {
		return err
	}
	logger := opts.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	store, err := durable.Open(ctx, env.DatabaseURL.Reveal(), durable.Options{
		Logger: logger, ProjectKey: env.Commercetools.ProjectKey, Poll: 200 * time.Millisecond, Retry: retrySoon,
	})
	if err != nil {
		return err
	}
	defer store.Close(context.WithoutCancel(ctx))
	c, err := connector.New(connector.Options{
		Environment: env, Version: opts.Version, Logger: logger, Watch: tracker.handled, Store: store,
		Settings: func() []config.EffectiveSetting { return config.Effective(settings.lookup) }, Pages: pagesOf(w),
	})
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan error, 1)
	go func() { stopped <- c.Run(serving, on) }()
	defer func() { stop(); <-stopped }()

	screen := newScreen(opts)
	screen.say("Simulated commercetools     %s", w.CTURL)
	screen.say("Simulated fulfillmenttools  %s", w.FFTURL)
	screen.say("fftconnect                  %s", publicURL)
	screen.say("")
	if err := install(ctx, c, env, w, publicURL, screen); err != nil {
		return err
	}
	w.CTLog.Reset()
	w.FFTLog.Reset()
	calm := func() {}
	if opts.Storm {
		calm = storm(ctx, w, opts.Seed)
	}
	defer calm()
	shop := &branches{world: w, shown: env.Features.ChannelSync}
	if err := place(ctx, w, tracker, shop, opts, screen); err != nil {
		return err
	}
	followOrders(ctx, w, store, tracker, shop, screen)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	calm()
	summary := summarise(w, tracker, opts, time.Since(started))
	summary.judgeBranches(shop)
	screen.finish(tracker, summary)
	if opts.Keep {
		if err := keepRunning(ctx, w, publicURL, adminURL, settings, folder, screen); err != nil {
			return err
		}
	}
	if !summary.OK {
		return ErrIncomplete
	}
	return nil
}

// retrySoon lets what is deferred come again in seconds; in production it takes longer.
func retrySoon(attempt int, asked time.Duration) time.Duration {
	return max(asked, min(time.Duration(attempt)*500*time.Millisecond, 3*time.Second))
}

func worldOptions(opts Options) world.Options {
	var lag time.Duration
	if opts.Storm {
		lag = 300 * time.Millisecond
	}
	return world.Options{
		Seed: opts.Seed,
		Backoff: func(attempt int) time.Duration {
			return min(time.Duration(attempt)*250*time.Millisecond, 2*time.Second)
		},
		ListLag:          lag,
		AllowSecondOrder: opts.Storm,
		SplitEvery:       5,
		ParcelsEvery:     7,
		Pace: fftsim.Pace{
			Routing: 200 * time.Millisecond, Picking: 400 * time.Millisecond,
			Packing: 200 * time.Millisecond, Handover: 400 * time.Millisecond,
			Straggle: time.Second, Delivery: 600 * time.Millisecond,
		},
	}
}

func listeners() (connector.Listeners, error) {
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return connector.Listeners{}, err
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	return connector.Listeners{Public: public, Admin: admin}, err
}

func install(ctx context.Context, c *connector.Connector, env config.Environment, w *world.World, publicURL string, screen *screen) error {
	token, err := intake.TokenOf(env).ForEndpoint(intake.EventPath).Sign()
	if err != nil {
		return err
	}
	w.RouteMessages(publicURL+"/event", http.Header{"Authorization": {"Bearer " + token}})
	plan, err := setup.Installer{
		Commercetools: c.Commercetools, Fulfillmenttools: c.Fulfillmenttools,
		Environment: env, Token: intake.TokenOf(env), Now: time.Now,
	}.Install(ctx)
	if err != nil {
		return err
	}
	screen.say("Installing:")
	err = plan.Apply(ctx, func(step setup.Step, err error) {
		mark := "✓"
		if err != nil {
			mark = "✗"
		}
		screen.say("  %s %-7s %s", mark, step.Verb, step.What)
	})
	if err == nil && env.Features.ChannelSync {
		err = syncFacilities(ctx, c, screen)
	}
	screen.say("")
	return err
}

// syncFacilities makes facilities of the channels that were there before the
// connector, as `fftconnect facilities sync` does.
func syncFacilities(ctx context.Context, c *connector.Connector, screen *screen) error {
	done := map[facilities.Action]int{}
	var failed error
	err := c.Facilities.Walk(ctx, facilities.Walk{Report: func(report facilities.Report) {
		done[report.Decision.Action]++
		failed = cmp.Or(failed, report.Err)
	}})
	screen.say("  ✓ sync    facilities with channels: %d created, %d changed", done[facilities.Create], done[facilities.Change])
	return cmp.Or(err, failed)
}

// place has customers place the orders at the given rate, while branches open, move
// and close.
func place(ctx context.Context, w *world.World, tracker *tracker, shop *branches, opts Options, screen *screen) error {
	every := time.Duration(float64(time.Second) / opts.Rate)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	redraw := time.NewTicker(screen.every)
	defer redraw.Stop()
	for placed := 0; placed < opts.Orders; {
		shop.changeShopAt(placed, opts.Orders)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-redraw.C:
			screen.progress(tracker, opts.Orders)
		case <-ticker.C:
			tracker.place(w, w.NextOrder())
			placed++
		}
	}
	shop.changeShopAt(opts.Orders, opts.Orders)
	return nil
}

// followOrders waits until every order has ended and every notification is delivered and
// handled, or nothing has happened for long.
func followOrders(ctx context.Context, w *world.World, store *durable.Ledger, tracker *tracker, shop *branches, screen *screen) {
	ticker := time.NewTicker(screen.every)
	defer ticker.Stop()
	for {
		screen.progress(tracker, tracker.total())
		done := tracker.open() == 0 && w.Pending() == 0 && nothingDeferred(ctx, store) && shop.areRight()
		if done || time.Since(tracker.latest()) > patience {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// nothingDeferred reports whether no stored event waits for another attempt.
func nothingDeferred(ctx context.Context, store *durable.Ledger) bool {
	depth, err := store.CountStored(ctx)
	return err == nil && depth.Deferred == 0
}

// plural is for sentences.
func plural(n int, word string) string {
	return many(n, word, word+"s")
}

// many is for words whose plural is not made with an s alone.
func many(n int, one, several string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %s", n, several)
}
