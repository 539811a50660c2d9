package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"fftconnect/internal/outcome"
)

// State is where a stored event stands.
type State string

const (
	// StateDeferred: it is attempted again by itself.
	StateDeferred State = "deferred"
	// StateDead: it is a dead letter, and somebody must look.
	StateDead State = "dead"
)

// Types of what could not be read; Bounds says how much is kept of it.
const (
	TypeUnreadable = "unreadable"
	TypeTooLarge   = "too large"
)

// MaxDeadBody is how many bytes of a dead letter's body are kept. One that is larger is kept
// by reference: what it said is read again of its order.
const MaxDeadBody = 64 << 10

// TypeDifference is a difference between the platforms that could not be repaired. It has
// no body: its order is compared again.
const TypeDifference = "difference"

// Deferred is an event to store.
type Deferred struct {
	Flow    outcome.Flow `json:"flow"`
	Type    string       `json:"type"`
	Order   string       `json:"order,omitempty"`
	EventID string       `json:"event_id,omitempty"`
	// Content is what the event says, without what a delivery adds to it, such as an
	// EventID: a repetition may have another one. Nil: its EventID and its Body say it.
	Content []byte `json:"-"`
	// Body is the event as it came. It is kept until the event is done, discarded,
	// or older than Options.DeadRetention; of a dead letter only up to MaxDeadBody.
	Body []byte `json:"body,omitempty"`
	// Hint is what the handler wants to know again; the store does not read it.
	Hint       json.RawMessage `json:"handling,omitempty"`
	Reason     string          `json:"reason,omitempty"` // why it is stored
	Fix        string          `json:"advice,omitempty"` // what somebody can do about it
	Outcome    outcome.Kind    `json:"-"`                // how the attempt ended that it is stored for
	ReceivedAt time.Time       `json:"received_at"`      // now when zero
	Trace      string          `json:"-"`                // W3C traceparent of the attempt that it is stored for; empty: none
}

// Event is a stored event.
type Event struct {
	Deferred
	Number   string `json:"order_number,omitempty"` // of the order; empty when it has none, or it is not known
	ID       int64  `json:"id"`
	State    State  `json:"state"`
	Attempts int    `json:"attempts"` // made so far
	// Since is when it came into its state or, deferred, when it last was known to
	// wait through no fault of its own.
	Since         time.Time `json:"since"`
	LastAttemptAt time.Time `json:"last_attempt_at,omitzero"`
	NextAttemptAt time.Time `json:"next_attempt_at,omitzero"`
}

// IsUnreadable reports a message that nobody could read.
func (d Deferred) IsUnreadable() bool { return d.Type == TypeUnreadable || d.Type == TypeTooLarge }

// IsOrderOnly reports an event of which only the order is kept.
func (d Deferred) IsOrderOnly() bool { return len(d.Body) == 0 && d.Order != "" && !d.IsUnreadable() }

// Key is equal for repetitions of the same event. All that the event says is in it: what only
// pretends to be a repetition, by its id or by what it speaks of, takes no stored event's place.
func (d Deferred) Key() string {
	content := d.Content
	if content == nil {
		about := d.EventID
		if about == "" {
			about = d.Order
		}
		content = append([]byte(about+"\n"), d.Body...)
	}
	sum := sha256.Sum256(content)
	return strings.Join([]string{string(d.Flow), d.Type, hex.EncodeToString(sum[:])}, "/")
}

// StoredCounts is how much is stored.
type StoredCounts struct {
	Deferred, Dead int
	OldestDeferred time.Time // when it was received; zero without one
}

// Action is what follows an attempt.
type Action string

const (
	// Done: nothing is left to do, the event is forgotten.
	Done Action = "done"
	// Again: it failed and may work later.
	Again Action = "again"
	// Wait: it was not even tried, or could not be for a reason that is not its own,
	// such as a platform that is away or permissions that are missing. It waits for
	// as long as that takes.
	Wait Action = "wait"
	// Later: nothing failed, it is only known that it cannot be done before the
	// delay is over. That uses up no attempt.
	Later Action = "later"
	// Dead: it will not work, and somebody must look.
	Dead Action = "dead"
)

// Verdict is how an attempt at a deferred event ended.
type Verdict struct {
	Action Action
	// Delay is what the platform asked to wait (Again) or how long to wait (Later, and
	// Wait; 30 s when zero).
	Delay   time.Duration
	Reason  string
	Fix     string
	Outcome outcome.Kind // of the attempt
}

const (
	firstBackoff = time.Second
	lastBackoff  = 10 * time.Minute
)

// Backoff is about 1 s after the first failed attempt, then 2 s, 4 s, 8 s and so on up
// to 10 minutes, a fifth more or less, and never under what was asked. Most failures are
// over at once; a platform that is away has its circuit opened, which waits by itself.
func Backoff(attempt int, asked time.Duration) time.Duration {
	wait := lastBackoff
	if factor := math.Pow(2, float64(attempt-1)); factor < float64(lastBackoff/firstBackoff) {
		wait = time.Duration(factor * float64(firstBackoff))
	}
	wait = WithJitter(wait)
	if wait < asked {
		wait = asked + WithJitter(firstBackoff)/5
	}
	return wait
}

// WithJitter is wait, up to a fifth longer or shorter.
func WithJitter(wait time.Duration) time.Duration {
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}
