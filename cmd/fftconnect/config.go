package main

import (
	"errors"
	"fmt"
	"slices"

	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/platforms"
)

type configCommand struct {
	Show   configShowCommand   `cmd:"" default:"withargs" help:"Print every setting with its value and where it comes from."`
	Check  configCheckCommand  `cmd:"" help:"Examine the shop's configuration, and say what it does."`
	Clear  configClearCommand  `cmd:"" help:"Confirm that the shop has no configuration: an empty one is written, and the defaults are in force."`
	Schema configSchemaCommand `cmd:"" help:"Print the JSON Schema of the shop's configuration, for editors."`
}

type configShowCommand struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// Run prints every setting with its value, its meaning and where it comes from.
func (c configShowCommand) Run(p program) error {
	if _, err := p.loadEnvironment(0); err != nil {
		return err
	}
	type row struct {
		Name    string `json:"name"`
		Value   string `json:"value"`
		From    string `json:"from"`
		Meaning string `json:"meaning"`
	}
	var rows []row
	for _, setting := range config.Effective(p.lookup) {
		rows = append(rows, row(setting))
	}
	if c.JSON {
		return p.printJSON(rows)
	}
	lines := make([][]string, len(rows))
	for i, r := range rows {
		lines[i] = []string{r.Name, r.Value, r.From, r.Meaning}
	}
	p.printTable([]string{"SETTING", "VALUE", "FROM", "MEANING"}, lines)
	return nil
}

type configClearCommand struct {
	Yes bool `help:"Do not ask."`
}

// Run writes an empty configuration, which tells a deliberate absence from an accident.
func (c configClearCommand) Run(p program) error {
	env, err := p.loadEnvironment(0)
	if err != nil {
		return err
	}
	if err := p.confirm("Replace the shop's configuration by an empty one: no triggers, filters or mapping of its own?", c.Yes); err != nil {
		return err
	}
	ct, _, err := platforms.Clients(env, versionText(), platforms.Transport(), platforms.Guards{})
	if err != nil {
		return err
	}
	if _, err = ct.PutObject(p.ctx, config.ShopContainer, config.ShopKey, map[string]any{}); err == nil {
		fmt.Fprintf(p.out, "custom object %s/%s is empty; the defaults are in force within CACHE_TTL.\n", config.ShopContainer, config.ShopKey)
	}
	return err
}

type configSchemaCommand struct{}

// Run prints the JSON Schema.
func (configSchemaCommand) Run(p program) error {
	_, err := p.out.Write(config.ShopSchema())
	return err
}

type configCheckCommand struct {
	File string `arg:"" optional:"" help:"Configuration file; CONFIG_FILE, or the custom object fft/configuration in commercetools, when left out."`
	JSON bool   `name:"json" help:"Print as JSON."`
}

// errShown ends a command whose output has already said what is wrong.
var errShown = errors.New("the shop's configuration is wrong")

// Run prints everything that is wrong or odd, with its position, and what the
// configuration does when nothing is wrong.
func (c configCheckCommand) Run(p program) error {
	report, err := c.check(p)
	if err != nil {
		return err
	}
	if c.JSON {
		err = p.printReportJSON(report)
	} else {
		p.printReport(report)
	}
	if err == nil && len(report.Problems)+len(report.Unusable) > 0 {
		return errShown
	}
	return err
}

func (c configCheckCommand) check(p program) (config.ShopReport, error) {
	path, err := c.File, error(nil)
	if path == "" {
		if path, err = config.ConfigFile(p.lookup); err != nil {
			return config.ShopReport{}, err
		}
	}
	env, err := p.loadEnvironment(0)
	if err != nil {
		if path == "" {
			return config.ShopReport{}, err
		}
		return config.CheckShopFile(path), nil // without settings there is no shop to compare it with
	}
	ct, _, err := platforms.Clients(env, versionText(), platforms.Transport(), platforms.Guards{})
	if err != nil {
		return config.ShopReport{}, err
	}
	report, uncompared, err := connector.CheckShop(p.ctx, ct, path)
	if uncompared != nil {
		fmt.Fprintf(p.errs, "fftconnect: custom fields are not compared with the shop's types: %v\n", uncompared)
	}
	return report, err
}

func (p program) printReport(report config.ShopReport) {
	for _, problem := range slices.Concat(report.Problems, report.Unusable) {
		fmt.Fprintln(p.errs, problem.In(report.Source))
	}
	for _, warning := range report.Warnings {
		fmt.Fprintln(p.errs, "warning:", warning.In(report.Source))
	}
	if n := len(report.Problems) + len(report.Unusable); n > 0 {
		fmt.Fprintf(p.errs, "fftconnect: %s in %s\n", countOf(n, "problem"), report.Source)
		return
	}
	fmt.Fprintf(p.out, "%s: %s\n", report.Source, report.Shop.Summary())
}

func (p program) printReportJSON(report config.ShopReport) error {
	type problem struct {
		Path    string `json:"path"`
		Message string `json:"message"`
		Line    int    `json:"line,omitempty"`
		Column  int    `json:"column,omitempty"`
	}
	listed := func(problems []config.ShopProblem) []problem {
		rows := []problem{}
		for _, found := range problems {
			rows = append(rows, problem{found.Path, found.Message, found.Line, found.Column})
		}
		return rows
	}
	answer := map[string]any{
		"source": report.Source, "valid": len(report.Problems)+len(report.Unusable) == 0,
		"problems": listed(slices.Concat(report.Problems, report.Unusable)), "warnings": listed(report.Warnings),
	}
	if len(report.Problems) == 0 {
		answer["summary"] = report.Shop.Summary()
		answer["configuration"] = report.Shop
	}
	return p.printJSON(answer)
}

// loadShopFile is the configuration out of CONFIG_FILE; the defaults without one.
func (p program) loadShopFile() (config.Shop, error) {
	path, err := config.ConfigFile(p.lookup)
	if err != nil || path == "" {
		return config.Shop{}, err
	}
	return config.ReadShop(path)
}
