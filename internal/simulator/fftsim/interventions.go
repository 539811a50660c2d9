package fftsim

import (
	"fmt"
	"slices"
)

// Split gives an order that is not routed yet two pick jobs, in two facilities. An
// order of a single piece cannot be split.
func (p *Platform) Split(orderID string) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		if len(f.strands) > 0 {
			return fmt.Errorf("order %s is routed already", orderID)
		}
		f.split = true
		return nil
	})
}

// ShortPick has only this many pieces of an article picked, where picking is not
// finished yet.
func (p *Platform) ShortPick(orderID, tenantArticleID string, picked int64) error {
	return p.plan(orderID, tenantArticleID, plannedPick{picked: picked})
}

// Substitute has only this many pieces of an article picked, and a quantity of
// another one instead.
func (p *Platform) Substitute(orderID, tenantArticleID string, picked int64, substitute string, quantity int64) error {
	return p.plan(orderID, tenantArticleID, plannedPick{picked, substitute, quantity})
}

func (p *Platform) plan(orderID, tenantArticleID string, pick plannedPick) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		f.picks[tenantArticleID] = pick
		return nil
	})
}

// Reroute takes a pick job that is not finished away from its facility and creates
// a new one in another. With a split order it is the first such pick job.
func (p *Platform) Reroute(orderID string) error {
	return p.editUnpicked(orderID, func(n *news, f *flow, s *strand) {
		p.changePickJob(n, s, "PICK_JOB_REROUTED", func(job *pickJob) {
			job.Status, job.SubStatus = "REROUTED", "MANUAL_REROUTE"
		})
		p.assignFacility(n, f, s, p.otherFacility(f), "MANUAL")
		p.scheduleStep(f, s)
	})
}

// otherFacility is one that had no part in the order yet, if there is such a one.
func (p *Platform) otherFacility(f *flow) string {
	for _, r := range p.facilities.rows {
		if r.current.Status == "ONLINE" && !slices.Contains(f.facilityRefs, r.id) {
			return r.id
		}
	}
	return p.facilityFor(f, len(f.pickJobs))
}

// Abort aborts a pick job that is not finished; nothing follows it.
func (p *Platform) Abort(orderID string) error {
	return p.editUnpicked(orderID, func(n *news, _ *flow, s *strand) {
		s.stage = StageAborted
		p.changePickJob(n, s, "PICK_JOB_ABORTED", func(job *pickJob) {
			job.Status, job.SubStatus = "ABORTED", "PICK_JOB_ABORTED"
		})
	})
}

// editUnpicked changes the first part of an order whose pick job is not finished.
func (p *Platform) editUnpicked(orderID string, edit func(n *news, f *flow, s *strand)) error {
	return p.onFlow(orderID, func(n *news, f *flow) error {
		i := slices.IndexFunc(f.strands, func(s *strand) bool { return s.stage == StageRouted || s.stage == StagePicking })
		if i < 0 {
			return fmt.Errorf("order %s has no pick job to pick", orderID)
		}
		f.strands[i].halt()
		edit(n, f, f.strands[i])
		p.storeProcess(n, f)
		return nil
	})
}
