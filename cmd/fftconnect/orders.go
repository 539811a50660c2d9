package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/printable"
	"fftconnect/internal/reconcile"
)

// ordersCommand is for orders that are not finished.
type ordersCommand struct {
	List   ordersListCommand   `cmd:"" help:"List orders that are not finished, those without a sign of life for the longest time first."`
	Resend ordersResendCommand `cmd:"" help:"Export an order again that was cancelled in fulfillmenttools, or expired there."`
}

type ordersListCommand struct {
	Late  bool   `help:"Only late ones, the longest late first."`
	Left  bool   `help:"Only those that are not looked at any more."`
	Limit int    `help:"At most so many." default:"50"`
	After string `help:"Only those behind this order of the list: the id of the last one shown." placeholder:"ID"`
	JSON  bool   `name:"json" help:"Print as JSON."`
}

// Validate implements kong's check of flags.
func (c ordersListCommand) Validate() error {
	if c.Limit < 1 {
		return errors.New("--limit must be above zero")
	}
	return nil
}

// Run lists open orders.
func (c ordersListCommand) Run(p program) error {
	orders, err := c.openOrders(p)
	if err != nil {
		return err
	}
	if c.JSON {
		if orders == nil {
			orders = []reconcile.OpenOrder{}
		}
		return p.printJSON(orders)
	}
	if len(orders) == 0 {
		fmt.Fprintln(p.out, "No such order.")
		return nil
	}
	rows := make([][]string, 0, len(orders))
	for _, o := range orders {
		state := o.State
		if o.AbandonedFor != "" {
			state = "left: " + o.AbandonedFor
		}
		late := string(o.Late)
		if late != "" {
			late += " " + ageText(o.Since)
		}
		rows = append(rows, []string{o.ID, cmp.Or(o.Number, "-"), ageText(o.LastActivity), cmp.Or(late, "-"), state})
	}
	p.printTable([]string{"ORDER", "NUMBER", "LAST SIGN", "LATE", "STATE"}, rows)
	return nil
}

// openOrders are those of the store; without one, commercetools is asked, and
// fulfillmenttools about each.
func (c ordersListCommand) openOrders(p program) ([]reconcile.OpenOrder, error) {
	store, err := p.openStore()
	if err == nil {
		defer store.Close(p.ctx)
		return store.OpenOrders(p.ctx, ledger.OpenOrderFilter{Late: c.Late, Abandoned: c.Left, After: c.After, Limit: c.Limit})
	}
	if !errors.Is(err, errNoStore) {
		return nil, err
	}
	t, done, err := p.openSession(0)
	if err != nil {
		return nil, err
	}
	defer done()
	var orders []reconcile.OpenOrder
	behind := c.After == ""
	err = t.Reconciler.Unfinished(p.ctx, func(order reconcile.OpenOrder) bool {
		if !behind {
			behind = order.ID == c.After
			return true
		}
		if (!c.Late || order.Late != "") && !c.Left {
			orders = append(orders, order)
		}
		return len(orders) < c.Limit
	})
	if err == nil && !behind {
		err = ledger.NotInList(c.After)
	}
	return orders, err
}

type ordersResendCommand struct {
	Order string `arg:"" help:"The order: its number, its id on either platform, or what else it is known by."`
	JSON  bool   `name:"json" help:"Print as JSON."`
}

// Run exports an order again.
func (c ordersResendCommand) Run(p program) error {
	t, done, err := p.openSession(0)
	if err != nil {
		return err
	}
	defer done()
	order, err := t.Orders.OrderByAnyName(p.ctx, c.Order)
	if err != nil {
		return fmt.Errorf("resend: %w", err)
	}
	result, err := t.Exporter.Resend(p.ctx, order.ID)
	if t.store != nil && err == nil {
		entry := outcome.Entry{Result: result, At: time.Now(), Flow: outcome.Export, Type: "resend"}
		entry.Reason = ledger.By(byUser(p.ctx)) + entry.Reason
		t.store.RecordAttempt(entry, 0)
	}
	if err != nil {
		return err
	}
	var failed error
	if result.Kind != outcome.Applied {
		failed = errors.New("not sent again")
	}
	if c.JSON {
		return errors.Join(p.printJSON(map[string]any{
			"order": order.ID, "outcome": result.Kind, "reason": result.Reason, "notes": append([]string{}, result.Notes...),
		}), failed)
	}
	printable.Fprintf(p.out, "order %s: %s, %s\n", cmp.Or(order.OrderNumber, order.ID), result.Kind, result.Reason)
	return failed
}
