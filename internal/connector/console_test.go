package connector_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/outcome"
)

// inConsole asks the console for a page.
func (r *rig) inConsole(method, path string, form url.Values) (status int, text, to string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.adminURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := *r.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header.Get("Location")
}

func (r *rig) wantPage(path string, texts ...string) {
	r.t.Helper()
	status, text, _ := r.inConsole(http.MethodGet, path, nil)
	if status != http.StatusOK {
		r.t.Fatalf("%s answered %d:\n%s", path, status, text)
	}
	for _, want := range texts {
		if !strings.Contains(text, want) {
			r.t.Errorf("%s lacks %q:\n%s", path, want, text)
		}
	}
}

func TestTheConsoleFindsAnOrderByWhatItsMessagesTold(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		_, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), store: store})
		id := r.Place(r.NextOrder())
		r.ship()
		time.Sleep(2 * time.Second) // the journal is written a little later
		order := r.FFT.Orders()[0]
		job := order.PickJobs[0]
		var shown struct {
			ShortID string `json:"shortId"`
		}
		if err := json.Unmarshal(job.Body, &shown); err != nil || shown.ShortID == "" {
			t.Fatal(err, "no short id")
		}
		for _, name := range []string{order.ID, job.ID, shown.ShortID, order.TenantOrderID} {
			_, text, to := r.inConsole(http.MethodGet, "/search?"+url.Values{"q": {name}}.Encode(), nil)
			if !strings.HasPrefix(to, "/orders/"+id) {
				t.Errorf("%s leads to %q:\n%s", name, to, text)
			}
		}
		r.wantPage("/orders/"+id, "PICK_JOB_CREATED", "HANDOVERJOB_HANDED_OVER", shown.ShortID, "exported")
		r.wantPage("/orders/"+id+"?ask=platforms", "is HANDED_OVER", "CT shows Shipped", "Both platforms agree", "API call")
		r.wantPage("/", "Find an order")
		r.wantPage("/now", "webhook tokens end", "answers")
		r.wantPage("/attention", "Nothing needs attention")
		r.wantPage("/mapping?order="+id, "orderLineItems[0]", "would not be exported")
	})
}

func TestAPausedDirectionLeavesMessagesWithTheirSenderAndLosesNone(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		_, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), store: store})
		if status, text, _ := r.inConsole(http.MethodPost, "/pause", url.Values{"flow": {"export"}, "why": {"stocktaking"}}); status != http.StatusSeeOther {
			t.Fatalf("answered %d:\n%s", status, text)
		}
		replica := r.twin(nil, store)
		r.Place(r.NextOrder())
		time.Sleep(time.Minute)
		if n := len(r.FFT.Orders()); n != 0 {
			t.Errorf("%d orders were exported", n)
		}
		for _, each := range []*rig{r, replica} {
			if status, text := each.get("/readyz"); status != http.StatusOK || !strings.Contains(text, `"paused":["export"]`) {
				t.Errorf("/readyz: %d %s", status, text)
			}
			if _, text := each.get("/metrics"); !strings.Contains(text, `fftconnect_paused{flow="export"} 1`) {
				t.Error("the metric does not tell")
			}
			each.wantPage("/now", "paused since", "stocktaking", "Resume")
		}
		r.inConsole(http.MethodPost, "/resume", url.Values{"flow": {"export"}})
		r.eventually("the order is exported", func() bool { return len(r.FFT.Orders()) == 1 })
		r.settle()
		for _, entry := range r.outcomes("") {
			if entry.Kind == outcome.Rejected {
				t.Errorf("lost: %+v", entry)
			}
		}
	})
}
