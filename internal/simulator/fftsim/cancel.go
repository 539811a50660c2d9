package fftsim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"fftconnect/internal/simulator"
)

// versionConflict is answered with 409.
type versionConflict struct{ sent, current int64 }

func (e versionConflict) Error() string {
	return fmt.Sprintf("version %d was sent, %d is current", e.sent, e.current)
}

type orderAction struct {
	Name                string
	Version             int64
	CancelationReasonID string
	TargetTime          string
}

func actionRules() rule {
	return objectWithAtLeast(fields{
		"name*": oneOf("CANCEL", "FORCE_CANCEL", "UNLOCK"), "version*": integerRule(0, noLimit),
		"cancelationReasonId": textRule(1, 0), "targetTime": dateTime,
	})
}

func (p *Platform) orderAction(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	p.mu.RLock()
	known := p.flows[id] != nil
	p.mu.RUnlock()
	if !known {
		notFound(w, r.URL.Path)
		return
	}
	var action orderAction
	if !decodeBody(w, r, p.actionRule, &action) {
		return
	}
	var result *order
	err := p.onFlow(id, func(n *news, f *flow) error {
		o := p.orders.get(id)
		if action.Version != o.Version {
			return versionConflict{action.Version, o.Version}
		}
		if err := p.carryOutAction(n, f, o, action); err != nil {
			return err
		}
		result = p.orders.get(id)
		return nil
	})
	var stale versionConflict
	switch {
	case errors.As(err, &stale):
		conflict(w, stale.sent, stale.current)
	case err != nil:
		refuseError(w, err)
	default:
		simulator.WriteJSON(w, http.StatusOK, result)
	}
}

func (p *Platform) carryOutAction(n *news, f *flow, o *order, action orderAction) error {
	switch action.Name {
	case "UNLOCK":
		return p.unlock(n, f, o, action.TargetTime)
	case "FORCE_CANCEL":
		if o.Status == "CANCELLED" || f.stage() == StageHandedOver {
			return errInvalid("the order cannot be cancelled any more")
		}
		p.cancel(n, f, "ORDER_FORCE_CANCELLED", nil)
		return nil
	}
	reason, err := p.reason(action.CancelationReasonID)
	if err != nil {
		return err
	}
	begun := slices.ContainsFunc(f.strands, func(s *strand) bool { return s.stage != StageRouted })
	if o.Status == "CANCELLED" || f.refuseCancel || begun {
		return errInvalid("the order cannot be cancelled any more")
	}
	p.cancel(n, f, "ORDER_CANCELLED", reason)
	return nil
}

func (p *Platform) unlock(n *news, f *flow, o *order, targetTime string) error {
	if o.Status != "LOCKED" {
		return errInvalid("the order is not locked")
	}
	if targetTime != "" {
		f.targetTime = targetTime
	}
	next := *o
	next.bumpVersion(n.now)
	next.Status = "OPEN"
	p.orders.put(next.ID, &next, n.now)
	n.queueEvent(emission{event: "ORDER_UNLOCKED", orderID: o.ID, payload: &next})
	p.scheduleRouting(f)
	return nil
}

// cancel cancels an order and whatever of it is still open.
func (p *Platform) cancel(n *news, f *flow, event string, reason *cancelationReason) {
	f.halt()
	f.cancelled = true
	next := *p.orders.get(f.orderID)
	next.bumpVersion(n.now)
	next.Status, next.CancelationReason = "CANCELLED", reason
	p.orders.put(next.ID, &next, n.now)
	n.queueEvent(emission{event: event, orderID: next.ID, payload: &next})
	for _, s := range f.strands {
		if !s.hasEnded() {
			p.cancelStrand(n, f, s)
		}
	}
	p.storeProcess(n, f)
}

func (p *Platform) cancelStrand(n *news, f *flow, s *strand) {
	switch s.stage {
	case StageRouted, StagePicking:
		p.changePickJob(n, s, "PICK_JOB_CANCELED", func(job *pickJob) { job.Status = "CANCELED" })
	case StagePacked:
		p.cancelBoxes(n, f, s, "ORDER_CANCELED")
	}
	s.stage = StageCancelled
	for _, id := range s.loadUnits {
		unit := *p.loadUnits.get(id)
		unit.bumpVersion(n.now)
		unit.Status = "OBSOLETE"
		p.loadUnits.put(id, &unit, n.now)
	}
	for _, b := range s.boxes {
		if b.parcel != "" && p.handoverJobs.get(b.handoverJob).Status == "CANCELED" {
			p.changeParcel(n, f, b, "", func(packed *parcel) { packed.Status = "CANCELED" })
		}
	}
	p.changeShipment(n, f, s, "CANCELED")
}

// CancelByFFT cancels an order as staff do in the platform; with force in any stage
// but the last.
func (p *Platform) CancelByFFT(orderID string, force bool) error {
	name := "CANCEL"
	if force {
		name = "FORCE_CANCEL"
	}
	return p.onFlow(orderID, func(n *news, f *flow) error {
		return p.carryOutAction(n, f, p.orders.get(orderID), orderAction{Name: name})
	})
}

// Expire has the platform cancel an order by itself, as it does when a promise runs
// out or an order was not fulfilled in time.
func (p *Platform) Expire(orderID string) error {
	return p.onFlow(orderID, func(n *news, f *flow) error {
		if f.cancelled || f.stage() == StageHandedOver {
			return fmt.Errorf("order %s has ended already", orderID)
		}
		p.cancel(n, f, "ORDER_CANCELLED_BY_EXPIRY", nil)
		return nil
	})
}

// RefuseCancel has the action CANCEL refused for an order from now on, as it is
// anyway once picking has started.
func (p *Platform) RefuseCancel(orderID string) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		f.refuseCancel = true
		return nil
	})
}
