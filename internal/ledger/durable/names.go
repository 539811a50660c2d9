package durable

import (
	"context"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// namedLimit bounds how many orders one name may have.
const namedLimit = 20

// FindOrders are the orders that the text is a name of, as far as the store knows: a
// commercetools id, or a name that a message of the last JOURNAL_RETENTION told.
func (l *Ledger) FindOrders(ctx context.Context, text string) ([]ledger.Named, error) {
	found, err := l.queryNames(ctx, `name IN ($1, $2) ORDER BY id DESC LIMIT $3`, text, strings.ToUpper(text), namedLimit)
	if err != nil || len(found) > 0 || !commercetools.IsID(text) {
		return found, err
	}
	id := strings.ToLower(text)
	known := false
	for _, table := range []string{"fftconnect_claims", "fftconnect_open_orders", "fftconnect_journal", "fftconnect_events"} {
		var order string
		known, err = queryOne(ctx, l.db.reader(), `SELECT order_id FROM `+table+` WHERE order_id = $1 AND order_id <> '' LIMIT 1`, []any{id}, &order)
		if err != nil {
			return nil, wrapError("look order up", err)
		}
		if known {
			return []ledger.Named{{Order: id, Name: outcome.Name{Kind: ledger.CommercetoolsID, Text: id}}}, nil
		}
	}
	return nil, nil
}

// NamesOf are the names of an order that messages told, oldest first.
func (l *Ledger) NamesOf(ctx context.Context, orderID string) ([]ledger.Named, error) {
	return l.queryNames(ctx, `order_id = $1 ORDER BY id LIMIT 100`, orderID)
}

func (l *Ledger) queryNames(ctx context.Context, where string, args ...any) (found []ledger.Named, err error) {
	err = l.db.reader().query(ctx, `SELECT order_id, kind, name FROM fftconnect_order_names WHERE `+where, args, func(row scanFunc) error {
		var n ledger.Named
		err := row(&n.Order, &n.Kind, &n.Text)
		found = append(found, n)
		return err
	})
	return found, wrapError("look names of orders up", err)
}

// numbersAtOnce is of how many orders one query asks for the number: databases take so
// many parameters and no more.
const numbersAtOnce = 500

// OrderNumbers are the numbers of these orders, as far as the store knows them.
func (l *Ledger) OrderNumbers(ctx context.Context, ids []string) (map[string]string, error) {
	numbers := map[string]string{}
	known := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return id == "" })
	for some := range slices.Chunk(known, numbersAtOnce) {
		args := []any{string(outcome.OrderNumber)}
		for _, id := range some {
			args = append(args, id)
		}
		err := l.db.reader().query(ctx, `SELECT order_id, name FROM fftconnect_order_names WHERE kind = $1 AND order_id IN `+placeholders(2, len(some)),
			args, func(row scanFunc) error {
				var id, number string
				err := row(&id, &number)
				numbers[id] = number
				return err
			})
		if err != nil {
			return numbers, wrapError("look numbers of orders up", err)
		}
	}
	return numbers, nil
}

// addNumbers sets the order numbers of n things that are about orders.
func (l *Ledger) addNumbers(ctx context.Context, n int, of func(i int) (orderID string, number *string)) error {
	ids := make([]string, n)
	for i := range n {
		ids[i], _ = of(i)
	}
	numbers, err := l.OrderNumbers(ctx, ids)
	for i := range n {
		id, number := of(i)
		*number = numbers[id]
	}
	return err
}

const (
	// notedNames is how many names are remembered to be in the store: those of some hundred orders.
	notedNames = 4096
	// notedFor is how long at most: what is old leaves the store.
	notedFor = time.Hour
)

// newNames are the names that messages told of orders and that are not known to be in
// the store: every message about an order tells most of them again.
func (l *Ledger) newNames(rows []ledger.JournalRow) []ledger.Named {
	var names []ledger.Named
	found := map[ledger.Named]bool{}
	for _, row := range rows {
		for _, name := range row.Names {
			named := ledger.Named{Order: row.Order, Name: name}
			if _, noted := l.noted.Get(named); row.Order != "" && !found[named] && !noted {
				names, found[named] = append(names, named), true
			}
		}
	}
	return names
}

// insertNames puts names into the store, where they may be already.
func (l *Ledger) insertNames(ctx context.Context, tx querier, names []ledger.Named) error {
	for some := range byStatement(names) {
		args := make([]any, 0, 4*len(some))
		for _, name := range some {
			args = append(args, name.Text, string(name.Kind), name.Order, toMicros(l.opts.Now()))
		}
		_, err := tx.exec(ctx, `INSERT INTO fftconnect_order_names (name, kind, order_id, seen_at) VALUES `+placeholderRows(len(some), 4)+
			` ON CONFLICT (name, kind, order_id) DO NOTHING`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// SaveNames remembers names of an order that somebody looked up.
func (l *Ledger) SaveNames(ctx context.Context, orderID string, names []outcome.Name) error {
	found := l.newNames([]ledger.JournalRow{{Order: orderID, Names: names}})
	return wrapError("note names of order "+orderID, l.insertNames(ctx, l.db, found))
}

// activityRows bounds how many rows of the journal are counted.
const activityRows = 20_000

// CountByHour counts the messages since then by the hour, newest first. At most the latest
// 20,000 are counted; from is how far they reach back.
func (l *Ledger) CountByHour(ctx context.Context, since time.Time) (counts []ledger.HourCount, from time.Time, err error) {
	seen, first := 0, time.Now()
	err = l.db.reader().query(ctx, `SELECT hour, flow, outcome, count(*), min(at) FROM (
			SELECT at / 3600000000 AS hour, at, flow, outcome FROM fftconnect_journal WHERE at >= $1 ORDER BY at DESC LIMIT $2) AS latest
		GROUP BY hour, flow, outcome ORDER BY hour DESC`, []any{toMicros(since), activityRows}, func(row scanFunc) error {
		var b ledger.HourCount
		var hour, earliest int64
		err := row(&hour, &b.Flow, &b.Outcome, &b.Count, &earliest)
		b.Hour = fromMicros(hour * time.Hour.Microseconds())
		counts = append(counts, b)
		seen += b.Count
		if at := fromMicros(earliest); at.Before(first) {
			first = at
		}
		return err
	})
	if from = since; seen >= activityRows {
		from = first
	}
	return counts, from, wrapError("count the journal", err)
}
