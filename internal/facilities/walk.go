package facilities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"golang.org/x/sync/errgroup"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// Walk says which channels to look into.
type Walk struct {
	Keys   []string // of channels; all that hold stock when empty, and those that are gone
	DryRun bool
	// Since leaves channels out that were last changed before.
	Since time.Time
	// Again makes facilities anew that people deleted. Naming a channel does it too.
	Again bool
	// Counted is told how many channels there are, Told of each as it is done; neither is
	// called twice at once. Both may be nil.
	Counted func(channels int)
	Report  func(Report)
}

// Report is what became of one channel's facility.
type Report struct {
	Key       string
	ChannelID string // empty when the channel is not known
	Decision  Decision
	Err       error // nil when it was done, or would be
}

// pages of both lists.
const (
	channelPage  = 500
	facilityPage = 100
)

// Walk looks into every channel and goes on when one fails. It ends early only with
// what every channel would fail with: missing permissions, or a platform that is down.
func (s *Syncer) Walk(ctx context.Context, walk Walk) error {
	channels, err := s.channels(ctx, walk)
	if err != nil {
		return err
	}
	if walk.Counted != nil {
		walk.Counted(len(channels))
	}
	run := &walkRun{syncer: s, walk: walk, limit: ratelimiter.NewSmoothWithMaxRate[any](time.Duration(float64(time.Second) / s.opts.Rate))}
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(s.opts.Workers)
	for _, channel := range channels {
		if channel.LastModifiedAt.Before(walk.Since) {
			continue
		}
		group.Go(func() error {
			hint := Hint{ChannelID: channel.ID, Key: channel.Key, Again: walk.Again || len(walk.Keys) > 0}
			return run.syncChannel(working, hint, &channel)
		})
	}
	if err := group.Wait(); err != nil || len(walk.Keys) > 0 {
		return err
	}
	return run.retireOrphans(ctx, channels)
}

// channels are those that the walk names, or all.
func (s *Syncer) channels(ctx context.Context, walk Walk) ([]commercetools.Channel, error) {
	var found []commercetools.Channel
	for _, key := range walk.Keys {
		channel, err := s.opts.Source.ChannelByKey(ctx, key)
		if remote.Is(err, remote.NotFound) {
			return nil, fmt.Errorf("there is no channel with the key %s", key)
		}
		if err != nil {
			return nil, err
		}
		found = append(found, channel)
	}
	if len(walk.Keys) > 0 {
		return found, nil
	}
	for last := ""; ; last = found[len(found)-1].ID {
		page, err := s.opts.Source.SupplyChannelsAfter(ctx, last, channelPage)
		found = append(found, page...)
		if err != nil || len(page) < channelPage {
			return found, err
		}
	}
}

// walkRun is one walk under way.
type walkRun struct {
	syncer *Syncer
	walk   Walk
	limit  ratelimiter.RateLimiter[any]
	mu     sync.Mutex
}

// syncChannel reports what became of a channel's facility, and gives an error only for what
// ends the walk.
func (r *walkRun) syncChannel(ctx context.Context, hint Hint, channel *commercetools.Channel) error {
	if err := r.limit.AcquirePermit(ctx); err != nil {
		return err
	}
	decision, err := r.syncer.syncOne(ctx, hint, channel, r.walk.DryRun || r.syncer.opts.Shadow)
	if failsForEveryChannel(err) {
		return err
	}
	r.report(Report{Key: hint.Key, ChannelID: hint.ChannelID, Decision: decision, Err: err})
	return nil
}

func (r *walkRun) report(report Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.walk.Report != nil {
		r.walk.Report(report)
	}
}

// failsForEveryChannel reports a failure that the next channel would meet too.
func failsForEveryChannel(err error) bool {
	return remote.Is(err, remote.Blocked) || errors.Is(err, remote.ErrCircuitOpen) || errors.Is(err, context.Canceled)
}

// retireOrphans sets facilities offline whose channel is gone, or has another key by now.
// Facilities that are offline, or named after a channel, are not read.
func (r *walkRun) retireOrphans(ctx context.Context, channels []commercetools.Channel) error {
	named := map[string]bool{}
	for _, channel := range channels {
		named[channel.Key] = true
	}
	for last := ""; ; {
		rows, err := r.syncer.opts.Target.FacilitiesAfter(ctx, last, facilityPage)
		if err != nil {
			return err
		}
		for _, row := range rows {
			last = row.ID
			if row.TenantFacilityID == "" || named[row.TenantFacilityID] || row.Status == fulfillmenttools.FacilityOffline {
				continue
			}
			if err := r.retireOrphan(ctx, row.TenantFacilityID); err != nil {
				return err
			}
		}
		if len(rows) == 0 { // a page may be shorter than was asked for
			return nil
		}
	}
}

// retireOrphan gives an error only for what ends the walk.
func (r *walkRun) retireOrphan(ctx context.Context, key string) error {
	if err := r.limit.AcquirePermit(ctx); err != nil {
		return err
	}
	decision, channelID, err := r.syncer.retire(ctx, key, r.walk.DryRun || r.syncer.opts.Shadow)
	if failsForEveryChannel(err) {
		return err
	}
	if err != nil || decision.Action != Leave {
		r.report(Report{Key: key, ChannelID: channelID, Decision: decision, Err: err})
	}
	return nil
}

// retire sets the facility offline when the channel that it is linked with is gone or
// has another key. A channel that only lost its role is no reason.
func (s *Syncer) retire(ctx context.Context, key string, dryRun bool) (decision Decision, channelID string, _ error) {
	for range maxRounds {
		facility, err := s.readFacility(ctx, key)
		if err != nil || facility == nil {
			return Decision{Action: Leave}, "", err
		}
		channelID = text(facility.CustomAttributes, fulfillmenttools.AttributeOrderID)
		// The id alone may be that of another project's channel, which is gone for us only.
		if channelID == "" || text(facility.CustomAttributes, fulfillmenttools.AttributeProjectKey) != s.opts.ProjectKey {
			return Decision{Action: Leave}, channelID, nil
		}
		channel, err := s.readChannel(ctx, channelID)
		if err != nil || channel != nil && channel.Key == key {
			return Decision{Action: Leave}, channelID, err
		}
		decision = DecideGone(channelID, facility, s.opts.ProjectKey)
		if decision.Action == Offline && channel != nil {
			decision.Reason = "its channel has the key " + channel.Key + " by now"
		}
		if dryRun {
			return decision, channelID, nil
		}
		if err := s.write(ctx, decision, facility); !remote.Is(err, remote.Conflict) {
			return decision, channelID, err
		}
	}
	return decision, channelID, errOvertaken()
}
