package orders

import (
	"context"
	"strings"
	"unicode"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

const (
	maxShortID  = 8  // characters of what may be a short id
	minTracking = 6  // characters of what may be a tracking number
	mostAsked   = 10 // orders that one question may give
)

// askPlatforms asks the platforms one question after the other, until one gives an order. What can be
// a name of one kind only is not asked for as another.
func (o *Orders) askPlatforms(ctx context.Context, found *Found) {
	text := found.Text
	isID := commercetools.IsID(text)
	questions := []struct {
		platform string
		what     string
		worth    bool
		kind     outcome.NameKind
		ask      func(context.Context) ([]string, error)
	}{
		{commercetools.Platform, "an order with this id", isID, ledger.CommercetoolsID, func(ctx context.Context) ([]string, error) {
			order, err := o.Commercetools.Snapshot(ctx, text)
			return []string{order.ID}, err
		}},
		{commercetools.Platform, "an order with this number", true, outcome.OrderNumber, func(ctx context.Context) ([]string, error) {
			order, err := o.Commercetools.SnapshotByNumber(ctx, text)
			return []string{order.ID}, err
		}},
		{fulfillmenttools.Platform, "an order with this tenantOrderId", true, outcome.TenantOrderID, o.idsByTenantOrderID(text)},
		{fulfillmenttools.Platform, "a pick job with this short id", len(text) <= maxShortID, outcome.ShortID, o.idsByShortID(text)},
		{fulfillmenttools.Platform, "an order with this id", isPathSafe(text), outcome.FFTOrderID, func(ctx context.Context) ([]string, error) {
			return o.orderIDsOf(ctx, func() (map[string]any, string, error) {
				order, err := o.Fulfillmenttools.Order(ctx, text)
				return order.CustomAttributes, order.TenantOrderID, err
			})
		}},
		{fulfillmenttools.Platform, "a pick job with this id", isPathSafe(text), outcome.PickJobID, func(ctx context.Context) ([]string, error) {
			return o.orderIDsOfJob(ctx, text, o.Fulfillmenttools.PickJob)
		}},
		{fulfillmenttools.Platform, "a handover job with this id", isPathSafe(text), outcome.HandoverJobID, func(ctx context.Context) ([]string, error) {
			return o.orderIDsOfJob(ctx, text, o.Fulfillmenttools.HandoverJob)
		}},
		{commercetools.Platform, "a parcel with this tracking number", len(text) >= minTracking, outcome.TrackingNumber, func(ctx context.Context) (ids []string, err error) {
			orders, err := o.Commercetools.OrdersByTrackingNumber(ctx, text, mostAsked)
			for _, order := range orders {
				ids = append(ids, order.ID)
			}
			return ids, err
		}},
	}
	for _, q := range questions {
		if !q.worth {
			continue
		}
		question := Question{Platform: q.platform, What: q.what}
		ids, err := q.ask(ctx)
		switch {
		case err == nil:
			for _, id := range ids {
				found.Orders = append(found.Orders, ledger.Named{Order: id, Name: outcome.Name{Kind: q.kind, Text: text}})
			}
			question.Found = len(ids)
		case !isNoSuchThing(err):
			question.Problem, found.Unclear = err.Error(), true
		}
		found.Asked = append(found.Asked, question)
		if len(found.Orders) > 0 {
			return
		}
	}
}

// isNoSuchThing reports an answer that says that there is no such thing: it is missing, or nothing of
// its kind can be called so.
func isNoSuchThing(err error) bool {
	return remote.Is(err, remote.NotFound) || remote.Is(err, remote.Rejected)
}

// isPathSafe reports what may be an id in fulfillmenttools.
func isPathSafe(text string) bool {
	return len(text) >= 6 && !strings.ContainsFunc(text, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	})
}

// idsByTenantOrderID reads the orders that a list gives: its rows do not say whose they are.
func (o *Orders) idsByTenantOrderID(name string) func(context.Context) ([]string, error) {
	return func(ctx context.Context) (ids []string, err error) {
		rows, err := o.Fulfillmenttools.OrdersByTenantOrderID(ctx, name)
		for _, row := range rows[:min(len(rows), mostAsked)] {
			order, err := o.Fulfillmenttools.Order(ctx, row.ID)
			if err != nil {
				return ids, err
			}
			owners, err := o.orderIDsInAttributes(ctx, order.CustomAttributes, order.TenantOrderID)
			if err != nil {
				return ids, err
			}
			ids = append(ids, owners...)
		}
		return ids, err
	}
}

func (o *Orders) idsByShortID(short string) func(context.Context) ([]string, error) {
	return func(ctx context.Context) (ids []string, err error) {
		for _, name := range shortIDSpellings(short) {
			jobs, err := o.Fulfillmenttools.PickJobsByShortID(ctx, name)
			if err != nil {
				return ids, err
			}
			for _, job := range jobs[:min(len(jobs), mostAsked)] {
				owners, err := o.orderIDsInAttributes(ctx, job.CustomAttributes, job.TenantOrderID)
				if err != nil {
					return ids, err
				}
				ids = append(ids, owners...)
			}
			if len(ids) > 0 {
				break
			}
		}
		return ids, nil
	}
}

// shortIDSpellings are as it was typed, and in capitals, as labels show it.
func shortIDSpellings(short string) []string {
	if upper := strings.ToUpper(short); upper != short {
		return []string{short, upper}
	}
	return []string{short}
}

func (o *Orders) orderIDsOfJob(ctx context.Context, id string, read func(context.Context, string) (fulfillmenttools.Job, error)) ([]string, error) {
	return o.orderIDsOf(ctx, func() (map[string]any, string, error) {
		job, err := read(ctx, id)
		return job.CustomAttributes, job.TenantOrderID, err
	})
}

func (o *Orders) orderIDsOf(ctx context.Context, read func() (attributes map[string]any, tenantOrderID string, err error)) ([]string, error) {
	attributes, name, err := read()
	if err != nil {
		return nil, err
	}
	return o.orderIDsInAttributes(ctx, attributes, name)
}

// orderIDsInAttributes is the commercetools order of something in fulfillmenttools: it names it, or has its
// number or id as tenantOrderId.
func (o *Orders) orderIDsInAttributes(ctx context.Context, attributes map[string]any, tenantOrderID string) ([]string, error) {
	if id, _ := attributes[fulfillmenttools.AttributeOrderID].(string); commercetools.IsID(id) {
		return []string{id}, nil
	}
	if tenantOrderID == "" {
		return nil, nil
	}
	order, err := o.orderByNumberOrID(ctx, tenantOrderID)
	if isNoSuchThing(err) {
		return nil, nil
	}
	return []string{order.ID}, err
}
