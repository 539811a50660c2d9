package intake

import (
	"context"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/facilities"
	"fftconnect/internal/outcome"
)

// Channels is the flow behind commercetools' notifications about channels.
type Channels interface {
	Handle(ctx context.Context, hint facilities.Hint) (outcome.Result, error)
}

// resourceChannel is the resource type of channels.
const resourceChannel = "channel"

// channelChanges are the notifications that may lead to a facility. They are labels
// too, so that they do not read like those of another resource.
var channelChanges = map[string]string{
	commercetools.ResourceCreated: "ChannelCreated",
	commercetools.ResourceUpdated: "ChannelUpdated",
	commercetools.ResourceDeleted: "ChannelDeleted",
}

// handleChannel handles a notification about a channel. With the flow switched off it is not
// kept: what it told of is found by looking into all channels later.
func (s *Server) handleChannel(ctx context.Context, n commercetools.Notification) (outcome.Result, error) {
	switch {
	case channelChanges[n.Kind] == "":
		return outcome.Result{Kind: outcome.Ignored, Reason: "not a change of a channel"}, nil
	case s.opts.Channels == nil:
		return outcome.Result{Kind: outcome.Ignored, Reason: "channel sync is switched off"}, nil
	}
	if err := s.errStrangerLimit(ctx); err != nil {
		return outcome.Result{}, err
	}
	return s.opts.Channels.Handle(ctx, facilities.Hint{ChannelID: n.ResourceID, Key: n.Key})
}

func channelTypes() []string {
	var names []string
	for _, name := range channelChanges {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
