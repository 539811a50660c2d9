package setup

import (
	"fmt"
	"slices"
	"strings"

	"fftconnect/internal/config"
)

// Part is one piece of an installation that can be installed by itself. On commercetools
// Connect it must be: the topic is known only where messages come in, the public address only
// where events do.
type Part string

const (
	// Messages is commercetools' subscription to order messages.
	Messages Part = "messages"
	// Events are fulfillmenttools' webhooks.
	Events Part = "events"
	// Type is the custom type of orders, and that of parcels.
	Type Part = "type"
	// Channels is commercetools' subscription to changes of channels.
	Channels Part = "channels"
)

// Parts are all of them, in the order in which they are installed.
var Parts = []Part{Type, Events, Messages, Channels}

// ParseParts reads the names of parts; no name stands for all of them.
func ParseParts(names []string) ([]Part, error) {
	if len(names) == 0 {
		return Parts, nil
	}
	var parts []Part
	for _, name := range names {
		part := Part(strings.ToLower(strings.TrimSpace(name)))
		if !slices.Contains(Parts, part) {
			return nil, fmt.Errorf("%q is no part of an installation: give messages, events, type or channels", name)
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// NeedsOf are the settings that installing the parts cannot do without.
func NeedsOf(parts []Part) config.Need {
	var needs config.Need
	if slices.Contains(parts, Events) {
		needs |= config.NeedPublicURL
	}
	if slices.Contains(parts, Messages) || slices.Contains(parts, Channels) {
		needs |= config.NeedDestination
	}
	return needs
}
