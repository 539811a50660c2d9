package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// State is what is kept of an order.
type State struct {
	// Names are all tenantOrderIds under which the order may live there. The first one
	// is that of the first attempt.
	Names []string
	// FFTOrderID is the counterpart; empty while it is not known. It is an id that our
	// own create call was answered, or one that was read and compared.
	FFTOrderID string
	// InFlight is how long a create call may yet turn out to have been carried out, from
	// now on, by the store's clock; 0 or less: none can.
	InFlight time.Duration
	// Version changes with every write; 0: nothing is kept. Who writes shows the version
	// that was read, and is refused when there is another one by now.
	Version int64
	// Uncertain: nothing is kept, but the store cannot rule out that an attempt was made.
	Uncertain bool
}

// Order is what a claim must know of an order.
type Order struct {
	ID        string
	Number    string    // empty when it has none
	Name      string    // tenantOrderId under which it would be created now
	CreatedAt time.Time // by commercetools' clock
	// Numbered: it has its number since it was placed, so it never had to go by its id.
	Numbered bool
}

// Names are those under which the order may live there, as far as the order tells.
func (o Order) Names() []string {
	if o.Numbered {
		return withoutDuplicates(o.Name, o.Number)
	}
	return withoutDuplicates(o.Name, o.Number, o.ID)
}

// ErrOvertaken says that a record has another version than the one that was shown.
var ErrOvertaken = errors.New("somebody else has written the claim")

// Store keeps one record an order. It has no opinion on what it keeps; what is written
// survives the process unless the store says otherwise.
type Store interface {
	// OpenClaim keeps the record of an order that has none. Of an order that has one it gives
	// that, and opened is false.
	OpenClaim(ctx context.Context, order Order, first State) (kept State, opened bool, err error)
	// ReadClaim gives the order's record; the zero value when there is none.
	ReadClaim(ctx context.Context, orderID string) (State, error)
	// RecallClaim is ReadClaim as far as it costs no call to a platform.
	RecallClaim(ctx context.Context, orderID string) (State, error)
	// BeginAttempt writes that an attempt begins, or is ErrOvertaken. It gives the new version.
	BeginAttempt(ctx context.Context, orderID string, record State) (version int64, err error)
	// UpdateClaim writes how an attempt ended, or which counterpart was found, or is
	// ErrOvertaken. A store may forget it: InFlight then ends by itself, and the order is
	// found by its names.
	UpdateClaim(ctx context.Context, orderID string, record State) error
}

const (
	// attemptTime bounds an attempt, from its beginning to the end of its create call,
	// whoever makes it and however patient that one is.
	attemptTime = 15 * time.Second
	// abandonedTime bounds how long the platform goes on with a call that nobody waits
	// for any more, or that a gateway answered for it.
	abandonedTime = 10 * time.Second
	// recordTime bounds what is written after a call whose caller may have gone.
	recordTime = 2 * time.Second
	// overtakenDelay is how long to leave an order that somebody else has just begun with.
	overtakenDelay = time.Second
	// maxRounds bounds how often a write is tried anew because somebody was faster.
	maxRounds = 8
)

// Claims is the protocol. It is safe for concurrent use.
type Claims struct {
	store   Store
	listLag time.Duration
	now     func() time.Time
}

// New is the protocol over a store. listLag is how long fulfillmenttools' lists may lag
// behind; now is time.Now when nil.
func New(store Store, listLag time.Duration, now func() time.Time) *Claims {
	if now == nil {
		now = time.Now
	}
	return &Claims{store: store, listLag: listLag, now: now}
}

// attemptLifetime is how long after its beginning an attempt may still come to light.
func (c *Claims) attemptLifetime() time.Duration { return attemptTime + abandonedTime + c.listLag }

// Recall is what is known of the order without asking a platform.
func (c *Claims) Recall(ctx context.Context, orderID string) (State, error) {
	return c.store.RecallClaim(ctx, orderID)
}

// Read is what is kept of the order, by whichever replica.
func (c *Claims) Read(ctx context.Context, orderID string) (State, error) {
	record, err := c.store.ReadClaim(ctx, orderID)
	record.InFlight = min(record.InFlight, c.attemptLifetime())
	return record, err
}

