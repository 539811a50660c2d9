package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fftconnect/internal/notify"
)

// checkNotifications says who is told when something is wrong, and whether that went well last. It
// sends nothing: fftconnect notify test does.
func (p Patient) checkNotifications(ctx context.Context, add func(Finding)) {
	finding := Finding{Area: "fftconnect", Check: "notifications", Status: OK}
	defer func() { add(finding) }()
	targets := notify.Targets(p.Environment.Notify, nil, nil)
	if len(targets) == 0 {
		finding.Detail = "nobody is told when something is wrong: no NOTIFY_ setting names anybody"
		return
	}
	var book notify.Book
	if p.Database != nil {
		if text, _, ok, err := p.Database.Checkpoint(ctx, notify.Checkpoint); err == nil && ok {
			_ = json.Unmarshal([]byte(text), &book)
		}
	}
	var words []string
	for _, target := range targets {
		state := book[target.Name()]
		switch {
		case state.Failures > 0:
			finding.Status, finding.Fix = Fail, "try it with: fftconnect notify test"
			words = append(words, fmt.Sprintf("%s failed %d times: %s", target.Name(), state.Failures, state.Problem))
		case state.Sent.IsZero():
			words = append(words, target.Name()+" was sent nothing yet")
		default:
			words = append(words, fmt.Sprintf("%s got one %s ago", target.Name(), p.Now().Sub(state.Sent).Round(time.Second)))
		}
	}
	finding.Detail = strings.Join(words, "; ")
}
