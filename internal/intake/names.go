package intake

import (
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// namesIn are the names of its order that an event tells. They are noted only of an event
// that was believed.
func namesIn(event fulfillmenttools.Event) (names []outcome.Name) {
	add := func(kind outcome.NameKind, text string) {
		if text != "" {
			names = append(names, outcome.Name{Kind: kind, Text: text})
		}
	}
	p := event.Payload
	add(outcome.TrackingNumber, p.Job.FirstParcel().TrackingNumber)
	add(outcome.TrackingNumber, p.Parcel.TrackingNumber)
	switch event.Name {
	case fulfillmenttools.OrderCreatedEvent:
		add(outcome.FFTOrderID, p.ID)
		add(outcome.TenantOrderID, p.TenantOrderID)
	case fulfillmenttools.PickJobCreatedEvent:
		add(outcome.PickJobID, p.ID)
		add(outcome.ShortID, p.ShortID)
	case fulfillmenttools.HandoverJobCreatedEvent:
		add(outcome.HandoverJobID, p.ID)
	}
	return names
}

// withNames adds the names to the result of an event that was believed.
func withNames(result outcome.Result, event fulfillmenttools.Event) outcome.Result {
	if result.Order != "" && (result.Kind == outcome.Applied || result.Kind == outcome.Unchanged) {
		result.Names = append(result.Names, namesIn(event)...)
	}
	return result
}
