package reconcile

import (
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
)

// TestAnOldOrderThatIsErasedThereIsNotMissed: fulfillmenttools deletes old orders; that is
// no cancellation, and no reason to export again or to call somebody.
func TestAnOldOrderThatIsErasedThereIsNotMissed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	r := &Reconciler{opts: Options{Now: func() time.Time { return now }}}
	for name, c := range map[string]struct {
		created time.Time
		want    Kind
	}{
		"a year old":            {now.AddDate(-1, 0, 0), ""},
		"of this week":          {now.AddDate(0, 0, -5), Missing},
		"of an age not told of": {time.Time{}, Missing},
	} {
		order := commercetools.Snapshot{ID: "o", CreatedAt: c.created}
		got, detail, err := r.compareExistence(t.Context(), order, export.Exported, fulfillmenttools.Order{})
		if got != c.want || err != nil || (detail == "") != (c.want == "") {
			t.Errorf("%s: %q (%s), %v", name, got, detail, err)
		}
	}
}
