package facilities

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/lane"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Source is where channels come from.
type Source interface {
	Channel(ctx context.Context, id string) (commercetools.Channel, error)
	ChannelByKey(ctx context.Context, key string) (commercetools.Channel, error)
	SupplyChannelsAfter(ctx context.Context, id string, limit int) ([]commercetools.Channel, error)
}

// Target is where facilities are.
type Target interface {
	FacilityByTenantID(ctx context.Context, tenantFacilityID string) (fulfillmenttools.ManagedFacility, error)
	FacilitiesAfter(ctx context.Context, id string, size int) ([]fulfillmenttools.FacilityRow, error)
	CreateFacility(ctx context.Context, facility fulfillmenttools.FacilityForCreation) (fulfillmenttools.ManagedFacility, error)
	ChangeFacility(ctx context.Context, id string, change fulfillmenttools.FacilityForModification) (fulfillmenttools.ManagedFacility, error)
}

// Shopkeeper knows the shop around a channel.
type Shopkeeper interface {
	// Configuration is the shop's configuration.
	Configuration(ctx context.Context) (config.Shop, error)
	// ProjectSettings are the project's languages and countries.
	ProjectSettings(ctx context.Context) (languages, countries []string, err error)
}

// Options make a Syncer; all are required unless a default is named.
type Options struct {
	ProjectKey string
	Source     Source
	Target     Target
	Shop       Shopkeeper
	// Hold keeps other processes from creating the facility of this key until release
	// is called. One that another process holds is a transient error. nil: there are no
	// others.
	Hold func(ctx context.Context, key string) (release func(context.Context) error, err error)
	// Memory knows which channels had a facility. nil: this process does.
	Memory Memory
	// Rate is how many channels Run looks into a second at most, Workers how many at
	// once; 20 and 4 when zero.
	Rate    float64
	Workers int
	// Shadow: nothing is written, it is only said what would be.
	Shadow bool
}

// Memory tells a facility that was never made from one that people deleted.
type Memory interface {
	// KeyOf is the key under which the channel of this id last had a facility; empty when it
	// had none.
	KeyOf(ctx context.Context, channelID string) (key string, err error)
	Remember(ctx context.Context, channelID, key string) error
}

// Syncer makes facilities agree with channels. It is safe for concurrent use, and a
// second run for the same channel changes nothing.
type Syncer struct {
	opts           Options
	lanes          lane.Locks
	rememberedKeys sync.Map // keys of channels that had a facility, by id, as far as this process knows
}

// New fills the defaults in.
func New(opts Options) *Syncer {
	if opts.Hold == nil {
		opts.Hold = func(context.Context, string) (func(context.Context) error, error) {
			return func(context.Context) error { return nil }, nil
		}
	}
	opts.Rate = cmp.Or(opts.Rate, 20)
	opts.Workers = cmp.Or(opts.Workers, 4)
	return &Syncer{opts: opts}
}

// Hint is what a notification says of a channel. Only the id is believed: what the
// channel is, it is asked itself.
type Hint struct {
	ChannelID string
	Key       string // as it was when the notification was made; empty when it does not say
	Again     bool   // somebody wants the facility again that people deleted
}

// Handle makes fulfillmenttools agree with the channel as it is now. An error is for
// the caller to classify (package remote); nothing is lost by repeating.
func (s *Syncer) Handle(ctx context.Context, hint Hint) (outcome.Result, error) {
	name := firstOf(hint.Key, hint.ChannelID)
	decision, err := s.syncOne(ctx, hint, nil, s.opts.Shadow)
	if err != nil {
		return outcome.Result{Notes: decision.Notes}, fmt.Errorf("channel %s: %w", name, err)
	}
	result := outcome.Result{Kind: outcome.Applied, Reason: fmt.Sprintf("channel %s: %s", name, decision), Notes: decision.Notes}
	switch {
	case decision.Action == Leave && decision.Ours:
		result.Kind = outcome.Unchanged
	case decision.Action == Leave:
		result.Kind = outcome.Ignored
	case s.opts.Shadow && decision.Action == Change && len(decision.Fields) == 0:
		result.Kind = outcome.Unchanged // nothing but our own marks are not there
	case s.opts.Shadow:
		result.Kind = outcome.Shadowed
	}
	result.Hint = decision.Hint
	return result, nil
}

// String says what was done, or would be.
func (d Decision) String() string {
	switch d.Action {
	case Create:
		return "facility created"
	case Offline:
		return "facility set offline: " + d.Reason
	case Change:
		if len(d.Fields) > 0 {
			return "facility changed: " + strings.Join(d.Fields, ", ")
		}
	}
	return d.Reason
}

// maxRounds bounds how often a facility that others change is read again.
const maxRounds = 5

