package connector_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/outcome"
)

func TestMessagesAreCountedOnceAndCompletely(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	begin := time.Now()
	var entries []outcome.Entry
	add := func(n int, ago time.Duration, kind outcome.Kind) {
		for i := range n {
			entries = append(entries, outcome.Entry{
				Result: outcome.Result{Kind: kind, Order: orderID}, At: begin.Add(-ago), Flow: outcome.Export, Type: "OrderCreated",
				EventID: fmt.Sprint(ago, kind, i, time.Now().UnixNano()),
			})
		}
	}
	sums := func() (applied, rejected string) {
		page := d.get("/now", http.StatusOK)
		_, rest, _ := strings.Cut(page, "<th>How they ended</th>")
		for _, row := range strings.Split(rest, "</tr>") {
			_, number, _ := strings.Cut(row, `class="num">`)
			number, _, _ = strings.Cut(number, "<")
			switch {
			case strings.Contains(row, ">applied<"):
				applied = number
			case strings.Contains(row, ">rejected<"):
				rejected = number
			}
		}
		return applied, rejected
	}
	add(3, 30*time.Hour, outcome.Applied) // too long ago
	add(5, 10*time.Hour, outcome.Applied)
	add(2, 3*time.Hour, outcome.Rejected)
	add(4, time.Minute, outcome.Applied)
	d.record(entries...) // at once: each time is waited for
	for range 2 {
		if applied, rejected := sums(); applied != "9" || rejected != "2" {
			t.Errorf("%s applied, %s rejected", applied, rejected)
		}
	}
	entries = nil
	add(1, time.Second, outcome.Applied)
	d.record(entries...)
	if applied, rejected := sums(); applied != "10" || rejected != "2" {
		t.Errorf("later: %s applied, %s rejected", applied, rejected)
	}
}
