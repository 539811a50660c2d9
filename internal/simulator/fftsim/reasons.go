package fftsim

import (
	"net/http"

	"fftconnect/internal/simulator"
)

// cancelationReason is one that a cancellation may name.
type cancelationReason struct {
	ID string `json:"id"`
	versioned
	Action          string            `json:"action"`
	Reason          string            `json:"reason"`
	ReasonLocalized map[string]string `json:"reasonLocalized"`
}

func reasonRules() rule {
	return objectWithOnly(fields{"reason*": textRule(0, 0), "reasonLocalized*": localized(0, 0)})
}

func (p *Platform) listReasons(w http.ResponseWriter, r *http.Request) {
	q, ok := readFilter(w, r)
	if !ok {
		return
	}
	p.mu.RLock()
	page, total := p.reasons.page(nil, matchesAll, q.startAfter, q.size+1, p.clock.Now())
	p.mu.RUnlock()
	simulator.WriteJSON(w, http.StatusOK, map[string]any{
		"reasons": page[:min(len(page), q.size)], "total": total, "hasNextPage": len(page) > q.size,
	})
}

// createReason answers 303 when there is such a reason.
func (p *Platform) createReason(w http.ResponseWriter, r *http.Request) {
	wanted := &cancelationReason{Action: "CANCELATION"}
	if !decodeBody(w, r, p.reasonRule, wanted) {
		return
	}
	existing := ""
	err := p.inTransaction(func(n *news) error {
		for _, other := range p.reasons.rows {
			if other.current.Reason == wanted.Reason {
				existing = other.id
				return nil
			}
		}
		wanted.ID, wanted.versioned = p.newID(), newVersioned(n.now)
		p.reasons.put(wanted.ID, wanted, n.now)
		return nil
	})
	switch {
	case err != nil:
		refuseError(w, err)
	case existing != "":
		w.Header().Set("Location", "/api/cancelationreasons/"+existing)
		w.WriteHeader(http.StatusSeeOther)
	default:
		writeCreated(w, "/api/cancelationreasons/"+wanted.ID, wanted)
	}
}

// reason finds the one that a cancellation names; nil when it names none.
func (p *Platform) reason(id string) (*cancelationReason, error) {
	if id == "" {
		return nil, nil
	}
	found := p.reasons.get(id)
	if found == nil {
		return nil, errInvalid("cancelationReasonId: reason %q does not exist", id)
	}
	return found, nil
}
