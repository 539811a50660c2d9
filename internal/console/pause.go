package console

import (
	"net/http"
	"slices"
	"strings"

	"fftconnect/internal/outcome"
)

// pauseDirection keeps a direction's messages with their senders.
func (c *Console) pauseDirection(r *http.Request) (answer, error) {
	flow, err := c.requestedDirection(r)
	if err != nil {
		return answer{}, err
	}
	why := strings.TrimSpace(r.FormValue("why"))
	if why == "" || len(why) > 500 {
		return answer{}, newFailure(http.StatusBadRequest, "Say in a few words why: others will see that it is paused, and wonder.")
	}
	if err := c.opts.Pause(r.Context(), flow, visitorFrom(r.Context()).Name, why); err != nil {
		return answer{}, err
	}
	c.journalAction(r.Context(), "pause", flow, outcome.Result{Kind: outcome.Ignored, Reason: "paused: " + why}, 0)
	return answer{to: "/now"}, nil
}

// resumeDirection takes messages again.
func (c *Console) resumeDirection(r *http.Request) (answer, error) {
	flow, err := c.requestedDirection(r)
	if err != nil {
		return answer{}, err
	}
	if err := c.opts.Resume(r.Context(), flow); err != nil {
		return answer{}, err
	}
	c.journalAction(r.Context(), "resume", flow, outcome.Result{Kind: outcome.Ignored, Reason: "resumed"}, 0)
	return answer{to: "/now"}, nil
}

// requestedDirection is the one that the request names.
func (c *Console) requestedDirection(r *http.Request) (outcome.Flow, error) {
	if c.opts.Pause == nil {
		return "", newFailure(http.StatusConflict, "Pausing takes a store, which all replicas share. Without one, switch the direction off with FEAT_ORDERSYNC_ACTIVE or FEAT_STATUSUPDATES_ACTIVE.")
	}
	flow := outcome.Flow(r.FormValue("flow"))
	if !slices.ContainsFunc(pausable, func(p pausing) bool { return p.flow == flow }) {
		return "", newFailure(http.StatusBadRequest, "There is no such direction.")
	}
	return flow, nil
}
