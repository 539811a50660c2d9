package connector

import (
	"context"
	"errors"

	"fftconnect/internal/config"
	"fftconnect/internal/shop"
)

// logConfigurationProblem is told of a configuration that is wrong, or that single entries of it are.
func (c *Connector) logConfigurationProblem(err error) {
	var wrong *config.ShopError
	if errors.As(err, &wrong) && wrong.Partly {
		c.logger.Error("entries of the shop's configuration cannot be used; the orders that need them are put aside, all others go",
			"error", err, "advice", "fix them, and try them with: fftconnect config check")
		return
	}
	if errors.Is(err, shop.ErrGone) {
		c.logger.Error("the shop's configuration is gone; the last one stays in force", "error", err, "advice", shop.HintGone)
		return
	}
	c.logger.Error("the shop's configuration is wrong; the last good one stays in force, and orders wait while there is none",
		"error", err, "advice", "fix it, and try it with: fftconnect config check")
}

// configurationMemory is nil without a store.
func (c *Connector) configurationMemory() shop.Memory {
	if c.store == nil {
		return nil
	}
	return lastGoodConfiguration{c.store}
}

// lastGoodConfiguration implements shop.Memory.
type lastGoodConfiguration struct{ store Store }

// Recall implements shop.Memory.
func (l lastGoodConfiguration) Recall(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	text, _, ok, err := l.store.Checkpoint(ctx, shop.Checkpoint)
	if err != nil || !ok {
		return nil, err
	}
	return []byte(text), nil
}

// Keep implements shop.Memory.
func (l lastGoodConfiguration) Keep(ctx context.Context, value []byte) error {
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	return l.store.SaveCheckpoint(ctx, shop.Checkpoint, string(value))
}
