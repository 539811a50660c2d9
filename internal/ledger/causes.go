package ledger

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"fftconnect/internal/outcome"
)

// Class is which kind of attention a dead letter needs.
type Class string

// Classes of dead letters.
const (
	ClassRejected   Class = "rejected"   // it cannot be done as it is
	ClassRefused    Class = "refused"    // fulfillmenttools did not let us cancel or change an order
	ClassUnreadable Class = "unreadable" // no message that we understand
)

// Class is which kind of attention the event needs as a dead letter.
func (d Deferred) Class() Class {
	switch {
	case d.IsUnreadable():
		return ClassUnreadable
	case d.Outcome == outcome.Refused:
		return ClassRefused
	default:
		return ClassRejected
	}
}

// Cause is what dead letters have in common.
type Cause struct {
	Class  Class
	Flow   outcome.Flow
	Cause  string // their reason, without what is of one order only
	Count  int
	Oldest time.Time // when the first of them was received
	Newest int64     // the latest event
	Reason string    // of the latest event, in full
	Fix    string    // what somebody can do about it
}

const maxCause = 160 // characters

// particular is what only one order, job or message is called: whatever has a digit in it,
// but a status of HTTP.
var (
	particular = regexp.MustCompile(`[\pL\d_.:/-]*\d[\pL\d_.:/-]*`)
	httpStatus = regexp.MustCompile(`^\d{3}[.:,]?$`)
	ofOrder    = regexp.MustCompile(`^((cancel|change|unlock) )?order \S+: `)
)

// CauseOf is a reason without what is of one order only, so that the same trouble of many
// orders has one name.
func CauseOf(reason string) string {
	reason, _, _ = strings.Cut(reason, "\n")
	reason = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '…' // what is sent back by a page must be what it shows
		}
		return r
	}, reason)
	reason = ofOrder.ReplaceAllString(reason, "$1")
	reason = particular.ReplaceAllStringFunc(reason, func(word string) string {
		if httpStatus.MatchString(word) {
			return word
		}
		return "…"
	})
	if runes := []rune(reason); len(runes) > maxCause {
		reason = string(runes[:maxCause-1]) + "…"
	}
	return reason
}
