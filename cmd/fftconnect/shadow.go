package main

import (
	"errors"
	"fmt"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/printable"
	"fftconnect/internal/shadow"
)

type shadowCommand struct {
	Report shadowReportCommand `cmd:"" help:"Sum up how our work in shadow mode differs from the other connector's."`
}

type shadowReportCommand struct {
	Since since `help:"Only what was compared since then: a time (RFC 3339), or how long ago, such as 2h or 1d." default:"30d"`
	JSON  bool  `name:"json" help:"Print as JSON."`
}

// Validate implements kong's check of flags.
func (c shadowReportCommand) Validate() error {
	if !c.Since.isGiven() || c.Since.isFuture(time.Now()) {
		return errors.New("--since must be in the past")
	}
	return nil
}

// Run reads the journal.
func (c shadowReportCommand) Run(p program) error {
	store, err := p.openStore()
	if err != nil {
		return err
	}
	defer store.Close(p.ctx)
	var tally shadow.Tally
	err = store.Journal(p.ctx, c.Since.time(time.Now()), outcome.Shadowed, func(row ledger.JournalRow) {
		tally.Add(row.Flow, row.Order, row.Reason, row.At)
	})
	if err != nil {
		return err
	}
	depth, err := store.CountStored(p.ctx)
	if err != nil {
		return err
	}
	report := tally.Report()
	if c.JSON {
		return p.printJSON(map[string]any{"export": report.Export, "feedback": report.Feedback, "facilities": report.Facilities, "waiting": depth.Deferred, "dead": depth.Dead})
	}
	p.printShadowSide("Orders to fulfillmenttools", report.Export)
	p.printShadowSide("Updates of orders", report.Feedback)
	p.printShadowSide("Channels to facilities", report.Facilities)
	if report.Export.Orders+report.Feedback.Orders+report.Facilities.Orders == 0 {
		fmt.Fprintln(p.out, "Nothing was compared yet: is the connector running with SHADOW=true, and do messages reach it?")
	}
	if depth.Deferred > 0 {
		printable.Fprintf(p.out, "%s waiting for the other connector's time to be over.\n", countOf(depth.Deferred, "message"))
	}
	if depth.Dead > 0 {
		printable.Fprintf(p.out, "%s: fftconnect events list --state dead\n", countOf(depth.Dead, "dead letter"))
	}
	return nil
}

func (p program) printShadowSide(title string, side shadow.Side) {
	if side.Orders == 0 {
		return
	}
	printable.Fprintf(p.out, "%s: %d compared, %d the same, %d with more, %d different\n", title, side.Orders, side.Same, side.More, side.Different)
	for _, f := range side.Fields {
		detail := "order " + f.Order
		if f.Detail != "" {
			detail += ": " + f.Detail
		}
		printable.Fprintf(p.out, "  %6d  %-11s %-44s %s\n", f.Orders, f.Kind, f.Field, detail)
	}
}
