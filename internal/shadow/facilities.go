package shadow

import (
	"context"
	"strings"
	"time"

	"fftconnect/internal/facilities"
	"fftconnect/internal/intake"
	"fftconnect/internal/outcome"
)

// Facilities compares what a channel's facility would become with what it is when the
// other connector has had its time.
type Facilities struct {
	Channels intake.Channels // says what it would write, and writes nothing
	Patience time.Duration
	Found    func(outcome.Flow, string, Difference)
}

// Handle implements intake.Channels.
func (f Facilities) Handle(ctx context.Context, hint facilities.Hint) (outcome.Result, error) {
	if wait := patienceLeft(ctx, time.Now(), time.Time{}, f.Patience); wait > 0 {
		return outcome.Result{}, errLater("the facility", wait)
	}
	result, err := f.Channels.Handle(ctx, hint)
	if err != nil || result.Kind != outcome.Shadowed && result.Kind != outcome.Unchanged {
		return result, err
	}
	var differences []Difference
	if result.Kind == outcome.Shadowed {
		_, detail, _ := strings.Cut(result.Reason, ": ")
		differences = []Difference{{"facility", OnlyOurs, detail}}
		f.Found(outcome.Facilities, "", differences[0])
	}
	done := resultOf("", result.Reason, differences)
	done.Notes, done.Hint = result.Notes, result.Hint
	return done, nil
}
