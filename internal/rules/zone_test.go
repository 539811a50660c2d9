package rules_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/rules"
)

// The program runs in images that hold nothing but the program.
func TestTimeZonesAreLinkedIn(t *testing.T) {
	t.Parallel()
	listed, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "fftconnect/cmd/fftconnect").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(listed), "\ntime/tzdata\n") {
		t.Error("the program has no time zones of its own")
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
