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
	return process, errIncompleteAnswer("read process", err, process.ID != "")
}

// Process reads a process by its id.
func (c *Client) Process(ctx context.Context, id string) (Process, error) {
	var process Process
	err := c.call(ctx, remote.Operation{Name: "read process"}, http.MethodGet, "/processes/"+url.PathEscape(id), nil, nil, &process)
	return process, errIncompleteAnswer("read process", err, process.ID == id)
}

// States of jobs.
const (
	pickJobClosed      = "CLOSED"
	pickJobPicked      = "PICKED"
	HandoverHandedOver = "HANDED_OVER"
	HandoverOpen       = "OPEN"
	HandoverCanceled   = "CANCELED"
	HandoverObsolete   = "OBSOLETE"
	PickJobAborted     = "ABORTED"
	PickJobRerouted    = "REROUTED"
	PickJobCanceled    = "CANCELED"
)

// Channels of handover jobs.
const ChannelCollect = "COLLECT"

// IsPickingFinished reports whether a pick job's picking is finished.
func (j Job) IsPickingFinished() bool { return IsPickingFinished(j.Status) }

// IsPickingFinished reports whether a pick job in this state is picked.
func IsPickingFinished(status string) bool { return status == pickJobClosed || status == pickJobPicked }

// IsPickJobVoid reports whether a pick job in this state will never be handed over:
// another one took its place, or none did.
func IsPickJobVoid(status string) bool {
	switch status {
	case PickJobAborted, PickJobRerouted, PickJobCanceled, "REJECTED", "RESTOWED", "EXPIRED", "OBSOLETE":
		return true
	default:
		return false
	}
}

// IsHandedOver reports whether a handover job is done.
func (j Job) IsHandedOver() bool { return j.Status == HandoverHandedOver }

// IsVoid reports whether a handover job will never be done.
func (j Job) IsVoid() bool { return IsHandoverVoid(j.Status) }

// IsHandoverVoid reports whether a handover job in this state will never be done.
func IsHandoverVoid(status string) bool {
	return status == HandoverCanceled || status == HandoverObsolete
}