// syncOne reads, decides and writes until the facility agrees with the channel. The
// first round takes the channel that is given, if one is.
func (s *Syncer) syncOne(ctx context.Context, hint Hint, given *commercetools.Channel, dryRun bool) (Decision, error) {
	unlock, err := s.lanes.Lock(ctx, hint.ChannelID)
	if err != nil {
		return Decision{}, fmt.Errorf("another notification about it is still being handled: %w", err)
	}
	defer unlock()
	var decision Decision
	for range maxRounds {
		channel, listed := given, given != nil
		given = nil
		if !listed {
			if channel, err = s.readChannel(ctx, hint.ChannelID); err != nil {
				return decision, err
			}
		}
		var facility *fulfillmenttools.ManagedFacility
		if decision, facility, err = s.decide(ctx, hint, channel); err != nil || dryRun {
			return decision, err
		}
		ours := decision.Ours && channel != nil
		if decision.Action == Leave && ours {
			return decision, s.rememberKey(ctx, channel.ID, channel.Key)
		}
		if listed && decision.Action != Leave {
			continue // lists lag behind: what is written is read by id
		}
		err = s.write(ctx, decision, facility)
		if err == nil && ours {
			err = s.rememberKey(ctx, channel.ID, channel.Key)
		}
		if !remote.Is(err, remote.Conflict) && !remote.Is(err, remote.NotFound) {
			return decision, err
		}
		// Someone was faster; channel and facility as they are now decide.
	}
	return decision, err
}

// hadFacility reports whether the channel had a facility of this key before.
func (s *Syncer) hadFacility(ctx context.Context, channelID, key string) (bool, error) {
	if before, known := s.rememberedKeys.Load(channelID); known || s.opts.Memory == nil {
		return before == key, nil
	}
	before, err := s.opts.Memory.KeyOf(ctx, channelID)
	return before == key, err
}

// rememberKey notes that the channel has a facility of this key.
func (s *Syncer) rememberKey(ctx context.Context, channelID, key string) error {
	if before, _ := s.rememberedKeys.Load(channelID); before == key {
		return nil
	}
	if s.opts.Memory != nil {
		if err := s.opts.Memory.Remember(ctx, channelID, key); err != nil {
			return err
		}
	}
	s.rememberedKeys.Store(channelID, key)
	return nil
}

// readChannel is nil when it does not exist.
func (s *Syncer) readChannel(ctx context.Context, id string) (*commercetools.Channel, error) {
	channel, err := s.opts.Source.Channel(ctx, id)
	if remote.Is(err, remote.NotFound) {
		return nil, nil
	}
	return &channel, err
}

// decide reads what a decision needs. It does not read the facility of a channel that
// has none of our business.
func (s *Syncer) decide(ctx context.Context, hint Hint, channel *commercetools.Channel) (Decision, *fulfillmenttools.ManagedFacility, error) {
	switch {
	case channel == nil && hint.Key == "":
		return Decision{Action: Leave, Reason: "the channel is gone, and the notification does not name its key", Hint: "to find its facility, run: fftconnect facilities sync"}, nil, nil
	case channel == nil:
		facility, err := s.readFacility(ctx, hint.Key)
		return DecideGone(hint.ChannelID, facility, s.opts.ProjectKey), facility, err
	case !channel.SuppliesInventory():
		return Decide(*channel, nil, Surroundings{}), nil, nil
	}
	surroundings, err := s.loadSurroundings(ctx)
	if err != nil {
		return Decision{}, nil, err
	}
	facility, err := s.readFacility(ctx, channel.Key)
	if err != nil {
		return Decision{}, nil, err
	}
	if facility == nil && !hint.Again {
		if surroundings.Had, err = s.hadFacility(ctx, channel.ID, channel.Key); err != nil {
			return Decision{}, nil, err
		}
	}
	return Decide(*channel, facility, surroundings), facility, nil
}

// readFacility is nil when there is none.
func (s *Syncer) readFacility(ctx context.Context, key string) (*fulfillmenttools.ManagedFacility, error) {
	facility, err := s.opts.Target.FacilityByTenantID(ctx, key)
	switch {
	case remote.Is(err, remote.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &facility, nil
}

func (s *Syncer) loadSurroundings(ctx context.Context) (Surroundings, error) {
	shop, err := s.opts.Shop.Configuration(ctx)
	if err != nil {
		return Surroundings{}, err
	}
	surroundings := Surroundings{ProjectKey: s.opts.ProjectKey, Rules: shop.Facilities}
	surroundings.Project.Languages, surroundings.Project.Countries, err = s.opts.Shop.ProjectSettings(ctx)
	return surroundings, err
}

func (s *Syncer) write(ctx context.Context, decision Decision, facility *fulfillmenttools.ManagedFacility) error {
	switch decision.Action {
	case Create:
		return s.create(ctx, decision.Create)
	case Change, Offline:
		_, err := s.opts.Target.ChangeFacility(ctx, facility.ID, decision.Change)
		return err
	default:
		return nil
	}
}

// create gives a conflict when somebody else created the facility meanwhile.
func (s *Syncer) create(ctx context.Context, facility fulfillmenttools.FacilityForCreation) error {
	release, err := s.opts.Hold(ctx, facility.TenantFacilityID)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
		defer cancel()
		_ = release(ctx) // what is not released ends by itself
	}()
	there, err := s.readFacility(ctx, facility.TenantFacilityID)
	if err == nil && there == nil {
		_, err = s.opts.Target.CreateFacility(ctx, facility)
		if err == nil || !remote.Is(err, remote.Rejected) {
			return err
		}
		// fulfillmenttools refuses a second facility of the same name.
		var failed error
		if there, failed = s.readFacility(ctx, facility.TenantFacilityID); failed != nil {
			return failed
		}
	}
	if there != nil {
		return errOvertaken()
	}
	return err
}

const releaseTimeout = 2 * time.Second

func errOvertaken() error {
	return &remote.Error{
		Platform: fulfillmenttools.Platform, Operation: "create facility", Kind: remote.Conflict, Message: "somebody else created it meanwhile",
	}
}
