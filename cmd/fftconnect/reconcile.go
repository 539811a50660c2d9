package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/printable"
	"fftconnect/internal/reconcile"
)

// session is a connector that serves nobody: for commands that repair.
type session struct {
	*connector.Connector
	store *durable.Ledger
	env   config.Environment
}

// openSession shares the store with a running connector, so that both agree on who works
// on an order. close must be called.
func (p program) openSession(rate int) (session, func(), error) {
	env, err := p.loadEnvironment(0)
	if err != nil {
		return session{}, nil, err
	}
	if rate > 0 {
		env.ReconcileRate = rate
	}
	store, err := connector.OpenStore(p.ctx, env, slog.New(slog.DiscardHandler), !p.warnIfStoreIsNew(env))
	if err != nil {
		return session{}, nil, err
	}
	c, err := connector.New(connector.Options{Environment: env, Version: versionText(), Store: store})
	if err != nil {
		return session{}, nil, err
	}
	return session{Connector: c, store: store, env: env}, func() {
		if store != nil {
			ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
			defer cancel()
			_ = store.Close(ctx)
		}
	}, nil
}

// warnIfStoreIsNew says when the store is about to be made: run in another folder than
// the connector, a command would not share the connector's.
func (p program) warnIfStoreIsNew(env config.Environment) bool {
	path, sqlite := strings.CutPrefix(env.DatabaseURL.Reveal(), "sqlite:")
	_, err := os.Stat(path)
	isNew := sqlite && errors.Is(err, os.ErrNotExist)
	if isNew {
		fmt.Fprintf(p.errs, "note: there is no store at %s, a new one is made; a running connector shares it only when both have the same DATABASE_URL and folder\n", path)
	}
	return isNew
}

type syncCommand struct {
	Order    string `arg:"" help:"The order: its number, its id on either platform, or what else it is known by, such as a short id or a tracking number."`
	DryRun   bool   `help:"Say what is wrong and change nothing."`
	ExitCode bool   `help:"With --dry-run: end with 1 when the platforms differ."`
	JSON     bool   `name:"json" help:"Print as JSON."`
}

// Run makes one order right in both directions, and says where it is.
func (c syncCommand) Run(p program) error {
	t, done, err := p.openSession(0)
	if err != nil {
		return err
	}
	defer done()
	order, err := t.Orders.OrderByAnyName(p.ctx, c.Order)
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	report, err := t.Orders.Sync(byUser(p.ctx), order, c.DryRun)
	if err != nil {
		return err
	}
	var timeline []ledger.JournalRow
	if t.store != nil {
		if timeline, err = t.store.Timeline(p.ctx, order.ID); err != nil {
			return err
		}
	}
	failure := errors.Join(errUnrepaired(report.Finding, c.DryRun), errDifferences(c.DryRun && c.ExitCode, countFindings(report.Finding)))
	if c.JSON {
		return errors.Join(p.printJSON(map[string]any{"order": order.ID, "report": report, "timeline": append([]ledger.JournalRow{}, timeline...)}), failure)
	}
	printable.Fprintf(p.out, "order %s  number %s  state %s  shipment %s\n", order.ID,
		cmp.Or(order.OrderNumber, "none"), order.OrderState, cmp.Or(order.ShipmentState, "none"))
	printable.Fprintf(p.out, "%s\n", report.Where)
	if report.Late != "" {
		printable.Fprintf(p.out, "It is late since %s: %s.\n", report.LateSince.Format(time.RFC3339), report.Late)
	}
	if report.Finding == nil {
		fmt.Fprintln(p.out, "Both platforms agree; nothing to do.")
	} else {
		p.printFinding(*report.Finding, c.DryRun)
	}
	p.printTimeline(timeline)
	return failure
}

func countFindings(finding *reconcile.Finding) int {
	if finding == nil {
		return 0
	}
	return 1
}

// errDifferences is the error of a dry run that found some, when it was asked for.
func errDifferences(asked bool, n int) error {
	if !asked || n == 0 {
		return nil
	}
	return fmt.Errorf("%s found", countOf(n, "difference"))
}

func errUnrepaired(finding *reconcile.Finding, dryRun bool) error {
	if finding == nil || finding.Repaired || dryRun {
		return nil
	}
	return errors.New("not repaired")
}

func (p program) printFinding(f reconcile.Finding, dryRun bool) {
	mark := "✓ repaired"
	switch {
	case dryRun:
		mark = "· found"
	case !f.Repaired:
		mark = "✗ not repaired"
	}
	name := f.OrderNumber
	if name == "" {
		name = f.OrderID
	}
	printable.Fprintf(p.out, "  %-15s %-24s %-15s %s\n", mark, name, f.Kind, f.Detail)
	if f.Problem != "" {
		printable.Fprintf(p.out, "      reason  %s\n", withoutOrderPrefix(f.OrderID, f.Problem))
	}
	if f.Hint != "" {
		printable.Fprintf(p.out, "      to do   %s\n", f.Hint)
	}
}

