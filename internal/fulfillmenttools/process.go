package fulfillmenttools

import (
	"context"
	"net/http"
	"net/url"

	"fftconnect/internal/remote"
)

// Process names everything that belongs to the fulfilment of one order.
type Process struct {
	ID              string   `json:"id"`
	OrderRef        string   `json:"orderRef"`
	PickJobRefs     []string `json:"pickJobRefs"`
	HandoverJobRefs []string `json:"handoverJobRefs"`
}

// ProcessOfOrder reads the process of an order; it may lag behind by seconds.
func (c *Client) ProcessOfOrder(ctx context.Context, orderID string) (Process, error) {
	var process Process
	err := c.call(ctx, remote.Operation{Name: "read process"}, http.MethodGet, "/process", url.Values{"orderRef": {orderID}}, nil, &process)
	return process, err
}

// States of jobs.
const (
	pickJobClosed      = "CLOSED"
	pickJobPicked      = "PICKED"
	handoverHandedOver = "HANDED_OVER"
	handoverCanceled   = "CANCELED"
	handoverObsolete   = "OBSOLETE"
)

// PickingFinished reports whether a pick job's picking is finished.
func (j Job) PickingFinished() bool { return j.Status == pickJobClosed || j.Status == pickJobPicked }

// HandedOver reports whether a handover job is done.
func (j Job) HandedOver() bool { return j.Status == handoverHandedOver }

// Void reports whether a handover job will never be done.
func (j Job) Void() bool { return j.Status == handoverCanceled || j.Status == handoverObsolete }
