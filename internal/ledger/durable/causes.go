package durable

import (
	"context"

	"fftconnect/internal/ledger"
)

const mostCause = 100 // causes that are listed

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
func (l *Ledger) Causes(ctx context.Context) (causes []ledger.Cause, err error) {
	err = l.db.reader().query(ctx, causesQuery, []any{mostCause}, func(row scanFunc) error {
		var c ledger.Cause
		var oldest int64
		err := row(&c.Class, &c.Flow, &c.Cause, &c.Count, &oldest, &c.Newest, &c.Reason, &c.Fix)
		c.Oldest = fromMicros(oldest)
		causes = append(causes, c)
		return err
	})
	return causes, wrapError("group dead letters", err)
}

// Count is how many stored events the filter means.
func (l *Ledger) Count(ctx context.Context, filter ledger.Filter) (n int, err error) {
	where, args := conditions(filter)
	_, err = queryOne(ctx, l.db.reader(), `SELECT count(*) FROM fftconnect_events WHERE `+where, args, &n)
	return n, wrapError("count events", err)
}
