package connector

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/console"
	"fftconnect/internal/ledger"
	"fftconnect/internal/notify"
	"fftconnect/internal/telemetry"
)

const (
	// notifyEvery is how often it is looked whether there is something to tell.
	notifyEvery = time.Minute
	// notifyLease is for how long a replica keeps the right to tell.
	notifyLease = 3 * time.Minute
)

// notifications tell people what is wrong. One replica does, for as long as it lives; that the
// store is away each tells by itself, and so does each without a store.
type notifications struct {
	targets  []notify.Target
	notifier *notify.Notifier
	facts    telemetry.State // those of the metrics

	mu    sync.Mutex
	own   notify.Book  // what this process told by itself
	lease ledger.Lease // nil: another replica tells
}

// newNotifications is nil when there is nobody to tell, and in shadow mode: whatever is wrong
// then is wrong with an experiment.
func (c *Connector) newNotifications(opts Options, facts telemetry.State) *notifications {
	targets := notify.Targets(c.env.Notify, opts.Base, opts.Dial)
	if len(targets) == 0 || c.env.Shadow {
		return nil
	}
	for _, target := range targets {
		c.Telemetry.ExpectNotification(target.Name())
	}
	settings := c.env.Notify
	return &notifications{targets: targets, facts: facts, notifier: notify.New(notify.Options{
		Targets: targets, Sender: c.notificationSender(), Rules: notify.Rules{Repeat: settings.Repeat, Pause: settings.Pause},
		Schedule: notify.Schedule{On: settings.Summary, Hour: settings.Hour, Minute: settings.Minute, Zone: settings.Zone},
		Sent:     c.Telemetry.Notification, Summarise: c.summarise, Logger: c.logger,
	})}
}

func (c *Connector) notificationSender() notify.Sender {
	sender := notify.Sender{Deployment: c.env.Deployment, Project: c.env.Commercetools.ProjectKey}
	if c.env.Admin.URL != "" {
		sender.Console = c.env.Admin.URL + c.env.Admin.BasePath
	}
	return sender
}

// runNotifications tells what there is to tell until ctx ends.
func (c *Connector) runNotifications(ctx context.Context) {
	if c.notifications == nil {
		return
	}
	ticks := time.NewTicker(notifyEvery)
	defer ticks.Stop()
	for {
		c.notifyPeople(ctx, c.store != nil)
		select {
		case <-ctx.Done():
			c.notifications.giveUpLease(ctx)
			return
		case <-ticks.C:
		}
	}
}

// notifyPeople is one round. Without a store the summary comes with POST /job: of several
// processes one gets it.
func (c *Connector) notifyPeople(ctx context.Context, summaries bool) {
	n := c.notifications
	if n == nil || ctx.Err() != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.store == nil {
		n.own = n.notifier.Round(ctx, c.findTroubles(ctx), n.own, summaries)
		return
	}
	n.own = n.notifier.Round(ctx, c.findStoreTrouble(ctx), n.own, false)
	if !n.hasLease(ctx, c.store) {
		return
	}
	book, err := c.notifyBook(ctx)
	if err != nil {
		return // nobody knows what was told; the next round does
	}
	book = n.notifier.Round(ctx, c.findTroubles(ctx), book, summaries)
	if ctx.Err() != nil {
		return // what failed now failed because this process stops
	}
	text, err := json.Marshal(book)
	if err == nil {
		err = c.store.SaveCheckpoint(ctx, notify.Checkpoint, string(text))
	}
	if err != nil {
		c.logger.Warn("what people were told cannot be noted; they may be told again", "error", err)
	}
}

func (c *Connector) notifyBook(ctx context.Context) (book notify.Book, err error) {
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	text, _, ok, err := c.store.Checkpoint(ctx, notify.Checkpoint)
	if err != nil || !ok {
		return nil, err
	}
	_ = json.Unmarshal([]byte(text), &book) // of another version: told anew
	return book, nil
}

// hasLease reports whether this replica is the one that tells.
func (n *notifications) hasLease(ctx context.Context, store Store) bool {
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	if n.lease != nil {
		if mine, err := n.lease.Renew(ctx, notifyLease); mine || err != nil {
			return err == nil
		}
		n.lease = nil
	}
	lease, ok, err := store.AcquireLease(ctx, "notifications", notifyLease)
	if err != nil || !ok {
		return false
	}
	n.lease = lease
	return true
}

func (n *notifications) giveUpLease(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.lease != nil {
		releaseLease(ctx, n.lease)
		n.lease = nil
	}
}

// notificationsToShow are the targets, and what they were told last.
func (c *Connector) notificationsToShow(ctx context.Context) (shown []console.Notification) {
	n := c.notifications
	if n == nil {
		return nil
	}
	var book notify.Book
	if c.store != nil {
		book, _ = c.notifyBook(ctx) // shown without what is not known
	} else {
		n.mu.Lock()
		book = n.own
		n.mu.Unlock()
	}
	for _, target := range n.targets {
		state := book[target.Name()]
		shown = append(shown, console.Notification{Target: target.Name(), Where: target.Where(), Sent: state.Sent, Problem: state.Problem, Failed: state.Failed})
	}
	return shown
}

// TestNotifications sends a test to each target that the environment names, and tells how it
// went. The error says that one did not get it.
func TestNotifications(ctx context.Context, env config.Environment, tell func(target, where string, err error)) error {
	c := &Connector{env: env}
	notifier := notify.New(notify.Options{Targets: notify.Targets(env.Notify, nil, nil), Sender: c.notificationSender(), Logger: slog.New(slog.DiscardHandler)})
	return notifier.Test(ctx, func(target notify.Target, err error) { tell(target.Name(), target.Where(), err) })
}
