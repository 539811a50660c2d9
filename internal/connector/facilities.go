package connector

import (
	"context"
	"encoding/json"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/facilities"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/remote"
	"fftconnect/internal/shop"
)

func (c *Connector) newFacilitySyncer(settings *shop.Shop) *facilities.Syncer {
	opts := facilities.Options{
		ProjectKey: c.env.Commercetools.ProjectKey, Source: c.Commercetools, Target: c.Fulfillmenttools,
		Shop: settings, Rate: float64(c.env.ReconcileRate), Shadow: c.env.Shadow,
	}
	switch {
	case c.store != nil:
		opts.Hold, opts.Memory = c.lockFacility, facilityRows{c.store}
	case c.objectClaims != nil:
		opts.Memory = facilityObjects{c.Commercetools}
	}
	return facilities.New(opts)
}

// facilityRows is facilities.Memory in the store.
type facilityRows struct{ store Store }

// KeyOf implements facilities.Memory.
func (r facilityRows) KeyOf(ctx context.Context, channelID string) (string, error) {
	key, _, _, err := r.store.Checkpoint(ctx, "facility of "+channelID)
	return key, err
}

// Remember implements facilities.Memory.
func (r facilityRows) Remember(ctx context.Context, channelID, key string) error {
	return r.store.SaveCheckpoint(ctx, "facility of "+channelID, key)
}

// facilitiesContainer holds a custom object for each channel that had a facility.
const facilitiesContainer = "fftconnect-facilities"

// facilityObjects is facilities.Memory in commercetools.
type facilityObjects struct{ ct *commercetools.Client }

// KeyOf implements facilities.Memory.
func (o facilityObjects) KeyOf(ctx context.Context, channelID string) (key string, err error) {
	value, err := o.ct.CustomObject(ctx, facilitiesContainer, channelID)
	if remote.Is(err, remote.NotFound) {
		return "", nil
	}
	if err == nil {
		err = json.Unmarshal(value, &key)
	}
	return key, err
}

// Remember implements facilities.Memory.
func (o facilityObjects) Remember(ctx context.Context, channelID, key string) error {
	_, err := o.ct.PutObject(ctx, facilitiesContainer, channelID, key)
	return err
}

const (
	// comparedCheckpoint is until when the comparison of channels looked.
	comparedCheckpoint = "channels compared"
	// compareChannelsEvery is how often it is done.
	compareChannelsEvery = 24 * time.Hour
	// comparedFirst is how far back the first comparison looks: what nobody touched since
	// long is brought over by facilities sync, when somebody asks for it.
	comparedFirst = 48 * time.Hour
	// comparedAgain is looked at twice: messages may still have been under way.
	comparedAgain = time.Hour
)

// syncAllChannels makes up for notifications that did not come: it looks into channels
// that changed since the last time, and sets facilities offline whose channel is gone or
// has another key.
func (c *Connector) syncAllChannels(ctx context.Context) error {
	began := time.Now()
	since, err := c.lastChannelSync(ctx)
	if err != nil || began.Sub(since) < compareChannelsEvery {
		return err
	}
	failures := 0
	err = c.Facilities.Walk(ctx, facilities.Walk{Since: since.Add(-comparedAgain), Report: func(report facilities.Report) {
		switch {
		case report.Err != nil:
			failures++
			c.logger.Warn("a channel could not be compared with its facility", "channel", report.Key, "error", report.Err)
		case report.Decision.Action != facilities.Leave:
			c.logger.Warn("a channel's facility was not as it should be", "channel", report.Key, "done", report.Decision.String())
		}
	}})
	if err != nil || failures > 0 {
		return err // what failed is in the next one too
	}
	c.channelsAt.Store(&began)
	if c.store == nil {
		return nil
	}
	return c.store.SaveCheckpoint(ctx, comparedCheckpoint, began.UTC().Format(time.RFC3339))
}

// lastChannelSync is until when the last comparison looked.
func (c *Connector) lastChannelSync(ctx context.Context) (time.Time, error) {
	if last := c.channelsAt.Load(); last != nil {
		return *last, nil
	}
	first := time.Now().Add(-comparedFirst)
	if c.store == nil {
		return first, nil
	}
	text, _, ok, err := c.store.Checkpoint(ctx, comparedCheckpoint)
	if err != nil || !ok {
		return first, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return first, nil
	}
	return at, nil
}

// heldFacility is how long to wait for a facility that another replica creates.
const heldFacility = time.Second

// lockFacility lets no other replica create the facility of this key.
func (c *Connector) lockFacility(ctx context.Context, key string) (func(context.Context) error, error) {
	lease, ok, err := c.store.AcquireLease(ctx, "facility/"+key, c.env.HandleTimeout+holdMargin)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, remote.NewTransient(ledger.Platform, "hold facility "+key, "another replica is creating it", heldFacility)
	}
	return lease.Release, nil
}

// withChannelSync lets notifications about channels in.
func (c *Connector) withChannelSync(opts intake.Options) intake.Options {
	if c.env.Features.ChannelSync {
		opts.Channels = c.Facilities
	}
	return opts
}
