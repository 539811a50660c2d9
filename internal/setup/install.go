package setup

import (
	"context"
	"fmt"
	"net/http"
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
	// Only are the parts to install; all of them when empty.
	Only []Part
	// Replace takes over webhooks that deliver to another address which still answers, and those of
	// our name that somebody else made.
	Replace bool
	// Force applies the broker's credentials once more: they cannot be read back and compared.
	Force bool
	// WereAt is where our webhooks delivered when they were last looked at; empty: not known.
	WereAt string
	// IsAnswering reports whether a connector answers at the address; nil: it is not asked.
	IsAnswering func(ctx context.Context, address string) bool
}

// Install plans what is missing on both platforms. Only reading calls are made. A part that
// we may not look at becomes a step that fails, so that the others are installed.
func (i Installer) Install(ctx context.Context) (Plan, error) {
	var plan Plan
	settings, err := i.Settings(ctx)
	if err != nil {
		return plan, err
	}
	return plan, i.planInstall(ctx, &plan, settings)
}

func (i Installer) planInstall(ctx context.Context, plan *Plan, settings config.Shop) error {
	parts := i.Only
	if len(parts) == 0 {
		parts = Parts
	}
	planPart := map[Part]func(context.Context, *Plan, config.Shop) error{
		Type: i.planTypes, Events: i.planWebhooks, Messages: i.planMessages, Channels: i.planChannels,
	}
	for _, part := range parts {
		err := planPart[part](ctx, plan, settings)
		if status, ok := remote.StatusOf(err); ok && status == http.StatusForbidden {
			plan.addStep("install", string(part), "left out: we may not look at it", func(context.Context) error {
				return fmt.Errorf("left out: %w; what others keep can be skipped with --only", err)
			})
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
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
	if status, ok := remote.StatusOf(err); ok && status == http.StatusNotFound {
		return config.Shop{}, i.projectExists(ctx)
	}
	if err != nil {
		return config.Shop{}, err
	}
	return config.ParseShop(value)
}

// projectExists tells a shop without a configuration from a project that is not there: both
// answer that the object was not found.
func (i Installer) projectExists(ctx context.Context) error {
	_, err := i.Commercetools.Project(ctx)
	status, _ := remote.StatusOf(err)
	if status == http.StatusNotFound {
		return &commercetools.NoProjectError{ProjectKey: i.Environment.Commercetools.ProjectKey}
	}
	if status == http.StatusForbidden {
		return nil // the project is there; its settings are not ours to see
	}
	return err
}

func (i Installer) typeKey(settings config.Shop) string {
	if i.TypeKey != "" {
		return i.TypeKey
	}
	return settings.TypeKey()
}

func (i Installer) fieldNamesFor(defined map[string]bool) feedback.Names {
	return feedback.FieldNames(i.Environment.Fulfillmenttools.FieldNames).NamesFor(defined)
}
