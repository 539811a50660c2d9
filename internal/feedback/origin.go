package feedback

import (
	"context"
	"fmt"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// Origin is what an entity in fulfillmenttools itself says of where it belongs; what it
// does not say is empty.
type Origin struct {
	OrderRef      string // fulfillmenttools order
	OrderID       string // commercetools order
	ProjectKey    string // of commercetools
	PickJobRef    string
	Process       string
	TenantOrderID string
}

// Origins reads entities for where they belong; a missing one is remote.NotFound.
type Origins interface {
	Origin(ctx context.Context, kind, id string) (Origin, error)
}

// originReader asks fulfillmenttools by id, which is always up to date.
type originReader struct{ Fulfilment }

// Origin implements Origins.
func (o originReader) Origin(ctx context.Context, kind, id string) (Origin, error) {
	switch entity(kind) {
	case orderEntity:
		order, err := o.Order(ctx, id)
		owner := orderIDInAttributes(order.CustomAttributes)
		project, _ := order.CustomAttributes[fulfillmenttools.AttributeProjectKey].(string)
		return Origin{OrderID: owner, ProjectKey: project, TenantOrderID: order.TenantOrderID}, err
	case pickJobEntity:
		job, err := o.PickJob(ctx, id)
		return originOf(job), err
	case handoverEntity:
		job, err := o.HandoverJob(ctx, id)
		return originOf(job), err
	case parcelEntity:
		parcel, err := o.Parcel(ctx, id)
		return originOf(parcel.Job), err
	case processEntity:
		process, err := o.Process(ctx, id)
		return Origin{OrderRef: process.OrderRef}, err
	default:
		return Origin{}, fmt.Errorf("fulfillmenttools has no %s", kind)
	}
}

func originOf(job fulfillmenttools.Job) Origin {
	owner := orderIDInAttributes(job.CustomAttributes)
	project, _ := job.CustomAttributes[fulfillmenttools.AttributeProjectKey].(string)
	return Origin{
		OrderRef: job.OrderRef, OrderID: owner, ProjectKey: project, PickJobRef: job.PickJobRef,
		Process: job.ProcessRefOrID(), TenantOrderID: job.TenantOrderID,
	}
}

// orderIDInAttributes is the commercetools order that an entity's attributes name; empty when they name
// none, or what is no id: that would be another address of commercetools.
func orderIDInAttributes(attributes map[string]any) string {
	owner, _ := attributes[fulfillmenttools.AttributeOrderID].(string)
	if !commercetools.IsID(owner) {
		return ""
	}
	return owner
}
