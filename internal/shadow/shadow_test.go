package shadow

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestTheGuardPassesOnlyReadingAndTokens(t *testing.T) {
	t.Parallel()
	passed := transport(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})
	guard := Guard{Base: passed, Tokens: []string{"https://auth.example/oauth/token", "https://id.example/v1/accounts:signInWithPassword"}}
	for request, want := range map[string]int{
		"GET https://api.example/demo/orders/1":                        200,
		"HEAD https://api.example/demo":                                200,
		"POST https://auth.example/oauth/token":                        200,
		"POST https://id.example/v1/accounts:signInWithPassword?key=k": 200,
		"POST https://fft.example/api/orders/search":                   200,
		"POST https://api.example/demo/orders/1":                       405,
		"POST https://api.example/oauth/token":                         405,
		"POST https://fft.example/api/orders":                          405,
		"POST https://fft.example/api/orders/1/actions":                405,
		"PATCH https://fft.example/api/facilities/1":                   405,
		"PUT https://fft.example/api/x":                                405,
		"DELETE https://api.example/demo/custom-objects/fft/1":         405,
	} {
		method, address, _ := strings.Cut(request, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := guard.RoundTrip(r)
		if err != nil || response.StatusCode != want {
			t.Errorf("%s: %v %v, want %d", request, response, err, want)
			continue
		}
		if body, _ := io.ReadAll(response.Body); want == 405 && !strings.Contains(string(body), "shadow mode") {
			t.Errorf("%s: %s", request, body)
		}
		_ = response.Body.Close()
	}
}

func TestTheOtherConnectorIsGivenItsTimeAndNotMore(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	at := func(ago time.Duration) context.Context { return withReceived(t.Context(), now.Add(-ago)) }
	for name, c := range map[string]struct {
		ctx     context.Context
		changed time.Time
		want    time.Duration
	}{
		"just came":                 {t.Context(), time.Time{}, time.Minute},
		"came a while ago":          {at(40 * time.Second), time.Time{}, 20 * time.Second},
		"its time is over":          {at(time.Hour), time.Time{}, 0},
		"the order changed since":   {at(2 * time.Minute), now.Add(-10 * time.Second), 50 * time.Second},
		"the order keeps changing":  {at(10 * time.Minute), now, 0},
		"the clock is ahead of it":  {at(-time.Hour), time.Time{}, time.Minute},
		"the order changed earlier": {at(30 * time.Second), now.Add(-time.Hour), 30 * time.Second},
	} {
		if got := patienceLeft(c.ctx, now, c.changed, time.Minute); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

type kept struct{ stored []ledger.Deferred }

func (k *kept) Defer(_ context.Context, d ledger.Deferred, _ time.Duration) error {
	k.stored = append(k.stored, d)
	return nil
}

func (k *kept) AddDeadLetter(_ context.Context, d ledger.Deferred) error {
	k.stored = append(k.stored, d)
	return nil
}

func TestOnlyWhatShadowModeStoredIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	var store kept
	keeper := Keeper{&store}
	_ = keeper.Defer(t.Context(), ledger.Deferred{Order: "a"}, 0)
	_ = keeper.AddDeadLetter(t.Context(), ledger.Deferred{Order: "b"})
	handled := 0
	resume := Resume(func(context.Context, ledger.Event) ledger.Verdict {
		handled++
		return ledger.Verdict{Action: ledger.Done}
	})
	for _, d := range store.stored {
		if verdict := resume(t.Context(), ledger.Event{Deferred: d}); verdict.Action != ledger.Done {
			t.Errorf("ours: %+v", verdict)
		}
	}
	if verdict := resume(t.Context(), ledger.Event{}); verdict.Action != ledger.Wait || verdict.Reason == "" || handled != 2 {
		t.Errorf("not ours: %+v, %d handled", verdict, handled)
	}
}

func TestAReportCountsOrdersNotComparisons(t *testing.T) {
	t.Parallel()
	title := Difference{"orderLineItems.article.title", Differs, `ours "a", theirs " "`}
	var tally Tally
	add := func(flow outcome.Flow, order string, differences ...Difference) {
		tally.Add(flow, order, resultOf(order, "export", differences).Reason, time.Now())
	}
	add(outcome.Export, "1", title)
	add(outcome.Export, "1", title)
	add(outcome.Export, "2", title, Difference{"order", OnlyOurs, ""})
	add(outcome.Export, "3")
	add(outcome.Export, "5", Difference{"orderLineItems.article.attributes", OnlyOurs, ""})
	add(outcome.Feedback, "3")
	tally.Add(outcome.Export, "4", "exported", time.Now())
	tally.Add(outcome.Facilities, "", resultOf("", "channel K: facility created", nil).Reason, time.Now())
	report := tally.Report()
	if e := report.Export; e.Orders != 4 || e.Same != 1 || e.More != 1 || e.Different != 2 || len(e.Fields) != 3 || e.Fields[0].Orders != 2 || e.Fields[0].Order != "2" || e.Fields[0].Detail != title.Detail {
		t.Errorf("export: %+v", e)
	}
	if f := report.Feedback; f.Orders != 1 || f.Same != 1 || len(f.Fields) != 0 {
		t.Errorf("feedback: %+v", f)
	}
	if report.Facilities.Orders != 1 {
		t.Errorf("facilities: %+v", report.Facilities)
	}
}
