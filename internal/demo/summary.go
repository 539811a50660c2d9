package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/verdict"
	"fftconnect/internal/simulator/world"
)

// Summary is the report at the end.
type Summary struct {
	OK       bool         `json:"ok"`
	Orders   int          `json:"orders"`
	Arrived  int          `json:"arrived"` // shipped or collected, complete and exactly once
	Expected int          `json:"expected"`
	Stages   []stageCount `json:"stages"`
	Latency  []latency    `json:"latency"`
	Calls    struct {
		Commercetools    float64 `json:"commercetools_per_order"`
		Fulfillmenttools float64 `json:"fulfillmenttools_per_order"`
	} `json:"calls"`
	Shown    shown     `json:"shown"`
	Repeated int       `json:"attempts_deferred"` // not done at once: stored and tried again
	Stopped  []stopper `json:"not_arrived"`
	Branches []string  `json:"facilities_wrong"`
	TookMS   int64     `json:"duration_ms"`
	Seed     uint64    `json:"seed"`
}

// stageCount is how many orders have reached a stage.
type stageCount struct {
	Stage  string `json:"stage"`
	Orders int    `json:"orders"`
}

// shown is what became of split orders, of parcels and of the shop's channels.
type shown struct {
	Split      int `json:"split_orders"` // handed over in several handover jobs
	Partial    int `json:"partial"`      // of them, seen as Partial before they were Shipped
	Deliveries int `json:"deliveries"`
	Parcels    int `json:"parcels"` // with a tracking number and an address to follow them
	Delivered  int `json:"delivered"`
	Facilities int `json:"facilities"` // as their channels say
}

type latency struct {
	Step          span
	Count         int
	P50, P95, P99 time.Duration
}

// stopper is an order that did not arrive.
type stopper struct {
	Order    string `json:"order"`
	Number   string `json:"order_number,omitempty"`
	Expected bool   `json:"expected"` // it was not meant to arrive
	Reason   string `json:"reason"`
	Hint     string `json:"advice,omitempty"`
}

