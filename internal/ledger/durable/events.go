package durable

import (
	"context"
	"fmt"
	"strings"

	"fftconnect/internal/ledger"
)

// listLimit is used when a Filter names no limit.
const listLimit = 100

// conditions are the filter as SQL, with its parameters.
func conditions(f ledger.Filter) (string, []any) {
	conditions := []string{"1 = 1"}
	var args []any
	add := func(condition string, arg any) {
		args = append(args, arg)
		conditions = append(conditions, fmt.Sprintf(condition, len(args)))
	}
	if f.IDs != nil {
		places := make([]string, len(f.IDs))
		for i, id := range f.IDs {
			args = append(args, id)
			places[i] = fmt.Sprintf("$%d", len(args))
		}
		conditions = append(conditions, "id IN ("+strings.Join(append(places, "-1"), ", ")+")")
	}
	for _, text := range []struct{ column, value string }{
		{"state", string(f.State)},
		{"order_id", f.Order},
		{"type", f.Type},
		{"flow", string(f.Flow)},
		{"class", string(f.Class)},
		{"cause", f.Cause},
	} {
		if text.value != "" {
			add(text.column+" = $%d", text.value)
		}
	}
	if f.Order != "" {
		conditions = append(conditions, "order_id <> ''") // the index is of those only
	}
	if !f.Since.IsZero() {
		add("received_at >= $%d", toMicros(f.Since))
	}
	switch {
	case f.After != 0 && f.Newest:
		add("id < $%d", f.After)
	case f.After != 0:
		add("id > $%d", f.After)
	}
	return strings.Join(conditions, " AND "), args
}

const eventColumns = `id, flow, type, order_id, event_id, state, reason, fix, attempts,
	received_at, since, last_attempt_at, next_attempt_at`

// Events lists stored events by id, without their bodies and hints.
func (l *Ledger) Events(ctx context.Context, filter ledger.Filter) ([]ledger.Event, error) {
	where, args := conditions(filter)
	limit := filter.Limit
	if limit <= 0 {
		limit = listLimit
	}
	order := "id"
	if filter.Newest {
		order = "id DESC"
	}
	var events []ledger.Event
	err := l.db.reader().query(ctx, fmt.Sprintf(`SELECT %s FROM fftconnect_events WHERE %s ORDER BY %s LIMIT %d`,
		eventColumns, where, order, limit), args, func(row scanFunc) error {
		event, err := scanEvent(row)
		events = append(events, event)
		return err
	})
	if err == nil {
		err = l.addNumbers(ctx, len(events), func(i int) (string, *string) { return events[i].Order, &events[i].Number })
	}
	return events, wrapError("list events", err)
}

// Event is one stored event with its body; ok is false when there is none.
func (l *Ledger) Event(ctx context.Context, id int64) (event ledger.Event, ok bool, err error) {
	if event, ok, err = l.queryEvent(ctx, `id = $1`, id); ok && err == nil {
		err = l.addNumbers(ctx, 1, func(int) (string, *string) { return event.Order, &event.Number })
	}
	return event, ok, wrapError(fmt.Sprintf("read event %d", id), err)
}

func (l *Ledger) queryEvent(ctx context.Context, where string, args ...any) (event ledger.Event, ok bool, err error) {
	err = l.db.reader().query(ctx, `SELECT `+eventColumns+`, body, hint, trace FROM fftconnect_events WHERE `+where, args,
		func(row scanFunc) error {
			var body []byte
			var hint string
			var trace string
			event, err = scanEvent(row, &body, &hint, &trace)
			event.Body, event.Hint, event.Trace, ok = body, []byte(hint), trace, true
			return err
		})
	return event, ok, err
}

// scanEvent reads the columns eventColumns and those that more is for.
func scanEvent(row scanFunc, more ...any) (ledger.Event, error) {
	var e ledger.Event
	var received, since, last, next int64
	columns := []any{
		&e.ID, &e.Flow, &e.Type, &e.Order, &e.EventID, &e.State, &e.Reason, &e.Fix, &e.Attempts,
		&received, &since, &last, &next,
	}
	err := row(append(columns, more...)...)
	e.ReceivedAt, e.Since, e.LastAttemptAt, e.NextAttemptAt = fromMicros(received), fromMicros(since), fromMicros(last), fromMicros(next)
	return e, err
}

// CountStored counts the stored events.
func (l *Ledger) CountStored(ctx context.Context) (ledger.StoredCounts, error) {
	var depth ledger.StoredCounts
	err := l.db.reader().query(ctx, `SELECT state, count(*), min(received_at) FROM fftconnect_events GROUP BY state`, nil,
		func(row scanFunc) error {
			var state ledger.State
			var count int
			var oldest int64
			if err := row(&state, &count, &oldest); err != nil {
				return err
			}
			switch state {
			case ledger.StateDeferred:
				depth.Deferred, depth.OldestDeferred = count, fromMicros(oldest)
			case ledger.StateDead:
				depth.Dead = count
			}
			return nil
		})
	return depth, wrapError("count events", err)
}
