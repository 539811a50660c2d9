package console

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"fftconnect/internal/doctor"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// nowView is how the connector is doing.
type nowView struct {
	Status   Status
	Depth    ledger.StoredCounts
	Lates    []lateCount
	Late     int
	Open     int
	Hours    []hour
	From     time.Time // how far back they reach
	Outcomes []ended
	Flows    []direction
	Examined *examined
	Stored   bool
	CanPause bool
}

// hour is how many messages ended in an hour.
type hour struct {
	At                 time.Time
	Good, Waiting, Bad int
	GoodH, WaitH, BadH int // heights in the chart
	GoodY, WaitY, BadY int // and where they begin
	X                  int
	Total              int
}

// ended is how many messages ended in a way.
type ended struct {
	Flow  outcome.Flow
	Kind  outcome.Kind
	Count int
}

// direction is one that can be paused.
type direction struct {
	Flow   outcome.Flow
	Words  string
	Active bool // by the settings
	Pause  *Pause
}

type pausing struct {
	flow  outcome.Flow
	words string
}

// pausable are the directions that can be paused.
var pausable = []pausing{
	{outcome.Export, "orders to fulfillmenttools"},
	{outcome.Feedback, "fulfilment back to commercetools"},
}

const activityFor = 24 * time.Hour

func (c *Console) nowPage(r *http.Request) (answer, error) {
	v := nowView{Status: c.opts.Status(r.Context()), Stored: c.opts.Store != nil, CanPause: c.opts.Pause != nil, Examined: c.examined.lastExamination()}
	for _, d := range pausable {
		row := direction{Flow: d.flow, Words: d.words, Active: v.Status.Switched[d.flow]}
		for _, pause := range v.Status.Paused {
			if pause.Flow == d.flow {
				row.Pause = &pause
			}
		}
		v.Flows = append(v.Flows, row)
	}
	if v.Stored {
		if err := c.loadNow(r.Context(), &v); err != nil {
			return answer{}, err
		}
	} else {
		for _, handled := range v.Status.Handled {
			v.Outcomes = append(v.Outcomes, ended{handled.Flow, handled.Outcome, handled.Count})
		}
	}
	return answer{page: "now", title: "Now", data: v, live: 10 * time.Second}, nil
}

func (c *Console) loadNow(ctx context.Context, v *nowView) (err error) {
	if v.Depth, err = c.opts.Store.CountStored(ctx); err != nil {
		return err
	}
	if v.Lates, v.Late, v.Open, err = c.countLate(ctx); err != nil {
		return err
	}
	counts, from, err := c.recentActivity(ctx, time.Now())
	if err != nil {
		return err
	}
	v.From = from
	v.Hours = hourlyChart(counts, time.Now())
	sums := map[ended]int{}
	for _, count := range counts {
		sums[ended{Flow: count.Flow, Kind: count.Outcome}] += count.Count
	}
	for _, flow := range outcome.Flows {
		for _, kind := range outcome.Kinds {
			if n := sums[ended{Flow: flow, Kind: kind}]; n > 0 {
				v.Outcomes = append(v.Outcomes, ended{flow, kind, n})
			}
		}
	}
	return nil
}

// recentCounts is what was counted of hours that are over: they are counted once.
type recentCounts struct {
	mu          sync.Mutex
	counts      []ledger.HourCount
	from, until time.Time // what they cover; zero: nothing yet
}

// recentActivity counts the messages of the last 24 hours; from is how far the counts reach back.
func (c *Console) recentActivity(ctx context.Context, now time.Time) (counts []ledger.HourCount, from time.Time, err error) {
	p := &c.past
	p.mu.Lock()
	defer p.mu.Unlock()
	begin := now.Add(-activityFor)
	if p.until.Before(begin) {
		p.counts, p.from, p.until = nil, begin, begin
	}
	fresh, from, err := c.opts.Store.CountByHour(ctx, p.until)
	if err != nil {
		return nil, from, err
	}
	if from.After(p.until) { // more came since than is counted
		p.counts, p.from = nil, from
	}
	counts = slices.Concat(fresh, p.counts)
	over := now.Add(-time.Hour).Truncate(time.Hour) // the journal is written a little later
	if over.After(p.until) {
		p.counts = slices.DeleteFunc(slices.Clone(counts), func(b ledger.HourCount) bool { return !b.Hour.Before(over) || b.Hour.Before(begin.Truncate(time.Hour)) })
		p.until = over
	}
	return counts, laterOf(p.from, begin), nil
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

const (
	chartHeight = 80
	barWidth    = 20
)

// hourlyChart is a bar for each of the last 24 hours, oldest first.
func hourlyChart(counts []ledger.HourCount, now time.Time) []hour {
	hours := make([]hour, 24)
	first := now.Truncate(time.Hour).Add(-23 * time.Hour)
	highest := 1
	for i := range hours {
		hours[i].At, hours[i].X = first.Add(time.Duration(i)*time.Hour), i*barWidth
	}
	for _, count := range counts {
		i := int(count.Hour.Sub(first) / time.Hour)
		if i < 0 || i >= len(hours) || count.Hour.Before(first) {
			continue
		}
		h := &hours[i]
		switch gravity[count.Outcome] {
		case "wait":
			h.Waiting += count.Count
		case "bad":
			h.Bad += count.Count
		default:
			h.Good += count.Count
		}
		h.Total += count.Count
		highest = max(highest, h.Total)
	}
	for i := range hours {
		h := &hours[i]
		scale := func(n int) int {
			if n == 0 {
				return 0
			}
			return max(n*chartHeight/highest, 1)
		}
		h.GoodH, h.WaitH, h.BadH = scale(h.Good), scale(h.Waiting), scale(h.Bad)
		h.GoodY = chartHeight - h.GoodH
		h.WaitY = h.GoodY - h.WaitH
		h.BadY = h.WaitY - h.BadH
	}
	return hours
}

// examination is what doctor found last.
type examination struct {
	mu    sync.Mutex
	found *examined
}

type examined struct {
	At       time.Time
	By       string
	Findings []doctor.Finding
}

func (e *examination) lastExamination() *examined {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.found
}

// doctorPage examines the installation, which costs some calls, and shows what it found on the page.
func (c *Console) doctorPage(r *http.Request) (answer, error) {
	findings := c.opts.Examine(r.Context())
	slices.SortStableFunc(findings, func(a, b doctor.Finding) int { return severity[a.Status] - severity[b.Status] })
	c.examined.mu.Lock()
	c.examined.found = &examined{At: time.Now(), By: visitorFrom(r.Context()).Name, Findings: findings}
	c.examined.mu.Unlock()
	return answer{to: "/now#doctor"}, nil
}

// severity puts what must be fixed first.
var severity = map[doctor.Status]int{doctor.Fail: 0, doctor.Warn: 1, doctor.Skip: 2, doctor.OK: 3}