func summarise(w *world.World, t *tracker, opts Options, took time.Duration) Summary {
	s := Summary{OK: true, Orders: t.total(), TookMS: took.Milliseconds(), Seed: opts.Seed, Stopped: []stopper{}}
	counts := t.counts()
	for i, name := range stageNames {
		s.Stages = append(s.Stages, stageCount{name, counts[i]})
	}
	for _, step := range spans {
		n, p := t.percentiles(step)
		s.Latency = append(s.Latency, latency{Step: step, Count: n, P50: p[0], P95: p[1], P99: p[2]})
	}
	if s.Orders > 0 {
		s.Calls.Commercetools = float64(w.CTLog.CountExcept("/oauth/")) / float64(s.Orders)
		s.Calls.Fulfillmenttools = float64(w.FFTLog.CountExcept("/v1/")) / float64(s.Orders)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Repeated = t.deferred
	for _, order := range t.sequence {
		s.judge(w, order)
	}
	// In a storm the parts of an order may well be told together.
	if !opts.Storm && s.Shown.Split > 0 && s.Shown.Partial == 0 {
		s.OK = false
	}
	return s
}

func (s *Summary) judge(w *world.World, order *trackedOrder) {
	problem := verdict.WhatIsWrong(w, order.id, order.fate)
	if problem == "" {
		problem = s.show(w, order)
	}
	meant := order.fate == catalogue.FateShipped || order.fate == catalogue.FateCollected
	if meant {
		s.Expected++
	}
	if problem == "" && meant {
		s.Arrived++
		return
	}
	stop := stopper{Order: order.id, Number: order.number, Expected: problem == "", Reason: problem}
	if problem != "" {
		s.OK = false
	} else if order.fate == catalogue.FateCancelled {
		stop.Reason, stop.Hint = "cancelled by the customer right after confirmation", "nothing to do"
	}
	if n := len(order.problems); n > 0 {
		last := order.problems[n-1]
		stop.Reason, stop.Hint = strings.TrimPrefix(last.Reason, "order "+order.id+": "), last.Hint
		if problem != "" {
			stop.Reason = problem + ": " + stop.Reason
		}
	} else if order.fate == catalogue.FateUnmappable {
		// An order that cannot be mapped must be seen, not just be missing.
		s.OK, stop.Expected, stop.Reason = false, false, "it is missing and nobody was told"
	}
	s.Stopped = append(s.Stopped, stop)
}

// show counts what is to be seen of an order besides its state, and says what of it
// is wrong.
func (s *Summary) show(w *world.World, order *trackedOrder) (wrong string) {
	sent, wrong := verdict.WrongDelivery(w, order.id)
	s.Shown.Deliveries += sent.Deliveries
	s.Shown.Parcels += sent.Parcels
	if order.stage == delivered {
		s.Shown.Delivered++
	}
	if there := w.FFT.OrdersOf(order.id); len(there) == 1 && len(there[0].HandoverJobs) > 1 {
		s.Shown.Split++
		if verdict.WasPartial(w, order.id) {
			s.Shown.Partial++
		}
	}
	return wrong
}

// judgeBranches adds how the facilities compare with their channels.
func (s *Summary) judgeBranches(b *branches) {
	s.Shown.Facilities, s.Branches = b.judgeAll()
	s.OK = s.OK && len(s.Branches) == 0
}

// finish replaces the live table by the report.
func (s *screen) finish(t *tracker, summary Summary) {
	if s.quiet {
		text, err := json.MarshalIndent(summary, "", "  ")
		if err != nil {
			panic(fmt.Sprintf("demo: the summary: %v", err))
		}
		fmt.Fprintln(s.out, string(text))
		return
	}
	s.erase()
	if !s.terminal {
		s.say("")
	}
	summary.print(s.out)
}

func (s Summary) print(out io.Writer) {
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	line("How far the orders came")
	for _, reached := range s.Stages {
		line("  %-28s %s %5d", reached.Stage, bar(reached.Orders, s.Orders), reached.Orders)
	}
	line("")
	line("How long it took                            p50        p95        p99")
	for _, l := range s.Latency {
		line("  %-38s %7s    %7s    %7s", l.Step, short(l.P50), short(l.P95), short(l.P99))
	}
	line("")
	line("API calls per order             commercetools %.1f    fulfillmenttools %.1f", s.Calls.Commercetools, s.Calls.Fulfillmenttools)
	line("Attempts deferred               %d", s.Repeated)
	line("")
	line("Handed over in parts            %s, of them seen as Partial first: %d", plural(s.Shown.Split, "order"), s.Shown.Partial)
	line("On the commercetools orders     %s with %s that can be followed, %s delivered",
		many(s.Shown.Deliveries, "delivery", "deliveries"), plural(s.Shown.Parcels, "parcel"), plural(s.Shown.Delivered, "order"))
	line("Channels                        %s as they say", many(s.Shown.Facilities, "facility", "facilities"))
	for _, wrong := range s.Branches {
		line("  ✗ %s", wrong)
	}
	if len(s.Stopped) > 0 {
		line("")
		line("Did not arrive")
		for _, stop := range s.Stopped {
			name := stop.Number
			if name == "" {
				name = stop.Order
			}
			mark := "✗"
			if stop.Expected {
				mark = "·"
			}
			line("  %s %s", mark, name)
			line("      reason  %s", stop.Reason)
			if stop.Hint != "" {
				line("      to do   %s", stop.Hint)
			}
		}
	}
	line("")
	mark := "✓"
	if !s.OK {
		mark = "✗"
	}
	line("%s %d of %d orders that should arrive did, complete and exactly once, in %.1f s (seed %d)", mark, s.Arrived, s.Expected, float64(s.TookMS)/1000, s.Seed)
}

func short(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}
