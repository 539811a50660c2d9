package fulfillmenttools

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"fftconnect/internal/remote"
)

// Job is what we read of a pick job or a handover job.
type Job struct {
	ID               string         `json:"id"`
	Version          int            `json:"version"`
	Status           string         `json:"status"`
	ShortID          string         `json:"shortId"` // pick jobs only
	OrderRef         string         `json:"orderRef"`
	PickJobRef       string         `json:"pickJobRef"` // handover jobs only
	TenantOrderID    string         `json:"tenantOrderId"`
	FacilityRef      string         `json:"facilityRef"`
	Created          time.Time      `json:"created"`
	LastModified     time.Time      `json:"lastModified"`
	CustomAttributes map[string]any `json:"customAttributes"`
	PickLineItems    pickLines      `json:"pickLineItems"` // pick jobs only
}

// pickLines are the lines of a pick job, as far as they say how much was picked.
type pickLines []struct {
	Picked      int `json:"picked"`
	Substitutes []struct {
		Picked int `json:"picked"`
	} `json:"substituteLineItems"`
}

// Picked is the number of pieces picked, substitutes included.
func (lines pickLines) Picked() int {
	picked := 0
	for _, line := range lines {
		picked += line.Picked
		for _, substitute := range line.Substitutes {
			picked += substitute.Picked
		}
	}
	return picked
}

// PickJob reads a pick job by its id.
func (c *Client) PickJob(ctx context.Context, id string) (Job, error) {
	var job Job
	err := c.call(ctx, remote.Operation{Name: "read pick job"}, http.MethodGet, "/pickjobs/"+url.PathEscape(id), nil, nil, &job)
	return job, err
}

// HandoverJob reads a handover job by its id.
func (c *Client) HandoverJob(ctx context.Context, id string) (Job, error) {
	var job Job
	err := c.call(ctx, remote.Operation{Name: "read handover job"}, http.MethodGet, "/handoverjobs/"+url.PathEscape(id), nil, nil, &job)
	return job, err
}

// PickJobsOfOrder lists an order's pick jobs; the list may lag behind by seconds.
func (c *Client) PickJobsOfOrder(ctx context.Context, orderID string) ([]Job, error) {
	var list struct {
		PickJobs []Job `json:"pickjobs"`
	}
	query := url.Values{"orderRef": {orderID}, "size": {strconv.Itoa(pageSize)}}
	err := c.call(ctx, remote.Operation{Name: "list pick jobs"}, http.MethodGet, "/pickjobs", query, nil, &list)
	return list.PickJobs, err
}

// pageSize is what one page of a list holds at most.
const pageSize = 100

// lastPage reports whether a list ends with this page. The platform may give less
// than was asked for, so a short page alone does not end a list.
func lastPage(rows, seen, total int) bool {
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
		if err := c.call(ctx, remote.Operation{Name: "count load units"}, http.MethodGet, "/loadunits", query, nil, &page); err != nil {
			return LoadUnits{}, err
		}
		for _, unit := range page.LoadUnits {
			found.Count++
			for _, line := range unit.Lines {
				pieces += line.Quantity
			}
			after = unit.ID
		}
		if lastPage(len(page.LoadUnits), found.Count, page.Total) {
			found.Pieces = int(math.Round(pieces))
			return found, nil
		}
	}
}
