package fulfillmenttools

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fftconnect/internal/remote"
)

// Job is what we read of a pick job or a handover job.
type Job struct {
	ID                   string         `json:"id"`
	Version              int            `json:"version"`
	Status               string         `json:"status"`
	ShortID              string         `json:"shortId"` // pick jobs only
	OrderRef             string         `json:"orderRef"`
	PickJobRef           string         `json:"pickJobRef"` // handover jobs only
	TenantOrderID        string         `json:"tenantOrderId"`
	FacilityRef          string         `json:"facilityRef"`
	Channel              string         `json:"channel"` // handover jobs only
	Created              time.Time      `json:"created"`
	LastModified         time.Time      `json:"lastModified"`
	CustomAttributes     map[string]any `json:"customAttributes"`
	PickLineItems        JobLines       `json:"pickLineItems"`        // pick jobs only
	HandoverJobLineItems JobLines       `json:"handoverJobLineItems"` // handover jobs only
	ParcelInfo           ParcelInfo     `json:"handoverJobParcelInfo"`
	Transfers            []Transfer     `json:"transfers"`
	ProcessID            string         `json:"processId"`
	ProcessRef           string         `json:"processRef"` // the same, in parcels and return jobs
	ParcelInfoBefore                    // where handover jobs had it until November 2024
}

// Transfer says that goods of a job go from one facility to another.
type Transfer struct {
	Type string `json:"type"` // TransferSupplier or TransferReceiver
}

// Sides of a transfer.
const (
	TransferSupplier = "SUPPLIER" // the job's goods go to another facility
	TransferReceiver = "RECEIVER" // goods of other facilities come to the job
)

// SuppliesFacility reports whether a job's goods go to another facility, not to the consumer.
func (j Job) SuppliesFacility() bool {
	return slices.ContainsFunc(j.Transfers, func(t Transfer) bool { return strings.EqualFold(t.Type, TransferSupplier) })
}

// ProcessRefOrID is the process that the entity belongs to; empty when it does not say.
func (j Job) ProcessRefOrID() string { return cmp.Or(j.ProcessID, j.ProcessRef) }

// ParcelInfo is the parcel that a handover job hands over.
type ParcelInfo struct {
	ShipmentRef    string `json:"shipmentRef"`
	ParcelRef      string `json:"parcelRef"`
	CarrierKey     string `json:"carrierKey"`
	TrackingNumber string `json:"carrierTrackingNumber"`
}

// ParcelInfoBefore is the same in the fields that the platform deprecated.
type ParcelInfoBefore ParcelInfo

// FirstParcel is what a handover job says of its parcel, wherever it says it.
func (j Job) FirstParcel() ParcelInfo {
	return ParcelInfo{
		ShipmentRef:    cmp.Or(j.ParcelInfo.ShipmentRef, j.ParcelInfoBefore.ShipmentRef),
		ParcelRef:      cmp.Or(j.ParcelInfo.ParcelRef, j.ParcelInfoBefore.ParcelRef),
		CarrierKey:     cmp.Or(j.ParcelInfo.CarrierKey, j.ParcelInfoBefore.CarrierKey),
		TrackingNumber: cmp.Or(j.ParcelInfo.TrackingNumber, j.ParcelInfoBefore.TrackingNumber),
	}
}

// JobLine is a line of a pick job or a handover job.
type JobLine struct {
	Article struct {
		TenantArticleID string `json:"tenantArticleId"`
	} `json:"article"`
	Quantity         int            `json:"quantity"` // ordered, or to hand over
	Picked           int            `json:"picked"`   // of the article itself; pick jobs only
	HandedOver       int            `json:"handedOverQuantity"`
	Substitutes      []Substitute   `json:"substituteLineItems"`
	CustomAttributes map[string]any `json:"customAttributes"`
}

// Substitute is an article that stands for the one ordered.
type Substitute struct {
	Picked     int `json:"picked"`
	HandedOver int `json:"handedOverQuantity"`
}

// LineID is commercetools' id of the line, from the inherited custom attributes.
func (l JobLine) LineID() string {
	id, _ := l.CustomAttributes[AttributeOrderID].(string)
	return id
}

// SubstitutedPieces is the number of pieces that other articles stand for.
func (l JobLine) SubstitutedPieces() int {
	picked := 0
	for _, substitute := range l.Substitutes {
		picked += substitute.Picked
	}
	return picked
}

// MissingPieces is the number of pieces that are short. A line of which a substitute was picked
// is not short, whatever the numbers.
func (l JobLine) MissingPieces() int {
	if l.SubstitutedPieces() > 0 {
		return 0
	}
	return max(l.Quantity-l.Picked, 0)
}

