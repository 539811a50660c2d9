package fftsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// itemReturnJob is what may come back of an order, and what did.
type itemReturnJob struct {
	ID string `json:"id"`
	versioned
	Status             string            `json:"status"`
	ShortID            string            `json:"shortId"`
	ProcessRef         string            `json:"processRef"`
	TenantOrderID      string            `json:"tenantOrderId,omitempty"`
	OriginFacilityRefs []string          `json:"originFacilityRefs"`
	ConsumerAddresses  []json.RawMessage `json:"consumerAddresses"`
	CustomAttributes   json.RawMessage   `json:"customAttributes,omitempty"`
	ReturnableLines    []returnableLine  `json:"returnableLineItems"`
	ItemReturns        []itemReturn      `json:"itemReturns"`
}

type returnableLine struct {
	ID               string          `json:"id"`
	GlobalLineItemID string          `json:"globalLineItemId"`
	Article          article         `json:"article"`
	Delivered        int64           `json:"delivered"`
	Returnable       int64           `json:"returnable"`
	Returned         int64           `json:"returned"`
	CustomAttributes json.RawMessage `json:"customAttributes,omitempty"`
}

type itemReturn struct {
	ID                string         `json:"id"`
	Status            string         `json:"status"`
	ReturnFacilityRef string         `json:"returnFacilityRef"`
	Created           moment         `json:"created"`
	LastModified      moment         `json:"lastModified"`
	ReturnedLines     []returnedLine `json:"returnedLineItems"`
}

// returnedLine is one piece.
type returnedLine struct {
	ID              string         `json:"id"`
	Status          string         `json:"status"`
	TenantArticleID string         `json:"tenantArticleId"`
	JobLineRefs     []string       `json:"itemReturnJobLineItemRefs"`
	ItemCondition   string         `json:"itemCondition,omitempty"`
	Reasons         []returnReason `json:"reasons,omitempty"`

	rejected bool // will be, once somebody has looked at it
}

type returnReason struct {
	Reason          string            `json:"reason"`
	ReasonLocalized map[string]string `json:"reasonLocalized"`
}

// Returned is an article that a consumer sends or brings back.
type Returned struct {
	TenantArticleID   string
	Quantity          int64 // 1 when zero
	Condition, Reason string
	Rejected          bool // nobody takes it back
}

// Return has articles of an order come back and be looked at.
func (p *Platform) Return(orderID string, articles ...Returned) error {
	id, err := p.AnnounceReturn(orderID, articles...)
	if err != nil {
		return err
	}
	return p.FinishReturn(orderID, id)
}

// AnnounceReturn has a consumer announce that articles of an order come back. Only
// what was handed over can.
func (p *Platform) AnnounceReturn(orderID string, articles ...Returned) (itemReturnID string, err error) {
	err = p.onFlow(orderID, func(n *news, f *flow) error {
		if f.returnJob == "" {
			if err := p.openReturnJob(n, f); err != nil {
				return err
			}
		}
		job := *p.returnJobs.get(f.returnJob)
		announced := itemReturn{
			ID: p.newID(), Status: "ANNOUNCED", ReturnFacilityRef: job.OriginFacilityRefs[0],
			Created: moment(n.now), LastModified: moment(n.now), ReturnedLines: []returnedLine{},
		}
		for _, a := range articles {
			if err := p.announce(&job, &announced, a); err != nil {
				return err
			}
		}
		job.ItemReturns = append(slices.Clip(job.ItemReturns), announced)
		itemReturnID = announced.ID
		p.changeReturnJob(n, f, job)
		return nil
	})
	return itemReturnID, err
}

// announce adds an article, piece by piece.
func (p *Platform) announce(job *itemReturnJob, to *itemReturn, a Returned) error {
	for range max(a.Quantity, 1) {
		line := slices.IndexFunc(job.ReturnableLines, func(l returnableLine) bool {
			return l.Article.TenantArticleID == a.TenantArticleID && l.Returnable > job.piecesUnderway(l.ID)+to.returnedPieces(l.ID)
		})
		if line < 0 {
			return fmt.Errorf("article %s cannot come back so often", a.TenantArticleID)
		}
		piece := returnedLine{
			ID: p.newID(), Status: "OPEN", TenantArticleID: a.TenantArticleID, JobLineRefs: []string{job.ReturnableLines[line].ID},
			ItemCondition: a.Condition, rejected: a.Rejected,
		}
		if a.Reason != "" {
			piece.Reasons = []returnReason{{a.Reason, map[string]string{"en_US": a.Reason}}}
		}
		to.ReturnedLines = append(to.ReturnedLines, piece)
	}
	return nil
}

func (job *itemReturnJob) piecesUnderway(lineID string) (pieces int64) {
	for _, r := range job.ItemReturns {
		pieces += r.returnedPieces(lineID)
	}
	return pieces
}

func (r *itemReturn) returnedPieces(lineID string) (pieces int64) {
	for _, line := range r.ReturnedLines {
		if line.JobLineRefs[0] == lineID {
			pieces++
		}
	}
	return pieces
}