// Begin claims the right to create the order. The attempt is nil when the order has a
// counterpart already, which is given instead. While another attempt may yet come to
// light the error is transient and says how long to wait.
func (c *Claims) Begin(ctx context.Context, order Order) (attempt *Attempt, counterpart string, err error) {
	begun := c.now() // before the store's clock is read, so that our time ends first
	record := State{Names: withoutDuplicates(order.Name), InFlight: c.attemptLifetime()}
	record, opened, err := c.store.OpenClaim(ctx, order, record)
	switch {
	case errors.Is(err, ErrOvertaken):
		return nil, "", errAttemptPending("another replica has just begun with it", overtakenDelay)
	case err != nil:
		return nil, "", err
	case record.FFTOrderID != "":
		return nil, record.FFTOrderID, nil
	case opened:
		return &Attempt{claims: c, order: order, state: record, first: true, ends: begun.Add(attemptTime)}, "", nil
	case record.InFlight > c.attemptLifetime():
		// Nobody writes so: a clock was wrong. What it means begins now.
		record.InFlight = c.attemptLifetime()
		if _, err := c.store.BeginAttempt(ctx, order.ID, record); err != nil && !errors.Is(err, ErrOvertaken) {
			return nil, "", err
		}
		return nil, "", errAttemptPending("an earlier attempt may still show up", c.attemptLifetime())
	case record.InFlight > 0:
		return nil, "", errAttemptPending("an earlier attempt may still show up", record.InFlight)
	}
	record.Names, record.InFlight = withoutDuplicates(append(record.Names, order.Name)...), c.attemptLifetime()
	record.Version, err = c.store.BeginAttempt(ctx, order.ID, record)
	if errors.Is(err, ErrOvertaken) {
		return nil, "", errAttemptPending("another replica has just begun with it", overtakenDelay)
	}
	if err != nil {
		return nil, "", err
	}
	return &Attempt{claims: c, order: order, state: record, ends: begun.Add(attemptTime)}, "", nil
}

func errAttemptPending(why string, wait time.Duration) error {
	return remote.NewTransient(fulfillmenttools.Platform, "create order", why, wait)
}

// AlreadyLinked says that an order has two counterparts.
type AlreadyLinked struct {
	Known string // the one that was linked before
	Other string // the one that came to light
}

func (d *AlreadyLinked) Error() string {
	return fmt.Sprintf("fulfillmenttools orders %s and %s are of one commercetools order", d.Known, d.Other)
}

// Link records the order's counterpart, which our own create call was answered or which
// was read and compared. An order that is linked to another one is *Doubled, and stays so.
func (c *Claims) Link(ctx context.Context, orderID, name, fftOrderID string) error {
	return c.linkUnlessTaken(ctx, orderID, name, fftOrderID, "")
}

// Relink is Link of an order whose counterpart has been another one.
func (c *Claims) Relink(ctx context.Context, orderID, name, before, fftOrderID string) error {
	return c.linkUnlessTaken(ctx, orderID, name, fftOrderID, before)
}

// Release forgets the counterpart that the order has had, so that another one can be
// created: it was cancelled. An order that has another one by now keeps it; one without a
// known counterpart may have an attempt in flight, which is waited for as ever.
func (c *Claims) Release(ctx context.Context, orderID, before string) error {
	if before == "" {
		return nil
	}
	err := error(ErrOvertaken)
	for range maxRounds {
		var record State
		if record, err = c.store.RecallClaim(ctx, orderID); err != nil || record.FFTOrderID != before {
			return err
		}
		record.FFTOrderID, record.InFlight = "", 0
		if err = c.store.UpdateClaim(ctx, orderID, record); !errors.Is(err, ErrOvertaken) {
			return err
		}
	}
	return fmt.Errorf("release order %s: %w", orderID, err)
}

func (c *Claims) linkUnlessTaken(ctx context.Context, orderID, name, fftOrderID, before string) error {
	err := error(ErrOvertaken)
	for range maxRounds {
		var record State
		if record, err = c.store.RecallClaim(ctx, orderID); err != nil {
			return err
		}
		switch record.FFTOrderID {
		case fftOrderID:
			return nil
		case "", before:
		default:
			return &AlreadyLinked{Known: record.FFTOrderID, Other: fftOrderID}
		}
		record.Names, record.FFTOrderID, record.InFlight = withoutDuplicates(append(record.Names, name)...), fftOrderID, 0
		if err = c.store.UpdateClaim(ctx, orderID, record); !errors.Is(err, ErrOvertaken) {
			return err
		}
	}
	return fmt.Errorf("link order %s: %w", orderID, err)
}

// withoutDuplicates are the names without empty ones and repetitions.
func withoutDuplicates(names ...string) (kept []string) {
	for _, name := range names {
		if strings.TrimSpace(name) != "" && !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// inFlightAfter is how long the failed call may yet be carried out.
func inFlightAfter(err error) time.Duration {
	if remote.IsCallOver(err) {
		return 0
	}
	return abandonedTime
}
