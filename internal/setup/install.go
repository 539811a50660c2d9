package setup

import (
	"context"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/intake"
	"fftconnect/internal/remote"
)

// Installer plans and carries out installations of one deployment.
type Installer struct {
	Commercetools    *commercetools.Client
	Fulfillmenttools *fulfillmenttools.Client
	Environment      config.Environment
	Token            intake.Token
	Now              func() time.Time
	// TypeKey is the custom type to put the fields on; the shop's when empty.
	TypeKey string
}

// Install plans what is missing on both platforms. Only reading calls are made.
func (i Installer) Install(ctx context.Context) (Plan, error) {
	var plan Plan
	settings, err := i.Settings(ctx)
	if err != nil {
		return plan, err
	}
	if err := i.planTypes(ctx, &plan, settings); err != nil {
		return plan, err
	}
	if err := i.planWebhooks(ctx, &plan, settings); err != nil {
		return plan, err
	}
	if err := i.planMessages(ctx, &plan, settings); err != nil {
		return plan, err
	}
	return plan, i.planChannels(ctx, &plan)
}

// OrderType plans the types of orders and parcels only. Unlike the rest they need no address of
// ours.
func (i Installer) OrderType(ctx context.Context) (Plan, error) {
	var plan Plan
	settings, err := i.Settings(ctx)
	if err != nil {
		return plan, err
	}
	return plan, i.planTypes(ctx, &plan, settings)
}

func (i Installer) planTypes(ctx context.Context, plan *Plan, settings config.Shop) error {
	if err := i.planType(ctx, plan, settings); err != nil {
		return err
	}
	return i.planParcelType(ctx, plan, settings)
}

// Settings is the shop's configuration, out of its file or custom object; without one,
// the defaults.
func (i Installer) Settings(ctx context.Context) (config.Shop, error) {
	if i.Environment.Shop != nil {
		return *i.Environment.Shop, nil
	}
	value, err := i.Commercetools.CustomObject(ctx, config.ShopContainer, config.ShopKey)
	if remote.Is(err, remote.NotFound) {
		return config.Shop{}, nil
	}
	if err != nil {
		return config.Shop{}, err
	}
	return config.ParseShop(value)
}

func (i Installer) typeKey(settings config.Shop) string {
	if i.TypeKey != "" {
		return i.TypeKey
	}
	return settings.TypeKey()
}

func (i Installer) names(defined map[string]bool) feedback.Names {
	return feedback.FieldNames(i.Environment.Fulfillmenttools.FieldNames).For(defined)
}
