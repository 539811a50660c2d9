package verdict

import (
	"slices"
	"time"

	"fftconnect/internal/feedback"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/fftsim"
)

// merchantType is the catalogue's custom type without our fields: an order that
// carries it can only show its shipment state.
const merchantType = "shop-order"

func missingFields(last ctsim.Revision, there fftsim.Order) []string {
	if last.TypeKey == merchantType {
		return nil
	}
	var missing []string
	check := func(wanted []string, names ...string) {
		if !slices.ContainsFunc(names, func(name string) bool {
			text, _ := last.CustomFields[name].(string)
			return slices.Contains(wanted, text)
		}) {
			missing = append(missing, names[0])
		}
	}
	pickJobs, handoverJobs := latestJobs(there.PickJobs), latestJobs(there.HandoverJobs)
	check([]string{there.ID}, feedback.Documented.OrderID)
	check(jobIDs(pickJobs), feedback.Documented.PickJobID)
	check(facilityIDs(pickJobs), feedback.Documented.FacilityID)
	check(jobIDs(handoverJobs), feedback.Documented.HandoverJobID, feedback.Legacy.HandoverJobID)
	if last.CustomFields[feedback.Documented.LoadUnits] != float64(there.LoadUnits) {
		missing = append(missing, feedback.Documented.LoadUnits)
	}
	// The catalogue's other types lack the fields of several values.
	if last.TypeKey == catalogue.ConnectorType {
		missing = append(missing, missingOf(last, feedback.PickJobsField, there.PickJobs)...)
		missing = append(missing, missingOf(last, feedback.HandoverJobsField, there.HandoverJobs)...)
	}
	return missing
}

// missingOf names the field unless it holds the ids of all jobs.
func missingOf(last ctsim.Revision, field string, jobs []fftsim.Job) []string {
	held, _ := last.CustomFields[field].([]any)
	for _, job := range jobs {
		if !slices.Contains(held, any(job.ID)) {
			return []string{field}
		}
	}
	return nil
}

// latestJobs are the jobs that were created last; those of a split order are created at
// the same time.
func latestJobs(jobs []fftsim.Job) []fftsim.Job {
	var last []fftsim.Job
	var since time.Time
	for _, job := range jobs {
		created := decode[struct{ Created time.Time }](job.Body).Created
		if created.After(since) {
			last, since = nil, created
		}
		if created.Equal(since) {
			last = append(last, job)
		}
	}
	return last
}

func jobIDs(jobs []fftsim.Job) []string {
	all := make([]string, len(jobs))
	for i, job := range jobs {
		all[i] = job.ID
	}
	return all
}

func facilityIDs(jobs []fftsim.Job) []string {
	all := make([]string, len(jobs))
	for i, job := range jobs {
		all[i] = job.FacilityRef
	}
	return all
}
