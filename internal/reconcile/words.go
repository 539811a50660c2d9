package reconcile

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// Report is where an order is on both platforms, and what differs.
type Report struct {
	Where     string    `json:"where"` // in words
	FFTOrder  string    `json:"fft_order,omitempty"`
	FFTStatus string    `json:"fft_status,omitempty"`
	State     string    `json:"state"` // where fulfillmenttools has it, in a few words
	Shows     string    `json:"shows"` // the shipment state in commercetools
	Late      Late      `json:"late,omitempty"`
	LateSince time.Time `json:"late_since,omitzero"`
	Finding   *Finding  `json:"finding"` // nil: both sides agree
}

// Report makes one order right, unless it is a dry run, and says where it is.
func (r *Reconciler) Report(ctx context.Context, order commercetools.Snapshot, dryRun bool) (Report, error) {
	var seen examined
	var finding *Finding
	var err error
	if dryRun {
		if seen, err = r.examine(ctx, order); err != nil {
			finding, err = r.findingOfFailure(ctx, order, err, "")
		} else if seen.differs() != nil {
			finding = r.withPreview(ctx, *seen.differs())
		}
	} else {
		seen, finding, err = r.examineAndRepair(ctx, order, BySync)
	}
	if err != nil {
		return Report{}, err
	}
	there := seen.truth.Order
	report := Report{
		FFTOrder: there.ID, FFTStatus: there.Status, State: seen.describeBriefly(), Shows: order.ShipmentState, Finding: finding,
		Where: seen.describeProgress(func(id string) string { return r.opts.FacilityName(ctx, id) }),
	}
	report.Late, report.LateSince, _ = whyLate(seen, r.opts.LateAfter, r.opts.Now())
	return report, nil
}

// describeProgress answers the usual call: where is the order?
func (e examined) describeProgress(facility func(id string) string) string {
	there := e.truth.Order
	if there.ID == "" {
		return "It is not in fulfillmenttools."
	}
	sentences := []string{fmt.Sprintf("FFT order %s is %s, since %s: %s.", there.ID, there.Status, timeText(there.Created), e.describeBriefly())}
	for _, job := range e.truth.PickJobs {
		sentences = append(sentences, fmt.Sprintf("Pick job %s in %s is %s since %s, %s.", shortIDOrID(job), facility(job.FacilityRef), job.Status, timeText(lastChangeOf(job)), e.describeHandover(job.ID)))
	}
	for _, job := range e.truth.HandoverJobs {
		sentence := fmt.Sprintf("Handover job %s is %s since %s", job.ID, job.Status, timeText(lastChangeOf(job)))
		if parcel := job.FirstParcel(); parcel.TrackingNumber != "" {
			sentence += fmt.Sprintf(", parcel %s %s", parcel.CarrierKey, parcel.TrackingNumber)
		}
		sentences = append(sentences, sentence+".")
	}
	shows := e.order.ShipmentState
	if shows == "" {
		shows = "no shipment state"
	}
	return strings.Join(append(sentences, "CT shows "+shows+"."), "\n")
}

func (e examined) describeHandover(pickJob string) string {
	if e.isHandedOver(pickJob) {
		return "handed over"
	}
	return "not handed over"
}

func lastChangeOf(job fulfillmenttools.Job) time.Time {
	if job.LastModified.IsZero() {
		return job.Created
	}
	return job.LastModified
}

func timeText(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func shortIDOrID(job fulfillmenttools.Job) string {
	if job.ShortID != "" {
		return job.ShortID
	}
	return job.ID
}

// describeBriefly is where the order is, in a few words.
func (e examined) describeBriefly() string {
	there := e.truth.Order
	switch state := e.truth.ShipmentState(e.order); {
	case there.ID == "":
		return "not in fulfillmenttools"
	case there.IsOver():
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
		if !fulfillmenttools.IsPickJobVoid(job.Status) && !e.isHandedOver(job.ID) {
			parts = append(parts, describePicking(job))
		}
	}
	if len(parts) == 0 {
		return "no pick job"
	}
	return strings.Join(parts, "; ")
}

// describePicking is how far a pick job is that was not handed over.
func describePicking(job fulfillmenttools.Job) string {
	doing, since := "waiting to be picked", job.Created
	switch {
	case job.IsPickingFinished():
		doing, since = "picked, not handed over", job.LastModified
	case job.Status == "IN_PROGRESS" || job.Status == "PAUSED":
		doing, since = "at picking", job.LastModified
	}
	return fmt.Sprintf("%s since %s, pick job %s", doing, timeText(since), shortIDOrID(job))
}
