package main

import (
	"errors"
	"fmt"
	"strings"

	"fftconnect/internal/facilities"
	"fftconnect/internal/printable"
	"fftconnect/internal/remote"
)

// facilitiesCommand is for channels and their facilities.
type facilitiesCommand struct {
	Sync facilitiesSyncCommand `cmd:"" help:"Make facilities agree with all channels that hold stock, and set those offline whose channel is gone."`
}

type facilitiesSyncCommand struct {
	Channels []string `arg:"" optional:"" name:"channel" help:"Keys of channels; all that hold stock when left out."`
	DryRun   bool     `help:"Say what would change and change nothing."`
	Deleted  bool     `help:"Make facilities anew that people deleted in fulfillmenttools; for channels that are named this is so anyway."`
	Rate     int      `help:"Channels looked into a second at most; the setting RECONCILE_RATE when left out." placeholder:"N"`
	ExitCode bool     `help:"With --dry-run: end with 1 when something would change."`
	JSON     bool     `name:"json" help:"Print as JSON."`
}

// facilityRow is what became of one channel's facility.
type facilityRow struct {
	Channel string   `json:"channel"`
	ID      string   `json:"id,omitempty"` // of the channel
	Result  string   `json:"result"`
	Fields  []string `json:"fields,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Notes   []string `json:"notes,omitempty"`
	Hint    string   `json:"advice,omitempty"`
}

// Results of a channel, as the summary counts them.
const (
	facilityCreated = "created"
	facilityUpdated = "updated"
	facilityKept    = "kept"
	facilityOffline = "offline"
	facilityIgnored = "ignored"
	facilityFailed  = "failed"
)

var facilityResults = []string{facilityCreated, facilityUpdated, facilityKept, facilityOffline, facilityIgnored, facilityFailed}

// Validate implements kong's check of flags.
func (c facilitiesSyncCommand) Validate() error {
	if c.Rate < 0 {
		return errors.New("--rate must not be below zero")
	}
	return nil
}

// Run looks into the channels, and goes on when one fails.
func (c facilitiesSyncCommand) Run(p program) error {
	t, done, err := p.openSession(c.Rate)
	if err != nil {
		return err
	}
	defer done()
	if t.env.Shadow && !c.DryRun {
		fmt.Fprintln(p.errs, "note: SHADOW is set, nothing is changed")
		c.DryRun = true
	}
	var rows []facilityRow
	total := 0
	err = t.Facilities.Walk(p.ctx, facilities.Walk{
		Keys: c.Channels, DryRun: c.DryRun, Again: c.Deleted,
		Counted: func(channels int) { total = channels },
		Report: func(report facilities.Report) {
			row := toFacilityRow(report)
			rows = append(rows, row)
			c.showProgress(p, row, len(rows), total)
		},
	})
	if !c.JSON && isTerminal(p.stderr) && len(rows) > 0 {
		fmt.Fprint(p.stderr, "\r\x1b[K")
	}
	if err != nil && len(rows) > 0 {
		fmt.Fprintln(p.errs, "The run was cut off. Run it again: what is done is left as it is.")
	}
	if err != nil && len(rows) == 0 && !c.JSON {
		return err
	}
	return errors.Join(c.printSummary(p, rows, err), err, c.errDifferences(rows))
}

// errDifferences is the error of a dry run that found differences, when it was asked for.
func (c facilitiesSyncCommand) errDifferences(rows []facilityRow) error {
	changes := 0
	for _, row := range rows {
		if row.Result == facilityCreated || row.Result == facilityUpdated || row.Result == facilityOffline {
			changes++
		}
	}
	return errDifferences(c.DryRun && c.ExitCode, changes)
}

func toFacilityRow(report facilities.Report) facilityRow {
	d := report.Decision
	row := facilityRow{Channel: report.Key, ID: report.ChannelID, Result: facilityIgnored, Reason: d.Reason, Notes: d.Notes, Hint: d.Hint}
	switch {
	case report.Err != nil:
		row.Result, row.Reason, row.Hint = facilityFailed, report.Err.Error(), remote.HintOf(report.Err)
	case d.Action == facilities.Create:
		row.Result = facilityCreated
	case d.Action == facilities.Offline:
		row.Result = facilityOffline
	case d.Action == facilities.Change:
		row.Result, row.Fields = facilityUpdated, d.Fields
	case d.Ours:
		row.Result = facilityKept
	}
	return row
}

// showProgress prints what is not as before, and on a terminal how far it is.
func (c facilitiesSyncCommand) showProgress(p program, row facilityRow, seen, total int) {
	if c.JSON {
		return
	}
	if row.Result != facilityKept {
		if isTerminal(p.stderr) {
			fmt.Fprint(p.stderr, "\r\x1b[K")
		}
		c.printRow(p, row)
	}
	const every = 25
	switch {
	case isTerminal(p.stderr):
		fmt.Fprintf(p.stderr, "\r\x1b[K%d/%d channels", min(seen, total), total)
	case seen%every == 0 || seen == total:
		fmt.Fprintf(p.errs, "%d/%d channels\n", min(seen, total), total)
	}
}

func (c facilitiesSyncCommand) printRow(p program, row facilityRow) {
	mark := "✓"
	switch {
	case row.Result == facilityFailed:
		mark = "✗"
	case c.DryRun || row.Result == facilityIgnored:
		mark = "·"
	}
	detail := row.Reason
	if len(row.Fields) > 0 {
		detail = strings.Join(row.Fields, ", ")
	}
	printable.Fprintf(p.out, "  %s %-10s %-24s %s\n", mark, row.Result, row.Channel, detail)
	for _, note := range row.Notes {
		printable.Fprintf(p.out, "      note    %s\n", note)
	}
	if row.Hint != "" && !strings.Contains(detail, row.Hint) {
		printable.Fprintf(p.out, "      to do   %s\n", row.Hint)
	}
}

// printSummary sums up; cut is what ended the run early, if anything did.
func (c facilitiesSyncCommand) printSummary(p program, rows []facilityRow, cut error) error {
	counts := map[string]int{}
	for _, result := range facilityResults {
		counts[result] = 0
	}
	for _, row := range rows {
		counts[row.Result]++
	}
	var failed error
	if n := counts[facilityFailed]; n > 0 {
		failed = fmt.Errorf("%s failed", countOf(n, "channel"))
	}
	if c.JSON {
		if rows == nil {
			rows = []facilityRow{}
		}
		return errors.Join(p.printJSON(map[string]any{
			"channels": rows, "counts": counts, "dry_run": c.DryRun, "complete": cut == nil,
		}), failed)
	}
	var parts []string
	for _, result := range facilityResults {
		if n := counts[result]; n > 0 || result != facilityIgnored {
			parts = append(parts, fmt.Sprintf("%d %s", n, result))
		}
	}
	ending := "."
	if c.DryRun {
		ending = "; nothing was changed."
	}
	fmt.Fprintln(p.out, strings.Join(parts, ", ")+ending)
	return failed
}
