package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
	"fftconnect/internal/remote"
	"fftconnect/internal/setup"
	"fftconnect/internal/shop"
)

// checkInstallation is what install would still have to do.
func (p Patient) checkInstallation(ctx context.Context, add func(Finding)) {
	const area = "installation"
	plan, err := p.Installer.Install(ctx)
	if err != nil {
		add(Finding{Area: area, Check: "plan", Status: Fail, Detail: err.Error(), Fix: "fix it, then run: fftconnect install"})
		return
	}
	for _, step := range plan.Steps {
		finding := Finding{Area: area, Check: step.What, Status: OK}
		if step.Verb != setup.Keep {
			verb := "to " + step.Verb
			if step.Verb == "create" {
				verb = "missing, to create"
			}
			finding.Status, finding.Detail, finding.Fix = Fail, strings.TrimSuffix(verb+": "+step.Why, ": "), "run: fftconnect install"
		}
		add(finding)
	}
	for _, warning := range plan.Warnings {
		add(Finding{Area: area, Check: "other connector", Status: Warn, Detail: warning, Fix: "undeploy the existing connector, or delete its subscriptions"})
	}
}

// tokenWarning is how long before its end a token should have been renewed.
const tokenWarning = 14 * 24 * time.Hour

// checkWebhookToken says until when fulfillmenttools' calls are let in.
func (p Patient) checkWebhookToken(ctx context.Context, add func(Finding)) {
	if !p.Environment.Features.StatusUpdates {
		return
	}
	finding := Finding{Area: "installation", Check: "webhooks' token", Status: OK}
	webhooks, err := p.Installer.Webhooks(ctx)
	ends := webhooks.TokenExpires
	left := ends.Sub(p.Now())
	finding.Detail = "good until " + ends.Format(time.DateOnly)
	switch {
	case err != nil:
		finding.Status, finding.Detail = Skip, err.Error()
	case ends.IsZero():
		finding.Status, finding.Detail = Skip, "no webhook has a token of ours"
	case left <= 0:
		finding.Status, finding.Detail = Fail, "it ended on "+ends.Format(time.DateOnly)+": fulfillmenttools' events are refused"
		finding.Fix = "run: fftconnect install"
	case left < tokenWarning:
		finding.Status, finding.Detail = Warn, "it ends on "+ends.Format(time.DateOnly)
		finding.Fix = "run fftconnect install, or let serve renew it in the last quarter of JWT_LIFETIME"
	}
	add(finding)
}

// maxFacilities bounds how many channels, and how many stores, are looked up.
const maxFacilities = 25

// checkConfiguration compares the shop's configuration with what the shop has.
func (p Patient) checkConfiguration(ctx context.Context, add func(Finding)) {
	const area = "configuration"
	source := cmp.Or(p.Environment.ConfigFile, "custom object fft/configuration")
	settings, err := p.Installer.Settings(ctx)
	if err != nil {
		add(Finding{Area: area, Check: source, Status: Fail, Detail: err.Error(), Fix: "fix the " + source + ", and try it with: fftconnect config check"})
		return
	}
	usable := Finding{Area: area, Check: source, Status: OK}
	if p.isConfigurationGone(ctx) {
		usable.Status, usable.Detail, usable.Fix = Fail, "it was deleted; serve goes on with the last one", shop.HintGone
	}
	for method, delivery := range settings.ShippingMethods {
		if delivery.Unusable != "" {
			usable = Finding{
				Area: area, Check: source, Status: Fail, Detail: fmt.Sprintf("orders of shipping method %q are put aside: %s", method, delivery.Unusable),
				Fix: "fix the " + source + ", and try it with: fftconnect config check",
			}
		}
	}
	add(usable)
	p.checkConfigurationScopes(ctx, settings, add)
	p.checkShippingMethods(ctx, settings, add)
	p.checkFacilities(ctx, add)
	p.checkStores(ctx, add)
}

// isConfigurationGone reports whether there was a configuration and is none any more.
func (p Patient) isConfigurationGone(ctx context.Context) bool {
	if p.Database == nil || p.Environment.Shop != nil {
		return false
	}
	if _, err := p.Commercetools.CustomObject(ctx, config.ShopContainer, config.ShopKey); !remote.Is(err, remote.NotFound) {
		return false
	}
	_, _, was, err := p.Database.Checkpoint(ctx, shop.Checkpoint)
	return err == nil && was
}

