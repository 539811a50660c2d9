package main

import (
	"fmt"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/intake"
	"fftconnect/internal/platforms"
	"fftconnect/internal/printable"
	"fftconnect/internal/setup"
)

type installCommand struct {
	DryRun  bool     `help:"Print the plan and change nothing."`
	JSON    bool     `name:"json" help:"Print as JSON."`
	Only    []string `help:"Install only these parts: messages, events, type, channels." placeholder:"PART,…"`
	Replace bool     `help:"Take over webhooks of this deployment that deliver to another address which still answers."`
	Force   bool     `help:"Apply the broker's credentials again; they cannot be read back and compared."`
	Type    string   `help:"Key of the custom type to put the fields on; the shop's own when left out." placeholder:"KEY"`
}

// Run plans, shows and carries out the installation.
func (c installCommand) Run(p program) error {
	parts, err := setup.ParseParts(c.Only)
	if err != nil {
		return usageError{err}
	}
	installer, err := p.newInstaller(setup.NeedsOf(parts), c.Type)
	if err != nil {
		return err
	}
	installer.Only, installer.Replace, installer.Force = parts, c.Replace, c.Force
	plan, err := installer.Install(p.ctx)
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	return p.applyPlan(plan, c.DryRun, c.JSON)
}

type uninstallCommand struct {
	DryRun bool     `help:"Print the plan and change nothing."`
	JSON   bool     `name:"json" help:"Print as JSON."`
	Only   []string `help:"Remove only these parts: messages, events, type, channels." placeholder:"PART,…"`
	Type   string   `help:"Key of the custom type that holds the fields; the shop's own when left out." placeholder:"KEY"`
	Purge  bool     `help:"Also remove our fields from the custom type, and with them their values on every order."`
	Yes    bool     `help:"Do not ask."`
}

// Run removes what install created.
func (c uninstallCommand) Run(p program) error {
	parts, err := setup.ParseParts(c.Only)
	if err != nil {
		return usageError{err}
	}
	installer, err := p.newInstaller(0, c.Type)
	if err != nil {
		return err
	}
	installer.Only = parts
	plan, err := installer.Uninstall(p.ctx, c.Purge)
	if err != nil {
		return fmt.Errorf("uninstall: %w", err)
	}
	if !c.DryRun && plan.Changes() > 0 {
		if !c.JSON && !c.Yes {
			plan.Print(p.out)
		}
		if err := p.confirm(fmt.Sprintf("Make %s?", countOf(plan.Changes(), "change")), c.Yes); err != nil {
			return err
		}
	}
	return p.applyPlan(plan, c.DryRun, c.JSON)
}

func (p program) newInstaller(needs config.Need, typeKey string) (setup.Installer, error) {
	env, err := p.loadEnvironment(needs)
	if err != nil {
		return setup.Installer{}, err
	}
	ct, fft, err := platforms.Clients(env, versionText(), platforms.Transport(), platforms.Guards{})
	return setup.Installer{
		Commercetools: ct, Fulfillmenttools: fft, Environment: env,
		Token: intake.TokenOf(env), Now: time.Now, TypeKey: typeKey, IsAnswering: setup.NewAddressCheck(platforms.Transport()),
	}, err
}

// applyPlan shows a plan and, unless it is a dry run, applies it step by step.
func (p program) applyPlan(plan setup.Plan, dryRun, asJSON bool) error {
	type row struct {
		Verb  string `json:"verb"`
		What  string `json:"what"`
		Why   string `json:"why,omitempty"`
		Done  bool   `json:"done"`
		Error string `json:"error,omitempty"`
	}
	rows := []row{}
	done := func(step setup.Step, err error) {
		r := row{Verb: step.Verb, What: step.What, Why: step.Why, Done: err == nil && !dryRun}
		if err != nil {
			r.Error = err.Error()
		}
		rows = append(rows, r)
		if !asJSON && !dryRun {
			mark := "✓"
			if err != nil {
				mark = "✗"
			}
			line := fmt.Sprintf("  %s %-8s %s", mark, step.Verb, step.What)
			if err == nil && step.Why != "" { // a failure is told at the end, with its reason
				line += " (" + step.Why + ")"
			}
			printable.Fprintf(p.out, "%s\n", line)
		}
	}
	var failed error
	switch {
	case dryRun && !asJSON:
		plan.Print(p.out)
		printable.Fprintf(p.out, "%s planned, none made.\n", countOf(plan.Changes(), "change"))
		return nil
	case dryRun:
		for _, step := range plan.Steps {
			done(step, nil)
		}
	default:
		failed = plan.Apply(p.ctx, done)
	}
	if asJSON {
		if err := p.printJSON(map[string]any{"steps": rows, "warnings": append([]string{}, plan.Warnings...), "changes": plan.Changes(), "dry_run": dryRun}); err != nil {
			return err
		}
		return failed
	}
	for _, warning := range plan.Warnings {
		printable.Fprintf(p.out, "  ! %s\n", warning)
	}
	if failed == nil {
		printable.Fprintf(p.out, "%s made.\n", countOf(plan.Changes(), "change"))
	}
	return failed
}
