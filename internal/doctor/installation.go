package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fftconnect/internal/config"
	"fftconnect/internal/setup"
)

// installation is what install would still have to do.
func (p Patient) installation(ctx context.Context, add func(Finding)) {
	const area = "installation"
	if p.Environment.PublicURL == "" || p.Environment.Destination == nil && p.Environment.Features.OrderSync {
		add(Finding{Area: area, Check: "subscriptions", Status: Skip, Detail: "PUBLIC_URL or SUBSCRIPTION_DESTINATION is not set", Fix: "set both to have this checked"})
		return
	}
	plan, err := p.Installer.Install(ctx)
	if err != nil {
		add(Finding{Area: area, Check: "plan", Status: Fail, Detail: err.Error(), Fix: "mend it, then run: fftconnect install"})
		return
	}
	for _, step := range plan.Steps {
		finding := Finding{Area: area, Check: step.What, Status: OK}
		if step.Verb != setup.Keep {
			finding.Status, finding.Detail, finding.Fix = Fail, strings.TrimSuffix("to "+step.Verb+": "+step.Why, ": "), "run: fftconnect install"
		}
		add(finding)
	}
	for _, warning := range plan.Warnings {
		add(Finding{Area: area, Check: "other connector", Status: Warn, Detail: warning, Fix: "undeploy the existing connector, or delete its subscriptions"})
	}
}

// maxFacilities bounds how many channels are looked up in fulfillmenttools.
const maxFacilities = 25

// configuration compares the shop's configuration with what the shop has.
func (p Patient) configuration(ctx context.Context, add func(Finding)) {
	const area = "configuration"
	settings, err := p.Installer.Settings(ctx)
	if err != nil {
		add(Finding{Area: area, Check: "custom object fft/configuration", Status: Fail, Detail: err.Error(), Fix: "mend the custom object"})
		return
	}
	add(Finding{Area: area, Check: "custom object fft/configuration", Status: OK})
	p.shippingMethods(ctx, settings, add)
	p.facilities(ctx, add)
}

func (p Patient) shippingMethods(ctx context.Context, settings config.Shop, add func(Finding)) {
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
				Fix: "correct the name in the custom object fft/configuration",
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

// facilities checks that channels with stock are known to fulfillmenttools.
func (p Patient) facilities(ctx context.Context, add func(Finding)) {
	const area, check = "configuration", "channels as facilities"
	channels, err := p.Commercetools.SupplyChannels(ctx, maxFacilities)
	if err != nil {
		add(Finding{Area: area, Check: check, Status: Skip, Detail: err.Error()})
		return
	}
	var missing []string
	for _, channel := range channels {
		exists, err := p.Fulfillmenttools.FacilityExists(ctx, channel.Key)
		if err != nil {
			add(Finding{Area: area, Check: check, Status: Skip, Detail: err.Error()})
			return
		}
		if !exists {
			missing = append(missing, channel.Key)
		}
	}
	finding := Finding{Area: area, Check: check, Status: OK, Detail: fmt.Sprintf("%d channels with stock looked up", len(channels))}
	if len(missing) > 0 {
		finding.Status = Warn
		finding.Detail = "no facility has the tenant facility id " + strings.Join(missing, ", ")
		finding.Fix = "create the facilities in fulfillmenttools with the channels' keys, or take the role InventorySupply from the channels"
	}
	add(finding)
}
