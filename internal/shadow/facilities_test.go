package shadow

import (
	"context"
	"testing"
	"time"

	"fftconnect/internal/facilities"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

type channels outcome.Result

func (c channels) Handle(context.Context, facilities.Hint) (outcome.Result, error) {
	return outcome.Result(c), nil
}

func TestAFacilityIsComparedWhenTheOtherConnectorHadItsTime(t *testing.T) {
	t.Parallel()
	found := 0
	compare := func(kind outcome.Kind, ago time.Duration) (outcome.Result, error) {
		flow := Facilities{
			Channels: channels{Kind: kind, Reason: "channel K: facility changed: name"}, Patience: time.Minute,
			Found: func(outcome.Flow, string, Difference) { found++ },
		}
		return flow.Handle(withReceived(t.Context(), time.Now().Add(-ago)), facilities.Hint{ChannelID: "c"})
	}
	if _, err := compare(outcome.Shadowed, 0); remote.WaitOf(err) <= 0 {
		t.Errorf("at once: %v", err)
	}
	result, err := compare(outcome.Shadowed, time.Hour)
	if differences, _ := parseDifferences(result.Reason); err != nil || len(differences) != 1 || differences[0].Detail != "facility changed: name" || found != 1 {
		t.Errorf("%+v %v, %d found", result, err, found)
	}
	result, err = compare(outcome.Unchanged, time.Hour)
	if differences, ok := parseDifferences(result.Reason); err != nil || !ok || len(differences) > 0 || result.Kind != outcome.Shadowed {
		t.Errorf("%+v %v", result, err)
	}
	if result, err = compare(outcome.Ignored, time.Hour); err != nil || result.Kind != outcome.Ignored {
		t.Errorf("%+v %v", result, err)
	}
}
