package doctor

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/intake"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// checkPublicAddress calls us the way fulfillmenttools does: with a token, and without following a
// redirect. Only a connector with our secret can give the right answer.
func (p Patient) checkPublicAddress(ctx context.Context, add func(Finding)) {
	finding := Finding{Area: "fftconnect", Check: "public address", Status: OK, Detail: p.Environment.PublicURL}
	defer func() { add(finding) }()
	if p.Environment.PublicURL == "" {
		finding.Status, finding.Detail, finding.Fix = Skip, "PUBLIC_URL is not set", "set it to have this checked"
		return
	}
	response, nonce, err := p.probePublicAddress(ctx)
	if err != nil {
		finding.Status, finding.Detail, finding.Fix = Fail, p.Environment.PublicURL+" does not answer", "start the connector, or correct PUBLIC_URL and what forwards it"
		return
	}
	defer response.Body.Close()
	switch {
	case response.Header.Get(intake.ProofHeader) == p.Installer.Token.AnswerProbe(nonce):
	case response.StatusCode == http.StatusUnauthorized:
		finding.Status, finding.Detail = Fail, p.Environment.ServiceURL()+" refuses our token"
		finding.Fix = "give serve and this command the same JWT_ settings"
	case response.StatusCode == http.StatusOK:
		finding.Status, finding.Detail = Fail, p.Environment.ServiceURL()+" answers 200, but it is not this connector"
		finding.Fix = "PUBLIC_URL must lead to the connector and end in /service; a catch-all page may stand before it"
	default:
		finding.Status = Fail
		finding.Detail = fmt.Sprintf("%s answers %d", p.Environment.ServiceURL(), response.StatusCode)
		finding.Fix = "PUBLIC_URL must lead to the connector and end in /service, without a redirect"
	}
}

