package fftsim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"fftconnect/internal/simulator"
)

// steering is what another process may say about an intervention; which of it counts
// depends on the intervention.
type steering struct {
	Article, Substitute       string
	Picked, Quantity          int64
	Parcels                   int
	Status, Reason, Condition string
	Force, Rejected           bool
}

// interventions are those that the control interface offers, by name.
func (p *Platform) interventions() map[string]func(orderID string, s steering) error {
	plain := func(f func(string) error) func(string, steering) error {
		return func(id string, _ steering) error { return f(id) }
	}
	return map[string]func(string, steering) error{
		"split": plain(p.Split), "transfer": plain(p.Transfer), "reroute": plain(p.Reroute), "abort": plain(p.Abort), "revert": plain(p.RevertHandover),
		"not-routable": plain(p.NotRoutable), "routable": plain(p.Routable), "expire": plain(p.Expire),
		"hold-label": plain(p.HoldLabel), "fail-label": plain(p.FailLabel), "acknowledge-label": plain(p.AcknowledgeLabel),
		"refuse-cancel": plain(p.RefuseCancel), "hand-over-together": plain(p.HandOverTogether), "anonymise": plain(p.Anonymise), "delete": plain(p.Delete),
		"short-pick": func(id string, s steering) error { return p.ShortPick(id, s.Article, s.Picked) },
		"substitute": func(id string, s steering) error {
			return p.Substitute(id, s.Article, s.Picked, s.Substitute, s.Quantity)
		},
		"parcels":         func(id string, s steering) error { return p.SetParcels(id, s.Parcels) },
		"track":           func(id string, s steering) error { return p.Track(id, s.Status) },
		"cancel":          func(id string, s steering) error { return p.CancelByFFT(id, s.Force) },
		"cancel-handover": func(id string, s steering) error { return p.CancelHandover(id, s.Reason) },
		"return": func(id string, s steering) error {
			return p.Return(id, Returned{s.Article, s.Quantity, s.Condition, s.Reason, s.Rejected})
		},
	}
}

// controlIntervention carries out what the path names. A body is only needed for
// what the intervention wants to know.
func (p *Platform) controlIntervention(w http.ResponseWriter, r *http.Request) {
	intervene := p.interventions()[r.PathValue("name")]
	if intervene == nil {
		notFound(w, fmt.Sprintf("The intervention %q", r.PathValue("name")))
		return
	}
	var s steering
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil && err != io.EOF {
		writeError(w, http.StatusBadRequest, "Input is not valid", err.Error())
		return
	}
	if err := intervene(r.PathValue("id"), s); err != nil {
		writeError(w, http.StatusBadRequest, "Order did not change", err.Error())
		return
	}
	simulator.WriteJSON(w, http.StatusOK, struct{}{})
}
