package connector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/shadow"
)

// Listeners are where a connector is reached. Port 0 chooses a free one.
type Listeners struct {
	Public, Admin net.Listener
}

// Listen opens both listeners as the environment says.
func (c *Connector) Listen() (Listeners, error) {
	public, err := net.Listen("tcp", fmt.Sprintf(":%d", c.env.Port))
	if err != nil {
		return Listeners{}, fmt.Errorf("public listener: %w; choose another PORT", err)
	}
	admin, err := net.Listen("tcp", c.env.AdminAddr)
	if err != nil {
		_ = public.Close()
		return Listeners{}, fmt.Errorf("admin listener: %w; choose another ADMIN_ADDR", err)
	}
	return Listeners{Public: public, Admin: admin}, nil
}

// Run serves until ctx ends, then stops taking messages, lets those in flight
// finish within the grace period, and returns. It closes the listeners. The error
// says that a listener failed, that the work on what is stored ended by itself, or that
// messages were cut off; those stay with their senders.
func (c *Connector) Run(ctx context.Context, on Listeners) error {
	var idle unusedConnections
	public := newHTTPServer(c.Public, c.logger)
	public.ConnState = idle.track
	admin := newHTTPServer(c.admin, c.logger)
	working, rest := context.WithCancel(context.WithoutCancel(ctx))
	defer rest()
	worked := make(chan error, 1)
	go func() {
		defer close(worked)
		worked <- c.Work(working)
	}()
	told := make(chan struct{})
	go func() {
		defer close(told)
		c.runNotifications(working)
	}()
	failed := make(chan error, 2)
	go func() {
		failed <- serveOn(public, limitConnections(on.Public, c.env.MaxConnections), "public listener")
	}()
	go func() { failed <- serveOn(admin, on.Admin, "admin listener") }()
	c.logStart(on)

	var err error
	running := 2
	select {
	case <-ctx.Done():
	case err = <-failed:
		running--
	case err = <-worked:
		// Nothing would be worked off any longer, and nobody would notice.
		err = fmt.Errorf("the queue of deferred events ended by itself: %w", cmp.Or(err, errors.New("the store was closed")))
		c.logger.Error("stopping, to be started anew", "error", err)
	}
	c.admin.stopping.Store(true)
	c.logger.Info("stopping", "grace", c.env.ShutdownGrace.String())
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.env.ShutdownGrace)
	defer cancel()
	// The listener closes first, so no new connection comes after these.
	_ = on.Public.Close()
	idle.closeAll()
	rest() // both end at once, within the same time
	if stopped := public.Shutdown(grace); stopped != nil && !errors.Is(stopped, net.ErrClosed) {
		_ = public.Close()
		err = errors.Join(err, fmt.Errorf("messages were cut off after %s; their senders repeat them", c.env.ShutdownGrace))
	}
	c.console.Wait()
	err = errors.Join(err, <-worked)
	<-told
	_ = admin.Close()
	for range running {
		err = errors.Join(err, <-failed)
	}
	c.logger.Info("stopped")
	return err
}

// Work handles what is in the store, and the chores, until ctx ends. Run does it too.
func (c *Connector) Work(ctx context.Context) error {
	if c.store == nil {
		<-ctx.Done()
		return nil
	}
	return c.store.Run(ctx, c.storedEventHandler(), c.periodicChores()...)
}

// storedEventHandler handles what is in the store.
func (c *Connector) storedEventHandler() func(context.Context, ledger.Event) ledger.Verdict {
	if c.env.Shadow {
		return shadow.Resume(c.intake.Resume)
	}
	return c.intake.Resume
}

func newHTTPServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

func serveOn(s *http.Server, listener net.Listener, name string) error {
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
