package connector

import (
	"context"
	"errors"

	"fftconnect/internal/config"
	"fftconnect/internal/shop"
)

// refused is told of a configuration that is wrong, or that single entries of it are.
func (c *Connector) refused(err error) {
	var wrong *config.ShopError
	if errors.As(err, &wrong) && wrong.Partly {
		c.logger.Error("entries of the shop's configuration cannot be used; the orders that need them are put aside, all others go",
			"error", err, "hint", "fix them, and try them with: fftconnect config check")
		return
	}
	if errors.Is(err, shop.ErrGone) {
		c.logger.Error("the shop's configuration is gone; the last one stays in force", "error", err, "hint", shop.HintGone)
		return
	}
	c.logger.Error("the shop's configuration is wrong; the last good one stays in force, and orders wait while there is none",
		"error", err, "hint", "fix it, and try it with: fftconnect config check")
}

// remembered is nil without a store.
func (c *Connector) remembered() shop.Memory {
	if c.store == nil {
		return nil
	}
	return lastGood{c.store}
}

// lastGood implements shop.Memory.
type lastGood struct{ store Store }

// Recall implements shop.Memory.
func (l lastGood) Recall(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	text, _, ok, err := l.store.Checkpoint(ctx, shop.Checkpoint)
	if err != nil || !ok {
		return nil, err
	}
	return []byte(text), nil
}

// Keep implements shop.Memory.
func (l lastGood) Keep(ctx context.Context, value []byte) error {
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	return l.store.SaveCheckpoint(ctx, shop.Checkpoint, string(value))
}
