package reconcile

import (
	"fmt"
	"strings"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// brief is where the order is, in a few words.
func (e examined) brief() string {
	there := e.truth.Order
	switch state := e.truth.ShipmentState(e.order); {
	case there.ID == "":
		return "not in fulfillmenttools"
	case there.Over():
		return "cancelled in fulfillmenttools"
	case state == "Delivered":
		return "delivered"
	case state == "Shipped":
		return "handed over"
	case there.Status == fulfillmenttools.OrderLocked:
		return "locked in fulfillmenttools"
	}
	var parts []string
	for _, job := range e.truth.PickJobs {
		if !fulfillmenttools.PickJobVoid(job.Status) && !e.handedOver(job.ID) {
			parts = append(parts, stage(job))
		}
	}
	if len(parts) == 0 {
		return "no pick job"
	}
	return strings.Join(parts, "; ")
}

// stage is how far a pick job is that was not handed over.
func stage(job fulfillmenttools.Job) string {
	doing, since := "waiting to be picked", job.Created
	switch {
	case job.PickingFinished():
		doing, since = "picked, not handed over", job.LastModified
	case job.Status == "IN_PROGRESS" || job.Status == "PAUSED":
		doing, since = "at picking", job.LastModified
	}
	name := job.ShortID
	if name == "" {
		name = job.ID
	}
	return fmt.Sprintf("%s since %s, pick job %s in facility %s", doing, since.UTC().Format(time.DateTime), name, job.FacilityRef)
}