func (p Patient) probePublicAddress(ctx context.Context) (response *http.Response, nonce string, err error) {
	token, err := p.Installer.Token.Sign()
	if err != nil {
		return nil, "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Environment.ServiceURL(), http.NoBody)
	if err != nil {
		return nil, "", err
	}
	nonce = rand.Text()
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set(intake.ProbeHeader, nonce)
	client := *p.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err = client.Do(request)
	return response, nonce, err
}

// reportMode says when nothing is written, and when anybody may call.
func (p Patient) reportMode(add func(Finding)) {
	if p.Environment.Event.Auth == config.EventAuthNone {
		add(Finding{
			Area: "fftconnect", Check: "callers", Status: Warn, Detail: "anybody may call POST /event and POST /job",
			Fix: "on commercetools Connect that is how messages come; elsewhere set EVENT_AUTH to token or oidc",
		})
	}
	if p.Environment.Shadow {
		add(Finding{
			Area: "fftconnect", Check: "shadow mode", Status: Warn, Detail: "nothing is written to either platform",
			Fix: "look at: fftconnect shadow report; switch with SHADOW=false",
		})
	}
}

// quiet is how long one side may say nothing before it is worth a look.
const quiet = 24 * time.Hour

func (p Patient) checkDatabase(ctx context.Context, add func(Finding)) {
	const area = "fftconnect"
	switch {
	case p.DatabaseError != nil:
		add(Finding{Area: area, Check: "database", Status: Fail, Detail: strings.Join(strings.Fields(p.DatabaseError.Error()), " "), Fix: "correct DATABASE_URL, or start the database"})
		return
	case p.DatabaseFile != "":
		add(Finding{Area: area, Check: "database", Status: Warn, Detail: p.DatabaseFile + " does not exist here; serve creates it", Fix: "run this where serve runs, or set DATABASE_URL"})
		return
	case p.Database == nil:
		add(Finding{Area: area, Check: "database", Status: Skip, Detail: "none is configured: what cannot be done at once stays with its sender"})
		return
	}
	if err := p.Database.Ping(ctx); err != nil {
		fix := cmp.Or(remote.HintOf(err), "start the database, or let fftconnect write to its file")
		add(Finding{Area: area, Check: "database", Status: Fail, Detail: err.Error(), Fix: fix})
		return
	}
	add(Finding{Area: area, Check: "database", Status: OK, Detail: "it takes what is written"})
	if err := p.Database.CheckRoom(ctx); err != nil {
		add(Finding{Area: area, Check: "room for dead letters", Status: Fail, Detail: err.Error(), Fix: remote.HintOf(err)})
	}
	there, err := p.Database.Clock(ctx)
	add(p.clockFinding(area, "database's clock", "set the clocks of this machine and of the database by NTP", there, err))
	if why := WhyTemporary(p.Environment.DatabaseURL.Reveal()); why != "" {
		add(Finding{
			Area: area, Check: "storage", Status: Warn, Detail: "the store does not last: " + why,
			Fix: FleetingHint,
		})
	}
	p.checkStoredEvents(ctx, add)
	p.checkCallerTokens(ctx, add)
	p.checkLastMessages(ctx, add)
}

// checkStoredEvents says what waits in the store.
func (p Patient) checkStoredEvents(ctx context.Context, add func(Finding)) {
	finding := Finding{Area: "fftconnect", Check: "stored events", Status: OK}
	depth, err := p.Database.CountStored(ctx)
	finding.Detail = fmt.Sprintf("%d wait for another attempt, %d for somebody to look", depth.Deferred, depth.Dead)
	switch {
	case err != nil:
		finding.Status, finding.Detail = Skip, err.Error()
	case depth.Dead > 0:
		finding.Status, finding.Fix = Warn, "look at them with: fftconnect events list --state dead"
	}
	add(finding)
}

// checkCallerTokens says when the tokens end that callers showed last.
func (p Patient) checkCallerTokens(ctx context.Context, add func(Finding)) {
	for _, endpoint := range []string{intake.EventPath, intake.ServicePath, intake.JobPath} {
		text, shown, ok, err := p.Database.Checkpoint(ctx, intake.TokenCheckpoint(endpoint))
		if err != nil || !ok || endpoint == intake.EventPath && p.Environment.Event.Auth != config.EventAuthToken {
			continue
		}
		ends, err := time.Parse(time.RFC3339, text)
		if err != nil {
			continue
		}
		left, ago := ends.Sub(p.Now()), p.Now().Sub(shown).Round(time.Second)
		finding := Finding{
			Area: "fftconnect", Check: "token shown at " + endpoint, Status: OK,
			Detail: fmt.Sprintf("last %s ago, good until %s", ago, ends.Format(time.DateOnly)),
		}
		if left < p.Environment.Token.Lifetime/8 {
			finding.Status = Warn
			finding.Fix = "give whoever calls it a new one: fftconnect token --for " + endpoint[1:]
			if endpoint == intake.ServicePath {
				finding.Fix = "run: fftconnect install"
			}
		}
		if left <= 0 {
			finding.Detail = fmt.Sprintf("last %s ago, and ended on %s", ago, ends.Format(time.DateOnly))
		}
		if left <= 0 && endpoint != intake.JobPath {
			finding.Status = Fail
		}
		add(finding)
	}
}

// checkLastMessages says when either platform was last heard.
func (p Patient) checkLastMessages(ctx context.Context, add func(Finding)) {
	const area = "fftconnect"
	seen, err := p.Database.LastSeen(ctx)
	if err != nil {
		add(Finding{Area: area, Check: "last messages", Status: Skip, Detail: err.Error()})
		return
	}
	for _, sender := range []struct {
		flow outcome.Flow
		name string
	}{{outcome.Export, "commercetools"}, {outcome.Feedback, "fulfillmenttools"}} {
		finding := Finding{Area: area, Check: "last message of " + sender.name, Status: OK}
		at, ok := seen[sender.flow]
		ago := p.Now().Sub(at).Round(time.Second)
		switch {
		case !ok:
			finding.Status, finding.Detail = Warn, "none was ever received"
		case ago > quiet:
			finding.Status, finding.Detail = Warn, ago.String()+" ago"
		default:
			finding.Detail = ago.String() + " ago"
		}
		if finding.Status == Warn {
			finding.Fix = "if orders were placed meanwhile, check the subscription and what forwards its messages"
		}
		add(finding)
	}
}
