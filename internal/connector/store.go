package connector

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

// Store is what a connector asks of its store; *durable.Ledger is one.
type Store interface {
	claim.Store
	intake.Keeper
	reconcile.OpenOrders
	export.Memory
	// AbandonOrder keeps an open order from being visited until there is a sign of life.
	AbandonOrder(ctx context.Context, orderID, reason string) error
	// HasWaitingEvents reports whether the order's export is a dead letter.
	HasWaitingEvents(ctx context.Context, orderID string) (bool, error)
	Events(ctx context.Context, filter ledger.Filter) ([]ledger.Event, error)
	// CountLate counts late orders by why they are, and all open ones.
	CountLate(ctx context.Context) (late map[reconcile.Late]int, open int, err error)
	// Run works deferred events off and runs the periodic jobs until ctx ends.
	Run(ctx context.Context, handle func(context.Context, ledger.Event) ledger.Verdict, periodic ...ledger.Periodic) error
	// AcquireLease takes the named right for ttl; ok is false when somebody else has it.
	AcquireLease(ctx context.Context, name string, ttl time.Duration) (lease ledger.Lease, ok bool, err error)
	Checkpoint(ctx context.Context, name string) (value string, updated time.Time, ok bool, err error)
	SaveCheckpoint(ctx context.Context, name, value string) error
	RecordAttempt(entry outcome.Entry, attempt int)
	CountStored(ctx context.Context) (ledger.StoredCounts, error)
	// Ping is the error of a store that does not answer or takes nothing that is written.
	Ping(ctx context.Context) error
	// CheckRoom is the error of a store that takes no more dead letters.
	CheckRoom(ctx context.Context) error
	JournalDropped() int64
}

var _ Store = (*durable.Ledger)(nil)

// Handling a message ends at HANDLE_TIMEOUT. Writing down how it ended takes a little
// longer; whoever takes much longer is dead, and then others may go on.
const (
	holdMargin    = 8 * time.Second
	attemptMargin = 5 * time.Second
)

// OpenStore opens the store that the environment names; nil when it names none. As it is, the store is
// not migrated.
func OpenStore(ctx context.Context, env config.Environment, logger *slog.Logger, asItIs bool) (*durable.Ledger, error) {
	if env.DatabaseURL == config.NoDatabase {
		return nil, nil
	}
	store, err := durable.Open(ctx, env.DatabaseURL.Reveal(), durable.Options{
		Logger: logger, ProjectKey: env.Commercetools.ProjectKey, AsItIs: asItIs,
		RevisitAfter: env.Revisit.After, JournalRetention: env.JournalRetention, DeadRetention: env.DeadRetention,
		DrainRate: float64(env.DrainRate),
		Bounds: durable.Bounds{
			Dead: env.Bounds.Dead, DeadBytes: int64(env.Bounds.DeadMiB) << 20,
			Unreadable: env.Bounds.Unreadable, UnreadableBytes: int64(env.Bounds.UnreadableMiB) << 20,
			Journal: env.Bounds.Journal, JournalBytes: int64(env.Bounds.JournalMiB) << 20,
		},
		AttemptTimeout: env.HandleTimeout + attemptMargin, Grace: env.ShutdownGrace,
	})
	if err != nil {
		return nil, fmt.Errorf("the store that DATABASE_URL names cannot be opened: %w", err)
	}
	return store, nil
}

// nilIfEmpty is the store; nil when there is none, which a nil *durable.Ledger means too.
func nilIfEmpty(store Store) Store {
	if l, ok := store.(*durable.Ledger); ok && l == nil {
		return nil
	}
	return store
}
