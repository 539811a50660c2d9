// Package outcome says how the handling of one message ended: the words that logs,
// metrics, the journal and the demo share.
package outcome

import "time"

// Kind is how it ended.
type Kind string

const (
	// Applied: something was changed on the other platform.
	Applied Kind = "applied"
	// Unchanged: everything was as it should be already.
	Unchanged Kind = "unchanged"
	// Ignored: nothing of ours.
	Ignored Kind = "ignored"
	// Rejected: it cannot be done, and repeating will not help. Somebody must look.
	Rejected Kind = "rejected"
	// Refused: fulfillmenttools did not let us cancel an order. Somebody must look.
	Refused Kind = "refused"
	// Deferred: it cannot be done now. It is in the store and will be tried again.
	Deferred Kind = "deferred"
	// Returned: it cannot be done now, and the sender keeps it: there is no store, or
	// the store is away.
	Returned Kind = "returned"
	// Shadowed: in shadow mode, what would have been done was compared with what
	// another connector did.
	Shadowed Kind = "shadowed"
)

// Kinds lists them all.
var Kinds = []Kind{Applied, Unchanged, Ignored, Rejected, Refused, Deferred, Returned, Shadowed}

// NeedsAttention reports whether somebody must look.
func (k Kind) NeedsAttention() bool { return k == Rejected || k == Refused }

// Flow is one direction of the work.
type Flow string

const (
	// Export takes commercetools' messages to fulfillmenttools.
	Export Flow = "export"
	// Feedback takes fulfillmenttools' events to commercetools.
	Feedback Flow = "feedback"
	// Facilities takes commercetools' channels to fulfillmenttools.
	Facilities Flow = "facilities"
)

// Flows lists them all.
var Flows = []Flow{Export, Feedback, Facilities}

// Result is how a message ended, and why.
type Result struct {
	Kind   Kind
	Order  string // commercetools' order id; empty when the message has none
	Number string // the order's number; empty when it has none, or it is not known
	Reason string // in plain words, without personal data
	Hint   string // what to do about it; empty when nothing is to be done
	Notes  []string
	Found  bool // the order was read: it is there
	Quiet  bool // an echo of what we did ourselves: not worth a row or a line

	Sent          string // fingerprint of what the counterpart was sent with its creation
	ChangeRefused bool   // fulfillmenttools did not take a change that was made after the export
	ChangeTaken   bool   // it took one that it had refused before

	// Incomplete: fields were left out because the order's custom type lacks them.
	Incomplete bool

	Names []Name // under which people know the order, as far as this told
}

// Name is a name under which people know an order.
type Name struct {
	Kind NameKind
	Text string
}

// NameKind is what a name is, or what it is of.
type NameKind string

// Kinds of names.
const (
	OrderNumber    NameKind = "order number"
	FFTOrderID     NameKind = "fulfillmenttools order"
	TenantOrderID  NameKind = "tenant order id"
	PickJobID      NameKind = "pick job"
	ShortID        NameKind = "short id"
	HandoverJobID  NameKind = "handover job"
	TrackingNumber NameKind = "tracking number"
)

// Entry is a Result with everything else that is known about the message.
type Entry struct {
	Result
	At       time.Time
	Flow     Flow
	Type     string // message type or event name; empty when it could not be read
	EventID  string
	Duration time.Duration
	Calls    int           // API calls made, token requests left out
	Waited   time.Duration // for their answers, added up
	Err      error         // what Deferred, Returned and Rejected come from; may be nil
	Stranger bool          // nothing shows who sent it
	Attempt  int           // 1 for a message as it came; more for one out of the store
	// Correlation is the id that each platform gave the latest call, for its own people.
	Correlation string
}
