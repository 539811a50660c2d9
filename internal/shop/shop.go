// Package shop is what the connector knows of the shop around an order: its
// configuration, custom types, stores, channels and project settings. They change
// rarely, so they are read when first needed, kept, and refreshed in the background.
package shop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/cache"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/remote"
)

// Shop serves both flows. It is safe for concurrent use.
type Shop struct {
	ct       *commercetools.Client
	source   *settings
	settings *cache.Cache[*config.Shop] // never changed
	ownType  *cache.Cache[feedback.Schema]
	types    *cache.Cache[feedback.Schema]
	parcels  *cache.Cache[feedback.Schema]
	states   *cache.Cache[string]
	stores   *cache.Cache[[]string]
	channels *cache.Cache[string]
	project  *cache.Cache[*platform.Project]
}

// Options are what a Shop may be given beside its platform.
type Options struct {
	// TTL is how long what was read is served before it is read again.
	TTL time.Duration
	// Settings is the configuration when it comes out of a file; the custom object is
	// not read then.
	Settings *config.Shop
	// Memory keeps the last good configuration. Without one, nil, it is known to this
	// process only.
	Memory Memory
	// Refused is told once of each configuration that is wrong, or gone. May be nil.
	Refused func(error)
}

// New reads nothing yet.
func New(ct *commercetools.Client, opts Options) *Shop {
	s := &Shop{ct: ct}
	ttl := opts.TTL
	settings := settings{read: s.readSettings, fixed: opts.Settings, memory: opts.Memory, refused: opts.Refused}
	s.source = &settings
	s.settings = cache.New(ttl, settings.load)
	s.ownType = cache.New(ttl, s.readTypeByKey)
	s.types = cache.New(ttl, s.readType)
	s.parcels = cache.New(ttl, s.readParcelType)
	s.states = cache.New(ttl, s.readState)
	s.stores = cache.New(ttl, s.readStore)
	s.channels = cache.New(ttl, s.readChannel)
	s.project = cache.New(ttl, s.readProject)
	return s
}

// Configuration is the shop's configuration; without one, the defaults.
func (s *Shop) Configuration(ctx context.Context) (config.Shop, error) {
	settings, err := s.settings.Get(ctx, "")
	if err != nil {
		return config.Shop{}, err
	}
	return *settings, nil
}

func (s *Shop) readSettings(ctx context.Context) (value []byte, there bool, err error) {
	value, err = s.ct.CustomObject(ctx, config.ShopContainer, config.ShopKey)
	if remote.Is(err, remote.NotFound) {
		return nil, false, nil
	}
	return value, err == nil, err
}

// Surroundings reads what the mapping of this order needs: nothing for most orders
// once the project's settings are known.
func (s *Shop) Surroundings(ctx context.Context, order commercetools.Order, settings config.Shop) (export.Surroundings, error) {
	surroundings := export.Surroundings{ProjectKey: s.ct.ProjectKey()}
	project, err := s.project.Get(ctx, "")
	if err != nil {
		return surroundings, err
	}
	surroundings.Languages = project.Languages
	if len(project.Countries) > 0 {
		surroundings.Country = project.Countries[0]
	}
	if order.Store != nil && order.Store.Key != "" {
		if surroundings.StoreFacilities, err = s.stores.Get(ctx, order.Store.Key); err != nil {
			return surroundings, err
		}
	}
	if id := export.ChannelReference(order, settings); id != "" {
		key, err := s.channels.Get(ctx, id)
		if err != nil {
			return surroundings, err
		}
		surroundings.ChannelKeys = map[string]string{id: key}
	}
	return surroundings, nil
}

// readProject gives empty settings without the scope view_project_settings: the
// order's own locale must do.
func (s *Shop) readProject(ctx context.Context, _ string) (*platform.Project, error) {
	project, err := s.ct.Project(ctx)
	var refused *remote.Error
	if errors.As(err, &refused) && refused.Status == http.StatusForbidden {
		return &platform.Project{}, nil
	}
	return project, err
}