func (p Patient) checkShippingMethods(ctx context.Context, settings config.Shop, add func(Finding)) {
	const area, check = "configuration", "shipping methods"
	methods, err := p.Commercetools.ShippingMethods(ctx)
	if err != nil {
		add(Finding{Area: area, Check: check, Status: Skip, Detail: err.Error()})
		return
	}
	var names, unmapped []string
	for _, method := range methods {
		name := method.Name
		if method.Key != nil && *method.Key != "" {
			name = *method.Key
		}
		names = append(names, name)
		if _, ok := settings.ShippingMethods[name]; !ok {
			unmapped = append(unmapped, name)
		}
	}
	for name := range settings.ShippingMethods {
		if !slices.Contains(names, name) {
			add(Finding{
				Area: area, Check: check, Status: Warn, Detail: fmt.Sprintf("shippingMethodMapping names %q, which no shipping method has as key or, without key, as name", name),
				Fix: "correct the name in the " + cmp.Or(p.Environment.ConfigFile, "custom object fft/configuration"),
			})
		}
	}
	detail := fmt.Sprintf("%d of %d are mapped", len(names)-len(unmapped), len(names))
	if len(unmapped) > 0 {
		slices.Sort(unmapped)
		detail += "; orders of the others ship: " + strings.Join(unmapped, ", ")
	}
	add(Finding{Area: area, Check: check, Status: OK, Detail: detail})
}

// checkFacilities checks that channels with stock are known to fulfillmenttools.
func (p Patient) checkFacilities(ctx context.Context, add func(Finding)) {
	const area, check = "configuration", "channels as facilities"
	channels, err := p.Commercetools.SupplyChannels(ctx, maxFacilities)
	if err != nil {
		add(Finding{Area: area, Check: check, Status: Skip, Detail: err.Error()})
		return
	}
	var keys []string
	for _, channel := range channels {
		keys = append(keys, channel.Key)
	}
	missing, err := p.missingFacilities(ctx, keys)
	if err != nil {
		add(Finding{Area: area, Check: check, Status: Skip, Detail: err.Error()})
		return
	}
	finding := Finding{Area: area, Check: check, Status: OK, Detail: fmt.Sprintf("%d channels with stock looked up", len(channels))}
	if len(missing) > 0 {
		finding.Status = Warn
		finding.Detail = "no facility has the tenant facility id " + strings.Join(missing, ", ")
		finding.Fix = "create the facilities with: fftconnect facilities sync, or take the role InventorySupply from the channels"
	}
	add(finding)
}

// missingFacilities are the keys that no facility has as its tenant facility id.
func (p Patient) missingFacilities(ctx context.Context, keys []string) (missing []string, err error) {
	for _, key := range keys {
		exists, err := p.Fulfillmenttools.FacilityExists(ctx, key)
		if err != nil {
			return nil, err
		}
		if !exists {
			missing = append(missing, key)
		}
	}
	return missing, nil
}

// checkStores checks that the channels that supply stores are known to fulfillmenttools:
// orders of a store name them as the facilities to prefer.
func (p Patient) checkStores(ctx context.Context, add func(Finding)) {
	finding := Finding{Area: "configuration", Check: "stores' channels as facilities", Status: OK}
	defer func() { add(finding) }()
	stores, err := p.Commercetools.Stores(ctx, maxFacilities)
	if err != nil {
		finding.Status, finding.Detail = Skip, err.Error()
		return
	}
	keys, supplied := supplyChannelKeys(stores)
	missing, err := p.missingFacilities(ctx, keys)
	if err != nil {
		finding.Status, finding.Detail = Skip, err.Error()
		return
	}
	finding.Detail = fmt.Sprintf("%d channels of %d stores looked up", len(keys), len(stores))
	if len(missing) == 0 {
		return
	}
	for i, key := range missing {
		missing[i] = fmt.Sprintf("%s (store %s)", key, strings.Join(supplied[key], ", "))
	}
	finding.Status = Warn
	finding.Detail = "no facility has the tenant facility id " + strings.Join(missing, ", ")
	finding.Fix = "create the facilities with: fftconnect facilities sync, or take the channels from the stores' supply channels"
}

// supplyChannelKeys are the stores' supply channels, each once and not more than
// maxFacilities, and the stores of each.
func supplyChannelKeys(stores []platform.Store) (keys []string, supplied map[string][]string) {
	supplied = map[string][]string{}
	for _, store := range stores {
		for _, channel := range store.SupplyChannels {
			if channel.Obj == nil || channel.Obj.Key == "" || len(keys) == maxFacilities && supplied[channel.Obj.Key] == nil {
				continue
			}
			if supplied[channel.Obj.Key] == nil {
				keys = append(keys, channel.Obj.Key)
			}
			supplied[channel.Obj.Key] = append(supplied[channel.Obj.Key], store.Key)
		}
	}
	return keys, supplied
}
