package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/export"
	"fftconnect/internal/remote"
	"fftconnect/internal/shop"
)

type mapCommand struct {
	Order   string `arg:"" help:"A file with an order as commercetools' API gives it, or an order's id or order number."`
	Config  string `help:"File with the shop's configuration, in place of the custom object fft/configuration." type:"existingfile" placeholder:"FILE"`
	Explain bool   `help:"Print a table instead: for each field of the fulfillmenttools order its value, its rule in docs/mapping.md, and where that takes it from."`
	JSON    bool   `name:"json" help:"Print the order, notes, problems and explanation as JSON."`
}

// Run prints the fulfillmenttools order that an order would become, and on standard
// error every fallback that the mapping takes. It writes nothing anywhere. A file is
// mapped without any call; then nothing is known of the project's languages, of
// stores, and of channels that are not expanded.
func (c mapCommand) Run(p program) error {
	order, around, settings, err := c.read(p)
	if err != nil {
		return err
	}
	if c.Config != "" {
		if settings, err = config.ReadShop(c.Config); err != nil {
			return err
		}
	}
	if c.JSON || c.Explain {
		return c.explain(p, export.Explain(order, settings, around))
	}
	mapped, notes, err := export.Map(order, settings, around)
	p.printNotes(notes)
	if err != nil {
		return err
	}
	return p.printJSON(mapped)
}

// explain also prints what became of an order that cannot be mapped.
func (c mapCommand) explain(p program, explained export.Explanation) error {
	if c.JSON {
		if err := p.printJSON(explained); err != nil {
			return err
		}
	} else {
		p.printNotes(explained.Notes)
		if err := printFields(p.out, explained.Fields); err != nil {
			return err
		}
	}
	if len(explained.Problems) > 0 {
		return &export.Unmappable{Problems: explained.Problems}
	}
	return nil
}

func (p program) printNotes(notes []string) {
	for _, note := range notes {
		fmt.Fprintln(p.errs, "note:", note)
	}
}

func printFields(out io.Writer, fields []export.Explained) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FIELD\tVALUE\tRULE\tFROM")
	for _, field := range fields {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", field.Field, shortened(field.Value), field.Rule, source(field))
	}
	return table.Flush()
}

// source is where a field comes from, with what that is part of.
func source(field export.Explained) string {
	if field.Of == "" {
		return field.From
	}
	return field.Of + ": " + field.From
}

// shortened fits a column, on one line.
func shortened(value string) string {
	const most = 32
	runes := []rune(strings.Join(strings.Fields(value), " "))
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return string(runes)
}

func (c mapCommand) read(p program) (order commercetools.Order, around export.Surroundings, settings config.Shop, err error) {
	text, err := os.ReadFile(c.Order)
	if err == nil {
		if settings, err = p.shopFile(); err != nil {
			return order, around, settings, err
		}
		order, err = orderIn(c.Order, text)
		return order, export.Surroundings{ProjectKey: "from a file"}, settings, err
	}
	if !errors.Is(err, os.ErrNotExist) || strings.HasPrefix(c.Order, ".") || filepath.IsAbs(c.Order) || filepath.Ext(c.Order) == ".json" {
		return order, around, settings, err
	}
	env, err := p.environment(0)
	if err != nil {
		return order, around, settings, err
	}
	ct, _, err := connector.Clients(env, version(), connector.Transport(), connector.Guards{})
	if err != nil {
		return order, around, settings, err
	}
	if order, err = orderNamed(p.ctx, ct, c.Order); err != nil {
		return order, around, settings, fmt.Errorf("order %s: %w", c.Order, err)
	}
	known := shop.New(ct, shop.Options{TTL: env.CacheTTL, Settings: env.Shop})
	if settings, err = known.Shop(p.ctx); err != nil {
		return order, around, settings, err
	}
	around, err = known.Surroundings(p.ctx, order, settings)
	return order, around, settings, err
}

// orderIn is the order that a file holds.
func orderIn(file string, text []byte) (commercetools.Order, error) {
	if !json.Valid(text) {
		return commercetools.Order{}, fmt.Errorf("%s holds no order of commercetools: it is not JSON", file)
	}
	order, err := commercetools.DecodeOrder(text)
	if err != nil {
		err = fmt.Errorf("%s holds no order of commercetools: %w", file, err)
	}
	return order, err
}

// orderNamed reads an order in full by its number or id.
func orderNamed(ctx context.Context, ct *commercetools.Client, name string) (commercetools.Order, error) {
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
