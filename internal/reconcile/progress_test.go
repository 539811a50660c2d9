package reconcile_test

import (
	"strings"
	"testing"

	"fftconnect/internal/reconcile"
)

func TestAJobThatOnlyGoesOnIsNoDifference(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.place("A-1")
	b.repairs(1)
	b.step(id, 1)
	if f := b.repairs(1)[0]; f.Kind != reconcile.Behind || !strings.Contains(f.Detail, "fft_pickjob_id") {
		t.Errorf("%+v", f)
	}
	b.step(id, 1) // picking has begun: no event tells of it and the order does not show it
	before := b.snapshot(id).Version
	b.repairs(0)
	if after := b.snapshot(id).Version; after != before {
		t.Errorf("the order went from version %d to %d", before, after)
	}
}