// HandedOverPieces is the number of pieces handed over, substitutes included.
func (l JobLine) HandedOverPieces() int {
	handed := l.HandedOver
	for _, substitute := range l.Substitutes {
		handed += substitute.HandedOver
	}
	return handed
}

// JobLines are the lines of a job, or of an order.
type JobLines []JobLine

// PickedPieces is the number of pieces picked, substitutes included.
func (lines JobLines) PickedPieces() int {
	picked := 0
	for _, line := range lines {
		picked += line.Picked + line.SubstitutedPieces()
	}
	return picked
}

// MissingPieces is the number of pieces that are short.
func (lines JobLines) MissingPieces() int {
	lacking := 0
	for _, line := range lines {
		lacking += line.MissingPieces()
	}
	return lacking
}

// Pieces is the number of pieces ordered, or to hand over.
func (lines JobLines) Pieces() int {
	pieces := 0
	for _, line := range lines {
		pieces += line.Quantity
	}
	return pieces
}

// PickJob reads a pick job by its id.
func (c *Client) PickJob(ctx context.Context, id string) (Job, error) {
	var job Job
	err := c.call(ctx, remote.Operation{Name: "read pick job"}, http.MethodGet, "/pickjobs/"+url.PathEscape(id), nil, nil, &job)
	return job, errIncompleteAnswer("read pick job", err, job.ID == id)
}

// HandoverJob reads a handover job by its id.
func (c *Client) HandoverJob(ctx context.Context, id string) (Job, error) {
	var job Job
	err := c.call(ctx, remote.Operation{Name: "read handover job"}, http.MethodGet, "/handoverjobs/"+url.PathEscape(id), nil, nil, &job)
	return job, errIncompleteAnswer("read handover job", err, job.ID == id)
}

// Parcel reads a parcel by its id, as its events tell of it.
func (c *Client) Parcel(ctx context.Context, id string) (Payload, error) {
	var parcel wirePayload
	err := c.call(ctx, remote.Operation{Name: "read parcel"}, http.MethodGet, "/parcels/"+url.PathEscape(id), nil, nil, &parcel)
	return parcel.toPayload(), errIncompleteAnswer("read parcel", err, parcel.ID == id)
}

// PickJobsByShortID lists the pick jobs that people call so; the list may lag behind by
// seconds.
func (c *Client) PickJobsByShortID(ctx context.Context, shortID string) ([]Job, error) {
	var list struct {
		PickJobs []Job `json:"pickjobs"`
	}
	query := url.Values{"shortId": {shortID}, "size": {strconv.Itoa(pageSize)}}
	err := c.call(ctx, remote.Operation{Name: "list pick jobs"}, http.MethodGet, "/pickjobs", query, nil, &list)
	return list.PickJobs, errIncompleteAnswer("list pick jobs", err, list.PickJobs != nil)
}

// pageSize is what one page of a list holds at most.
const pageSize = 100

// isLastPage reports whether a list ends with this page. The platform may give less
// than was asked for, so a short page alone does not end a list.
func isLastPage(rows, seen, total int) bool {
	return rows == 0 || rows < pageSize && seen >= total
}

// LoadUnits is what a pick job was packed into.
type LoadUnits struct {
	Count  int
	Pieces int // pieces that the load units are said to hold; 0 when they do not say
}

// LoadUnits counts a pick job's load units; the list may lag behind by seconds. One
// page is one call; more than a page of load units is rare.
func (c *Client) LoadUnits(ctx context.Context, pickJobID string) (LoadUnits, error) {
	var found LoadUnits
	pieces, after := 0.0, ""
	for {
		var page struct {
			Total     int `json:"total"`
			LoadUnits []struct {
				ID    string `json:"id"`
				Lines []struct {
					Quantity float64 `json:"quantity"` // a number, unlike that of other lines
				} `json:"loadUnitLineItems"`
			} `json:"loadUnits"`
		}
		query := url.Values{"pickJobRef": {pickJobID}, "size": {strconv.Itoa(pageSize)}}
		if after != "" {
			query.Set("startAfterId", after)
		}
		err := c.call(ctx, remote.Operation{Name: "count load units"}, http.MethodGet, "/loadunits", query, nil, &page)
		if err = errIncompleteAnswer("count load units", err, page.LoadUnits != nil); err != nil {
			return LoadUnits{}, err
		}
		for _, unit := range page.LoadUnits {
			found.Count++
			for _, line := range unit.Lines {
				pieces += line.Quantity
			}
			after = unit.ID
		}
		if isLastPage(len(page.LoadUnits), found.Count, page.Total) {
			found.Pieces = int(math.Round(pieces))
			return found, nil
		}
	}
}
