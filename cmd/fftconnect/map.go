package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/export"
	"fftconnect/internal/remote"
	"fftconnect/internal/shop"
)

type mapCommand struct {
	Order  string `arg:"" help:"A file with an order as commercetools' API gives it, or an order's id or order number."`
	Config string `help:"File with the shop's configuration, in place of the custom object fft/configuration." type:"existingfile" placeholder:"FILE"`
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
		text, err := os.ReadFile(c.Config)
		if err != nil {
			return err
		}
		if settings, err = config.ParseShop(text); err != nil {
			return fmt.Errorf("%s: %w", c.Config, err)
		}
	}
	mapped, notes, err := export.Map(order, settings, around)
	for _, note := range notes {
		fmt.Fprintln(p.errs, "note:", note)
	}
	if err != nil {
		return err
	}
	return p.printJSON(mapped)
}

func (c mapCommand) read(p program) (order commercetools.Order, around export.Surroundings, settings config.Shop, err error) {
	text, err := os.ReadFile(c.Order)
	if err == nil {
		order, err = commercetools.DecodeOrder(text)
		return order, export.Surroundings{ProjectKey: "from a file"}, settings, err
	}
	if !errors.Is(err, os.ErrNotExist) {
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
	known := shop.New(ct, env.CacheTTL)
	if settings, err = known.Shop(p.ctx); err != nil {
		return order, around, settings, err
	}
	around, err = known.Surroundings(p.ctx, order, settings)
	return order, around, settings, err
}

// orderNamed reads an order in full by its number or id.
func orderNamed(ctx context.Context, ct *commercetools.Client, name string) (commercetools.Order, error) {
	found, err := ct.SnapshotByNumber(ctx, name)
	if remote.Is(err, remote.NotFound) {
		return ct.Order(ctx, name)
	}
	if err != nil {
		return commercetools.Order{}, err
	}
	return ct.Order(ctx, found.ID)
}