// readStore lists the keys of a store's supply channels. One that is not told with the
// store is either gone or must not be read; the latter is for somebody to fix, since the
// store's orders would go to any facility.
func (s *Shop) readStore(ctx context.Context, storeKey string) ([]string, error) {
	store, err := s.ct.Store(ctx, storeKey)
	if remote.Is(err, remote.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, channel := range store.SupplyChannels {
		var key string
		if channel.Obj != nil {
			key = channel.Obj.Key
		} else if key, err = s.readChannel(ctx, channel.ID); err != nil {
			return nil, fmt.Errorf("read the supply channels of store %s: %w", storeKey, err)
		}
		if key != "" {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// readChannel gives a channel's key; empty when the channel is gone.
func (s *Shop) readChannel(ctx context.Context, id string) (string, error) {
	channel, err := s.ct.Channel(ctx, id)
	if remote.Is(err, remote.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return channel.Key, nil
}

// OwnType implements feedback.Schemas.
func (s *Shop) OwnType(ctx context.Context) (feedback.Schema, error) {
	settings, err := s.settings.Get(ctx, "")
	if err != nil {
		return feedback.Schema{}, err
	}
	return s.ownType.Get(ctx, settings.TypeKey())
}

func (s *Shop) readTypeByKey(ctx context.Context, key string) (feedback.Schema, error) {
	found, err := s.ct.TypeByKey(ctx, key)
	if remote.Is(err, remote.NotFound) {
		return feedback.Schema{}, &remote.Error{
			Platform: commercetools.Platform, Operation: "read type", Kind: remote.Blocked,
			Message: fmt.Sprintf("the custom type %s for orders does not exist", key),
			Hint:    "create it with: fftconnect install", Cause: err,
		}
	}
	if err != nil {
		return feedback.Schema{}, err
	}
	return feedback.SchemaOf(found), nil
}

// TypeByID implements feedback.Schemas.
func (s *Shop) TypeByID(ctx context.Context, id string) (feedback.Schema, error) {
	return s.types.Get(ctx, id)
}

// ExcludesLines reports whether the shop keeps lines away from fulfillmenttools.
func (s *Shop) ExcludesLines(ctx context.Context) (bool, error) {
	settings, err := s.settings.Get(ctx, "")
	if err != nil {
		return false, err
	}
	return settings.Export.Lines.IsSet(), nil
}

// FeedbackRules are the shop's rules for events.
func (s *Shop) FeedbackRules(ctx context.Context) (config.FeedbackRules, error) {
	settings, err := s.settings.Get(ctx, "")
	if err != nil {
		return config.FeedbackRules{}, err
	}
	return settings.Feedback, nil
}

// ParcelType implements feedback.Schemas.
func (s *Shop) ParcelType(ctx context.Context) (feedback.Schema, error) {
	return s.parcels.Get(ctx, feedback.ParcelTypeKey)
}

// readParcelType gives the zero Schema when there is no type: parcels do without.
func (s *Shop) readParcelType(ctx context.Context, key string) (feedback.Schema, error) {
	found, err := s.ct.TypeByKey(ctx, key)
	if remote.Is(err, remote.NotFound) {
		return feedback.Schema{}, nil
	}
	if err != nil {
		return feedback.Schema{}, err
	}
	return feedback.SchemaOf(found), nil
}

// StateID implements feedback.Schemas.
func (s *Shop) StateID(ctx context.Context, key string) (string, error) {
	return s.states.Get(ctx, key)
}

func (s *Shop) readState(ctx context.Context, key string) (string, error) {
	id, err := s.ct.StateID(ctx, key)
	if remote.Is(err, remote.NotFound) {
		return "", nil
	}
	return id, err
}

// ForgetType implements feedback.Schemas; without an id it is our own type.
func (s *Shop) ForgetType(id string) {
	s.parcels.Clear()
	s.states.Clear()
	if id == "" {
		s.ownType.Clear()
		return
	}
	s.types.Forget(id)
}

func (s *Shop) readType(ctx context.Context, id string) (feedback.Schema, error) {
	found, err := s.ct.TypeByID(ctx, id)
	if err != nil {
		return feedback.Schema{}, err
	}
	return feedback.SchemaOf(found), nil
}
