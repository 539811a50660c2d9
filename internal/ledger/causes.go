package ledger

import (
	"context"
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

func classOf(d Deferred) Class {
	switch {
	case d.isUnreadable():
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

const (
	maxCause  = 160 // characters
	mostCause = 100 // causes that are listed
)

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

// causesQuery goes from cause to cause along the index, and counts each there: to group 75,000 dead letters row by
// row takes four times as long.
const causesQuery = `WITH RECURSIVE g (class, flow, cause) AS (
	SELECT class, flow, cause FROM (SELECT class, flow, cause FROM fftconnect_events
		WHERE state = 'dead' ORDER BY class, flow, cause LIMIT 1) AS first
	UNION ALL
	SELECT e.class, e.flow, e.cause FROM g JOIN fftconnect_events e ON e.id = coalesce(
		(SELECT id FROM fftconnect_events n WHERE n.state = 'dead' AND n.class = g.class AND n.flow = g.flow AND n.cause > g.cause
			ORDER BY n.cause LIMIT 1),
		(SELECT id FROM fftconnect_events n WHERE n.state = 'dead' AND n.class = g.class AND n.flow > g.flow
			ORDER BY n.flow, n.cause LIMIT 1),
		(SELECT id FROM fftconnect_events n WHERE n.state = 'dead' AND n.class > g.class
			ORDER BY n.class, n.flow, n.cause LIMIT 1)))
SELECT c.class, c.flow, c.cause, c.n, c.oldest, c.newest, e.reason, e.fix
FROM (SELECT class, flow, cause,
	(SELECT count(*) FROM fftconnect_events m
		WHERE m.state = 'dead' AND m.class = g.class AND m.flow = g.flow AND m.cause = g.cause) AS n,
	(SELECT received_at FROM fftconnect_events m
		WHERE m.state = 'dead' AND m.class = g.class AND m.flow = g.flow AND m.cause = g.cause ORDER BY received_at LIMIT 1) AS oldest,
	(SELECT id FROM fftconnect_events m
		WHERE m.state = 'dead' AND m.class = g.class AND m.flow = g.flow AND m.cause = g.cause ORDER BY received_at DESC, id DESC LIMIT 1) AS newest
	FROM g) AS c
JOIN fftconnect_events e ON e.id = c.newest ORDER BY c.n DESC, c.newest DESC LIMIT $1`

// Causes groups the dead letters by what they have in common, the most frequent first; at
// most 100 groups.
func (l *Ledger) Causes(ctx context.Context) (causes []Cause, err error) {
	err = l.db.reader().query(ctx, causesQuery, []any{mostCause}, func(row scanFunc) error {
		var c Cause
		var oldest int64
		err := row(&c.Class, &c.Flow, &c.Cause, &c.Count, &oldest, &c.Newest, &c.Reason, &c.Fix)
		c.Oldest = fromMicros(oldest)
		causes = append(causes, c)
		return err
	})
	return causes, wrapError("group dead letters", err)
}

// Count is how many stored events the filter means.
func (l *Ledger) Count(ctx context.Context, filter Filter) (n int, err error) {
	where, args := filter.where()
	_, err = queryOne(ctx, l.db.reader(), `SELECT count(*) FROM fftconnect_events WHERE `+where, args, &n)
	return n, wrapError("count events", err)
}