// FinishReturn has the facility look at what was announced and accept or reject it.
func (p *Platform) FinishReturn(orderID, itemReturnID string) error {
	return p.onFlow(orderID, func(n *news, f *flow) error {
		if f.returnJob == "" {
			return fmt.Errorf("order %s has no return", orderID)
		}
		job := *p.returnJobs.get(f.returnJob)
		i := slices.IndexFunc(job.ItemReturns, func(r itemReturn) bool { return r.ID == itemReturnID && r.Status == "ANNOUNCED" })
		if i < 0 {
			return fmt.Errorf("order %s awaits no return %s", orderID, itemReturnID)
		}
		job.ItemReturns = slices.Clone(job.ItemReturns)
		job.ReturnableLines = slices.Clone(job.ReturnableLines)
		job.addReturn(n, &job.ItemReturns[i])
		p.changeReturnJob(n, f, job)
		return nil
	})
}

// addReturn accepts or rejects the pieces of a return; only accepted ones count as
// returned.
func (job *itemReturnJob) addReturn(n *news, r *itemReturn) {
	r.Status, r.LastModified = "FINISHED", moment(n.now)
	r.ReturnedLines = slices.Clone(r.ReturnedLines)
	for i := range r.ReturnedLines {
		piece := &r.ReturnedLines[i]
		piece.Status = "ACCEPTED"
		if piece.rejected {
			piece.Status = "REJECTED"
			continue
		}
		line := slices.IndexFunc(job.ReturnableLines, func(l returnableLine) bool { return l.ID == piece.JobLineRefs[0] })
		job.ReturnableLines[line].Returned++
	}
	job.Status = "FINISHED"
	for _, line := range job.ReturnableLines {
		if line.Returned < line.Returnable {
			job.Status = "IN_PROGRESS"
		}
	}
}

func (p *Platform) changeReturnJob(n *news, f *flow, job itemReturnJob) {
	job.bumpVersion(n.now)
	p.returnJobs.put(job.ID, &job, n.now)
	n.queueEvent(emission{event: "ITEM_RETURN_JOB_UPDATED", orderID: f.orderID, facility: job.OriginFacilityRefs[0], payload: &job})
}

// openReturnJob notes what of an order may come back.
func (p *Platform) openReturnJob(n *news, f *flow) error {
	lines, facilities := p.handedOverLines(f)
	if len(lines) == 0 {
		return fmt.Errorf("nothing of order %s is handed over", f.orderID)
	}
	o := p.orders.get(f.orderID)
	job := &itemReturnJob{
		ID: p.newID(), versioned: newVersioned(n.now), Status: "OPEN", ShortID: p.newShortID(), ProcessRef: o.ProcessID,
		TenantOrderID: o.TenantOrderID, OriginFacilityRefs: facilities, ConsumerAddresses: []json.RawMessage{},
		CustomAttributes: p.inheritedAttributes(o.CustomAttributes), ReturnableLines: lines, ItemReturns: []itemReturn{},
	}
	for _, address := range []json.RawMessage{f.postal, f.invoice} {
		if address != nil {
			job.ConsumerAddresses = append(job.ConsumerAddresses, address)
		}
	}
	f.returnJob = job.ID
	p.returnJobs.put(job.ID, job, n.now)
	p.storeProcess(n, f)
	n.queueEvent(emission{event: "ITEM_RETURN_JOB_CREATED", orderID: f.orderID, facility: facilities[0], payload: job})
	return nil
}

// handedOverLines sums up what was handed over of each order line, and by whom.
func (p *Platform) handedOverLines(f *flow) (lines []returnableLine, facilities []string) {
	for _, id := range f.handoverJobs {
		job := p.handoverJobs.get(id)
		if job.Status == "HANDED_OVER" && !slices.Contains(facilities, job.FacilityRef) {
			facilities = append(facilities, job.FacilityRef)
		}
		for _, line := range job.LineItems {
			if line.HandedOverQuantity == 0 {
				continue
			}
			i := slices.IndexFunc(lines, func(l returnableLine) bool { return l.GlobalLineItemID == line.GlobalLineItemID })
			if i < 0 {
				i = len(lines)
				lines = append(lines, returnableLine{
					ID: p.newID(), GlobalLineItemID: line.GlobalLineItemID, Article: line.Article, CustomAttributes: line.CustomAttributes,
				})
			}
			lines[i].Delivered += line.HandedOverQuantity
			lines[i].Returnable += line.HandedOverQuantity
		}
	}
	return lines, facilities
}

func (p *Platform) listReturnJobs(w http.ResponseWriter, r *http.Request) {
	q, ok := readFilter(w, r, "facilityId", "itemReturnJobStatus", "searchTerm")
	if !ok {
		return
	}
	match := func(job *itemReturnJob) bool {
		near := q.Get("facilityId") == "" || slices.Contains(job.OriginFacilityRefs, q.Get("facilityId"))
		return near && q.matchesAny("itemReturnJobStatus", job.Status) && q.matches("searchTerm", job.TenantOrderID)
	}
	serveList(p, w, "itemReturnJobsWithSearchPaths", q, p.returnJobs, nil, match, asIs)
}
