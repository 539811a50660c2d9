package export_test

import (
	"testing"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/remote"
)

func TestAnOrderThatWasDeletedJustNowIsLookedForUntilTheListsHaveCaughtUp(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.source.err = failing(remote.NotFound, false)
	hint := export.Hint{OrderNumber: "A-1001", Deleted: true}
	if _, err := b.Handle(t.Context(), orderID, hint); remote.WaitOf(err) != lag+time.Second {
		t.Errorf("waits %v (%v), want %v", remote.WaitOf(err), err, lag+time.Second)
	}
	b.clock.advance(lag + time.Second)
	if _, err := b.Handle(t.Context(), orderID, hint); err != nil {
		t.Errorf("after the lists have caught up: %v", err)
	}
}
