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
			finding, err = r.notExamined(ctx, order, err, "")
		} else if seen.differs() != nil {
			finding = r.previewed(ctx, *seen.differs())
		}
	} else {
		seen, finding, err = r.right(ctx, order, BySync)
	}
	if err != nil {
		return Report{}, err
	}
	there := seen.truth.Order
	report := Report{
		FFTOrder: there.ID, FFTStatus: there.Status, State: seen.brief(), Shows: order.ShipmentState, Finding: finding,
		Where: seen.words(func(id string) string { return r.opts.FacilityName(ctx, id) }),
	}
	report.Late, report.LateSince, _ = lateness(seen, r.opts.LateAfter, r.opts.Now())
	return report, nil
}

// words answers the usual call: where is the order?
func (e examined) words(facility func(id string) string) string {
	there := e.truth.Order
	if there.ID == "" {
		return "It is not in fulfillmenttools."
	}
	sentences := []string{fmt.Sprintf("FFT order %s is %s, since %s: %s.", there.ID, there.Status, moment(there.Created), e.brief())}
	for _, job := range e.truth.PickJobs {
		sentences = append(sentences, fmt.Sprintf("Pick job %s in %s is %s since %s, %s.", nameOf(job), facility(job.FacilityRef), job.Status, moment(changed(job)), e.handedWords(job.ID)))
	}
	for _, job := range e.truth.HandoverJobs {
		sentence := fmt.Sprintf("Handover job %s is %s since %s", job.ID, job.Status, moment(changed(job)))
		if parcel := job.Parcel(); parcel.TrackingNumber != "" {
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

func (e examined) handedWords(pickJob string) string {
	if e.handedOver(pickJob) {
		return "handed over"
	}
	return "not handed over"
}

func changed(job fulfillmenttools.Job) time.Time {
	if job.LastModified.IsZero() {
		return job.Created
	}
	return job.LastModified
}

func moment(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func nameOf(job fulfillmenttools.Job) string {
	if job.ShortID != "" {
		return job.ShortID
	}
	return job.ID
}

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
	return fmt.Sprintf("%s since %s, pick job %s", doing, moment(since), nameOf(job))
}
