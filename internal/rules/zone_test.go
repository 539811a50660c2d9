package rules_test

import (
	"go/build"
	"slices"
	"testing"
	"time"

	"fftconnect/internal/rules"
)

// The program runs in images that hold nothing but the program.
func TestTimeZonesAreLinkedIn(t *testing.T) {
	t.Parallel()
	imports, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(imports.Imports, "time/tzdata") {
		t.Error("there are no time zones but the system's")
	}
	e, err := rules.Compiled(`date(order.createdAt).In(timezone("Europe/Berlin"))`, rules.OrderScope{}, rules.Time)
	if err != nil {
		t.Fatal(err)
	}
	value, err := e.EvalValue(rules.OrderScope{Order: rules.Order{CreatedAt: "2026-07-01T10:00:00Z"}})
	if when, ok := value.(time.Time); err != nil || !ok || when.Hour() != 12 {
		t.Errorf("got %v, %v", value, err)
	}
}