type reconcileCommand struct {
	Since    since `help:"Look at orders that were modified since then: a time (RFC 3339), or how long ago, such as 2h or 1d." default:"24h"`
	DryRun   bool  `help:"List the differences and change nothing."`
	Rate     int   `help:"Orders looked into a second at most; the setting RECONCILE_RATE when left out." placeholder:"N"`
	ExitCode bool  `help:"With --dry-run: end with 1 when there are differences."`
	Resume   bool  `help:"Go on where the last run was cut off."`
	JSON     bool  `name:"json" help:"Print as JSON."`
}

// Validate implements kong's check of flags.
func (c reconcileCommand) Validate() error {
	if !c.Since.isGiven() || c.Since.isFuture(time.Now()) || c.Rate < 0 {
		return errors.New("--since must be in the past, and --rate not below zero")
	}
	return nil
}

// Run compares both platforms and repairs what differs.
func (c reconcileCommand) Run(p program) error {
	t, done, err := p.openSession(c.Rate)
	if err != nil {
		return err
	}
	defer done()
	now := time.Now()
	walk := reconcile.Walk{From: commercetools.Position{ModifiedAt: c.Since.time(now)}, Until: now, DryRun: c.DryRun}
	if c.Resume {
		if err := t.resumeWalk(p.ctx, &walk); err != nil {
			return err
		}
	}
	if err := t.savePosition(p.ctx, walk.From, c.DryRun); err != nil {
		return err
	}
	walk.Page = func(progress reconcile.Progress) error {
		p.showProgressBar(progress, c.JSON)
		return t.savePosition(p.ctx, progress.Position, c.DryRun)
	}
	findings, err := t.Reconciler.WalkAll(byUser(p.ctx), walk)
	p.endProgressBar(c.JSON)
	if err != nil {
		return c.reportInterrupted(p, t, findings, err)
	}
	return errors.Join(c.printFindings(p, findings), t.forgetPosition(p.ctx, c.DryRun))
}

// reportInterrupted reports a run that did not come to its end.
func (c reconcileCommand) reportInterrupted(p program, t session, findings []reconcile.Finding, why error) error {
	if len(findings) > 0 || c.JSON {
		why = errors.Join(c.printFindings(p, findings), why)
	}
	if t.store != nil && !c.DryRun {
		fmt.Fprintln(p.errs, "The run was cut off. Go on with: fftconnect reconcile --resume")
	}
	return why
}

func (c reconcileCommand) printFindings(p program, findings []reconcile.Finding) error {
	left := 0
	for _, f := range findings {
		if !f.Repaired {
			left++
		}
	}
	differ := errDifferences(c.DryRun && c.ExitCode, len(findings))
	if c.JSON {
		if findings == nil {
			findings = []reconcile.Finding{}
		}
		return errors.Join(p.printJSON(map[string]any{"findings": findings, "found": len(findings), "not_repaired": left, "dry_run": c.DryRun}), differ)
	}
	for _, f := range findings {
		p.printFinding(f, c.DryRun)
	}
	switch {
	case len(findings) == 0:
		fmt.Fprintln(p.out, "Both platforms agree; nothing to do.")
	case c.DryRun:
		printable.Fprintf(p.out, "%s found, nothing changed.\n", countOf(len(findings), "difference"))
	default:
		printable.Fprintf(p.out, "%s found, %d repaired.\n", countOf(len(findings), "difference"), len(findings)-left)
	}
	if left > 0 && !c.DryRun {
		return fmt.Errorf("%s not repaired", countOf(left, "difference"))
	}
	return differ
}

func (t session) resumeWalk(ctx context.Context, walk *reconcile.Walk) error {
	if t.store == nil {
		return errors.New("--resume needs a store: DATABASE_URL is none")
	}
	text, _, ok, err := t.store.Checkpoint(ctx, connector.ReconcileCheckpoint)
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("no run was cut off: there is nothing to resume")
	}
	return json.Unmarshal([]byte(text), &walk.From)
}

func (t session) savePosition(ctx context.Context, position commercetools.Position, dryRun bool) error {
	if t.store == nil || dryRun {
		return nil
	}
	text, err := json.Marshal(position)
	if err != nil {
		return err
	}
	return t.store.SaveCheckpoint(ctx, connector.ReconcileCheckpoint, string(text))
}

func (t session) forgetPosition(ctx context.Context, dryRun bool) error {
	if t.store == nil || dryRun {
		return nil
	}
	return t.store.SaveCheckpoint(ctx, connector.ReconcileCheckpoint, "")
}

// showProgressBar shows the progress on standard error: redrawn on a terminal, a line a page
// elsewhere.
func (p program) showProgressBar(progress reconcile.Progress, quiet bool) {
	if quiet {
		return
	}
	const width = 30
	filled := int(progress.Part * width)
	line := fmt.Sprintf("%s%s %d orders, %s, %.0f/s, %s left",
		strings.Repeat("█", filled), strings.Repeat("░", width-filled), progress.Seen,
		countOf(progress.Findings, "difference"), progress.Rate(), progress.Remaining().Round(time.Second))
	if isTerminal(p.stderr) {
		fmt.Fprintf(p.stderr, "\r\x1b[K%s", line)
		return
	}
	fmt.Fprintln(p.errs, line)
}

func (p program) endProgressBar(quiet bool) {
	if !quiet && isTerminal(p.stderr) {
		fmt.Fprintln(p.errs)
	}
}
