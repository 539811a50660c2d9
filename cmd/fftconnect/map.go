package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/platforms"
	"fftconnect/internal/printable"
	"fftconnect/internal/remote"
	"fftconnect/internal/shop"
)

type mapCommand struct {
	Order   string `arg:"" help:"A file with an order as commercetools' API gives it, alone, in a query's result or in a message; or an order's id or order number."`
	Config  string `help:"File with the shop's configuration, in place of the custom object fft/configuration." type:"existingfile" placeholder:"FILE"`
	Explain bool   `help:"Print a table instead: for each field of the fulfillmenttools order its value, and where the rule of docs/mapping.md takes it from; then what is left out."`
	JSON    bool   `name:"json" help:"Print the order, notes, problems and explanation as JSON."`
}

// Run says whether the order would be exported, and prints the fulfillmenttools order that
// it would become, and on standard error every fallback that the mapping takes. It writes
// nothing anywhere. A file is mapped without any call, unless it holds references that are
// not expanded and settings are at hand; then nothing is known of the project's languages
// and of stores.
func (c mapCommand) Run(p program) error {
	subjects, settings, err := c.readOrders(p)
	if err != nil {
		return err
	}
	if c.Config != "" {
		if settings, err = config.ReadShop(c.Config); err != nil {
			return err
		}
	}
	var problems []error
	for _, subject := range subjects {
		explained := export.Explain(subject.order, settings, subject.surroundings)
		explained.Notes = append(explained.Notes, subject.notes...)
		if err := c.printMapped(p, subject.order, explained); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// orderToMap is an order to map.
type orderToMap struct {
	order        commercetools.Order
	surroundings export.Surroundings
	notes        []string
}

// printMapped also tells of an order that cannot be mapped.
func (c mapCommand) printMapped(p program, order commercetools.Order, explained export.Explanation) error {
	prospect := exportDecisionLine(order, explained.Export)
	var err error
	if len(explained.Problems) > 0 && !explained.Export.Empty {
		err = &export.Unmappable{Problems: explained.Problems}
	}
	switch {
	case c.JSON:
		return errors.Join(p.printJSON(explained), err)
	case c.Explain:
		printable.Fprintf(p.out, "%s\n", prospect)
		p.printNotes(explained.Notes)
		return errors.Join(printExplanation(p.out, explained, terminalWidth(p.stdout)), err)
	}
	printable.Fprintf(p.errs, "%s\n", prospect)
	p.printNotes(explained.Notes)
	if err != nil || explained.Export.Empty {
		return err
	}
	return p.printJSON(explained.Order)
}

func exportDecisionLine(order commercetools.Order, prospect export.ExportDecision) string {
	name := order.Snapshot.OrderNumber
	if name == "" {
		name = order.ID
	}
	if prospect.Would {
		return fmt.Sprintf("order %s would be exported", name)
	}
	return fmt.Sprintf("order %s would not be exported: %s", name, prospect.Reason)
}

func (p program) printNotes(notes []string) {
	for _, note := range notes {
		printable.Fprintf(p.errs, "note: %s\n", note)
	}
}

func (c mapCommand) readOrders(p program) (subjects []orderToMap, settings config.Shop, err error) {
	text, err := os.ReadFile(c.Order)
	if err == nil {
		if settings, err = p.loadShopFile(); err != nil {
			return nil, settings, err
		}
		subjects, err = c.readOrdersInFile(p, text)
		return subjects, settings, err
	}
	if !errors.Is(err, os.ErrNotExist) || strings.HasPrefix(c.Order, ".") || filepath.IsAbs(c.Order) || filepath.Ext(c.Order) == ".json" {
		return nil, settings, err
	}
	env, err := p.loadEnvironment(0)
	if err != nil {
		return nil, settings, err
	}
	ct, _, err := platforms.Clients(env, versionText(), platforms.Transport(), platforms.Guards{})
	if err != nil {
		return nil, settings, err
	}
	order, err := orderByName(p.ctx, ct, c.Order)
	if err != nil {
		return nil, settings, fmt.Errorf("order %s: %w", c.Order, err)
	}
	known := shop.New(ct, shop.Options{TTL: env.CacheTTL, Settings: env.Shop})
	if settings, err = known.Configuration(p.ctx); err != nil {
		return nil, settings, err
	}
	surroundings, err := known.Surroundings(p.ctx, order, settings)
	return []orderToMap{{order: order, surroundings: surroundings}}, settings, err
}

// readOrdersInFile are the orders that a file holds. References that are not expanded are looked up
// where there are settings to do it with.
func (c mapCommand) readOrdersInFile(p program, text []byte) ([]orderToMap, error) {
	orders, err := decodeOrders(c.Order, text)
	if err != nil {
		return nil, err
	}
	subjects := make([]orderToMap, len(orders))
	for i, order := range orders {
		s := orderToMap{order: order, surroundings: export.Surroundings{ProjectKey: "from a file", Offline: true}}
		if len(order.UnexpandedReferences()) > 0 {
			if err := p.expandReferences(&s.order); err != nil {
				s.notes = append(s.notes, "cannot be looked up: "+inOneLine(err.Error()))
			}
		}
		if order.Store != nil && order.Store.Key != "" {
			s.notes = append(s.notes, fmt.Sprintf("store %q is not read: its supply channels are unknown", order.Store.Key))
		}
		for _, name := range s.order.UnexpandedReferences() {
			if !strings.HasPrefix(name, "shipping method") { // the mapping says so itself
				s.notes = append(s.notes, name+" is not expanded: its key is unknown")
			}
		}
		subjects[i] = s
	}
	return subjects, nil
}

// expandReferences looks references up, if there are settings to do it with.
func (p program) expandReferences(order *commercetools.Order) error {
	env, err := p.loadEnvironment(0)
	if err != nil {
		return nil // there are none, which is no mistake
	}
	ct, _, err := platforms.Clients(env, versionText(), platforms.Transport(), platforms.Guards{})
	if err != nil {
		return err
	}
	return ct.ExpandReferences(p.ctx, order)
}

// orderByName reads an order in full by its number or id.
func orderByName(ctx context.Context, ct *commercetools.Client, name string) (commercetools.Order, error) {
	found, err := ct.SnapshotByNumber(ctx, name)
	id := found.ID
	switch {
	case remote.Is(err, remote.NotFound):
		id = name
	case err != nil:
		return commercetools.Order{}, err
	}
	order, err := ct.Order(ctx, id)
	if remote.Is(err, remote.NotFound) {
		err = errors.New("there is neither a file of this name nor an order with this id or number")
	}
	return order, err
}
