package connector

import (
	"context"
	"time"

	"fftconnect/internal/facilities"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/remote"
	"fftconnect/internal/shop"
)

func (c *Connector) facilities(around *shop.Shop) *facilities.Syncer {
	opts := facilities.Options{
		ProjectKey: c.env.Commercetools.ProjectKey, Source: c.Commercetools, Target: c.Fulfillmenttools,
		Shop: around, Rate: float64(c.env.ReconcileRate), Shadow: c.env.Shadow,
	}
	if c.store != nil {
		opts.Hold = c.holdFacility
	}
	return facilities.New(opts)
}

// heldFacility is how long to wait for a facility that another replica creates.
const heldFacility = time.Second

// holdFacility lets no other replica create the facility of this key.
func (c *Connector) holdFacility(ctx context.Context, key string) (func(context.Context) error, error) {
	lease, ok, err := c.store.Lock(ctx, "facility/"+key, c.env.HandleTimeout+holdMargin)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, remote.Later(ledger.Platform, "hold facility "+key, "another replica is creating it", heldFacility)
	}
	return lease.Release, nil
}

// withChannels lets notifications about channels in.
func (c *Connector) withChannels(opts intake.Options) intake.Options {
	if c.env.Features.ChannelSync {
		opts.Channels = c.Facilities
	}
	return opts
}
