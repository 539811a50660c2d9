package console

import (
	"net/http"
	"slices"
	"strings"

	"fftconnect/internal/outcome"
)

// pause keeps a direction's messages with their senders.
func (c *Console) pause(r *http.Request) (answer, error) {
	flow, err := c.direction(r)
	if err != nil {
		return answer{}, err
	}
	why := strings.TrimSpace(r.FormValue("why"))
	if why == "" || len(why) > 500 {
		return answer{}, refused(http.StatusBadRequest, "Say in a few words why: others will see that it is paused, and wonder.")
	}
	if err := c.opts.Pause(r.Context(), flow, visitorOf(r.Context()).Name, why); err != nil {
		return answer{}, err
	}
	c.note(r.Context(), "pause", flow, outcome.Result{Kind: outcome.Ignored, Reason: "paused: " + why}, 0)
	return answer{to: "/now"}, nil
}

// resume takes messages again.
func (c *Console) resume(r *http.Request) (answer, error) {
	flow, err := c.direction(r)
	if err != nil {
		return answer{}, err
	}
	if err := c.opts.Resume(r.Context(), flow); err != nil {
		return answer{}, err
	}
	c.note(r.Context(), "resume", flow, outcome.Result{Kind: outcome.Ignored, Reason: "resumed"}, 0)
	return answer{to: "/now"}, nil
}

// direction is the one that the request names.
func (c *Console) direction(r *http.Request) (outcome.Flow, error) {
	if c.opts.Pause == nil {
		return "", refused(http.StatusConflict, "Pausing takes a store, which all replicas share. Without one, switch the direction off with FEAT_ORDERSYNC_ACTIVE or FEAT_STATUSUPDATES_ACTIVE.")
	}
	flow := outcome.Flow(r.FormValue("flow"))
	if !slices.ContainsFunc(pausable, func(p pausing) bool { return p.flow == flow }) {
		return "", refused(http.StatusBadRequest, "There is no such direction.")
	}
	return flow, nil
}
