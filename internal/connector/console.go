package connector

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/console"
	"fftconnect/internal/doctor"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/orders"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// newConsole makes the pages of the admin listener.
func (c *Connector) newConsole(opts Options, state platformState) *console.Console {
	settings := console.Options{
		Version: opts.Version, Admin: c.env.Admin, Secret: []byte(c.env.Token.Secret.Reveal()), Orders: c.Orders,
		Status:  func(ctx context.Context) console.Status { return c.status(ctx, state) },
		Examine: c.runDoctor, Settings: opts.Settings, CheckShop: c.checkShop, Explain: c.explainMapping,
		TestEvent: func(ctx context.Context) []console.Tested { return c.sendTestEvents(ctx, opts.Base) },
		Pages:     platformPages(c.env), Logger: c.logger,
	}
	settings.Notifications = c.notificationsToShow
	if opts.Pages != nil {
		settings.Pages = *opts.Pages
	}
	if store, ok := c.store.(console.Store); ok {
		settings.Store = store
	}
	if c.store != nil {
		settings.Pause, settings.Resume = c.Pause, c.Resume
	}
	return console.New(settings)
}

// newOrders is what people do with one order.
func (c *Connector) newOrders() *orders.Orders {
	o := &orders.Orders{Commercetools: c.Commercetools, Fulfillmenttools: c.Fulfillmenttools, Exporter: c.Exporter, Reconciler: c.Reconciler}
	if store, ok := c.store.(orders.Store); ok {
		o.Store = store
	}
	return o
}

// platformPages are both platforms' own pages; none where their addresses were replaced.
func platformPages(env config.Environment) console.Pages {
	merchantCenter, backoffice := "", ""
	if region := env.Commercetools.Region; region != "" && env.Commercetools.APIURL == "https://api."+region+".commercetools.com" {
		merchantCenter = "https://mc." + region + ".commercetools.com/" + url.PathEscape(env.Commercetools.ProjectKey) + "/orders/"
	}
	if project := env.Fulfillmenttools.ProjectID; env.Fulfillmenttools.APIURL == "https://"+project+".api.fulfillmenttools.com" {
		backoffice = "https://" + project + ".web.app/"
	}
	return console.Pages{
		Commercetools: func(orderID string) string {
			if merchantCenter == "" {
				return ""
			}
			return merchantCenter + url.PathEscape(orderID) + "/general"
		},
		// The Backoffice has no documented address for one order.
		Fulfillmenttools: func(string) string { return backoffice },
	}
}

// status is what this process knows without asking a platform.
func (c *Connector) status(ctx context.Context, state platformState) console.Status {
	now := c.lastUpkeep(ctx)
	s := console.Status{
		Started: c.started, Stopping: c.admin.stopping.Load(), Shadow: c.env.Shadow, Open: c.admin.open, Paused: c.pausesToShow(ctx),
		Blocked: state.health.Blocked(), Installation: now.Problems, TokenExpires: now.TokenExpires,
		Switched: map[outcome.Flow]bool{outcome.Export: c.env.Features.OrderSync, outcome.Feedback: c.env.Features.StatusUpdates},
	}
	if at := c.visitedAt.Load(); at != nil {
		s.Visited = *at
	}
	for _, platform := range []string{commercetools.Platform, fulfillmenttools.Platform} {
		circuit := state.circuits[platform]
		wait, _ := circuit.Open()
		s.Circuits = append(s.Circuits, console.Circuit{Platform: platform, State: string(circuit.State()), Wait: wait.Round(time.Second)})
	}
	if err := c.shop.ConfigurationError(); err != nil {
		s.Configuration = err.Error()
	}
	if c.store == nil {
		s.Problems, s.Handled = c.Telemetry.Attention(), c.Telemetry.Handled()
		return s
	}
	var last sweepState
	if text, _, ok, err := c.store.Checkpoint(ctx, sweptCheckpoint); err == nil && ok && json.Unmarshal([]byte(text), &last) == nil {
		s.Swept = last.Until
	}
	var position commercetools.Position
	if text, _, ok, err := c.store.Checkpoint(ctx, ReconcileCheckpoint); err == nil && ok && json.Unmarshal([]byte(text), &position) == nil {
		s.Reconcile = position.ModifiedAt
	}
	return s
}

// ReconcileCheckpoint is how far the last run of fftconnect reconcile came.
const ReconcileCheckpoint = "reconcile command"

// runDoctor is what fftconnect doctor does.
func (c *Connector) runDoctor(ctx context.Context) []doctor.Finding {
	patient := doctor.Patient{
		Commercetools: c.Commercetools, Fulfillmenttools: c.Fulfillmenttools, Installer: c.Installer(), Environment: c.env,
		HTTP: &http.Client{Timeout: examinePatience, Transport: c.base}, Now: time.Now,
	}
	if store, ok := c.store.(doctor.Database); ok {
		patient.Database = store
	}
	return patient.Examine(ctx, func(doctor.Finding) {})
}

// examinePatience bounds one call of the examination.
const examinePatience = 5 * time.Second

// checkShop examines the shop's configuration as it is now, as fftconnect config check does.
func (c *Connector) checkShop(ctx context.Context) (report config.ShopReport, uncompared, err error) {
	return CheckShop(ctx, c.Commercetools, c.env.ConfigFile)
}

// CheckShop examines the shop's configuration, that in the file or the custom object in
// commercetools when file is empty, and compares it with the shop's types. uncompared is why that
// was not possible.
func CheckShop(ctx context.Context, ct *commercetools.Client, file string) (report config.ShopReport, uncompared, err error) {
	if file != "" {
		report = config.CheckShopFile(file)
	} else {
		value, err := ct.CustomObject(ctx, config.ShopContainer, config.ShopKey)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return report, nil, err
		}
		report = config.CheckShop(value)
	}
	types, uncompared := ct.FieldsByResource(ctx)
	if uncompared == nil {
		report.CompareFields(types)
	}
	return report, uncompared, nil
}

// explainMapping maps an order as it is now, as fftconnect map --explain does.
func (c *Connector) explainMapping(ctx context.Context, orderID string) (console.Explained, error) {
	var tally remote.Tally
	ctx = remote.WithTally(ctx, &tally)
	var explained console.Explained
	order, err := c.Commercetools.Order(ctx, orderID)
	if err != nil {
		return explained, err
	}
	settings, err := c.shop.Configuration(ctx)
	if err != nil {
		return explained, err
	}
	surroundings, err := c.shop.Surroundings(ctx, order, settings)
	if err != nil {
		return explained, err
	}
	explained.Order, explained.Settings = order.Snapshot, settings
	explained.Explanation = export.Explain(order, settings, surroundings)
	explained.Calls = tally.Calls()
	return explained, nil
}

// base is where the public listener is reached: the public address without /service.
func (c *Connector) publicBase() string {
	return strings.TrimSuffix(c.env.ServiceURL(), "/service")
}
