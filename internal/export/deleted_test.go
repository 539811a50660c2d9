package export_test

import (
	"testing"

	"fftconnect/internal/export"
	"fftconnect/internal/remote"
)

func TestAnOrderThatWasDeletedJustNowIsLookedForUntilTheListsHaveCaughtUp(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.source.err = failing(remote.NotFound, false)
	hint := export.Hint{OrderNumber: "A-1001", Deleted: true, At: b.clock.Now()}
	if _, err := b.Handle(t.Context(), orderID, hint); remote.Wait(err) != lag {
		t.Errorf("waits %v (%v), want %v", remote.Wait(err), err, lag)
	}
	b.clock.advance(lag)
	if _, err := b.Handle(t.Context(), orderID, hint); err != nil {
		t.Errorf("after the lists have caught up: %v", err)
	}
}
