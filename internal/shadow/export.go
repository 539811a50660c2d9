package shadow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Fulfillmenttools is where the other connector's work shows in fulfillmenttools.
type Fulfillmenttools interface {
	OrdersByTenantOrderID(ctx context.Context, tenantOrderID string) ([]fulfillmenttools.Order, error)
	OrderDocument(ctx context.Context, id string) (map[string]any, error)
	TenantFacilityID(ctx context.Context, facilityID string) (string, error)
}

// ExporterOptions make an Exporter; all are required unless a default is named.
type ExporterOptions struct {
	Source   export.Source
	Intend   func(context.Context, commercetools.Order) (export.MappedWithoutSending, error)
	There    Fulfillmenttools
	Patience time.Duration                          // how long the other connector is given
	Found    func(outcome.Flow, string, Difference) // told of every difference with its order; may be nil
	Now      func() time.Time                       // time.Now when nil
}

// Exporter is intake.Exporter that creates and cancels nothing.
type Exporter struct{ opts ExporterOptions }

// NewExporter fills the defaults in.
func NewExporter(opts ExporterOptions) *Exporter {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Found == nil {
		opts.Found = func(outcome.Flow, string, Difference) {}
	}
	return &Exporter{opts: opts}
}

// Handle compares the order that we would create, cancel or leave with what is there.
// It comes again when the other connector has had its time.
func (e *Exporter) Handle(ctx context.Context, orderID string, hint export.Hint) (outcome.Result, error) {
	result := outcome.Result{Order: orderID}
	if wait := patienceLeft(ctx, e.opts.Now(), time.Time{}, e.opts.Patience); wait > 0 {
		return result, errLater("the order", wait)
	}
	order, err := e.opts.Source.Order(ctx, orderID)
	intention := export.MappedWithoutSending{Decision: export.Decision{Verdict: export.Cancel}}
	var refusal error
	switch {
	case remote.Is(err, remote.NotFound) && hint.Deleted:
		order.Snapshot = commercetools.Snapshot{ID: orderID, OrderNumber: hint.OrderNumber}
	case remote.Is(err, remote.NotFound):
		result.Kind, result.Reason = outcome.Ignored, "the order does not exist in commercetools"
		return result, nil
	case err != nil:
		return result, fmt.Errorf("order %s: %w", orderID, err)
	default:
		if intention, err = e.opts.Intend(ctx, order); err != nil && remote.KindOf(err).IsTemporary() {
			return result, err
		}
		refusal = err
	}
	there, err := e.findCounterparts(ctx, order.Snapshot, intention.Order.TenantOrderID)
	if err != nil {
		return result, fmt.Errorf("order %s: %w", orderID, err)
	}
	what, differences, err := e.compareOrder(ctx, order.Snapshot, intention, refusal, there)
	if err != nil || what == "" {
		result.Kind, result.Reason = outcome.Ignored, intention.Reason
		return result, err
	}
	for _, d := range differences {
		e.opts.Found(outcome.Export, orderID, d)
	}
	result = resultOf(orderID, what, differences)
	result.Notes = intention.Notes
	return result, nil
}

// errLater puts a comparison off. Nobody failed.
func errLater(what string, wait time.Duration) error {
	return remote.NewTransient("shadow mode", "compare", what+" is compared when the other connector has had its time", wait)
}

// compareOrder says what we would have done, and what differs from that. Nothing is worth
// saying of an order that neither connector touches.
func (e *Exporter) compareOrder(ctx context.Context, order commercetools.Snapshot, intention export.MappedWithoutSending, refusal error, there []map[string]any) (string, []Difference, error) {
	alive := slices.DeleteFunc(slices.Clone(there), isDead)
	switch {
	case refusal != nil:
		return "put aside: " + refusal.Error(), differencesOfTheirs(alive, "we would put it aside"), nil
	case intention.Verdict == export.Create:
		differences, err := e.compareCreated(ctx, intention.Order, there)
		return "export as " + intention.Order.TenantOrderID, differences, err
	case intention.Verdict == export.Cancel:
		var differences []Difference
		for _, document := range alive {
			differences = append(differences, Difference{"cancellation", OnlyOurs, "goes on: " + textOf(document, "id")})
		}
		return "cancel", withoutRepetitions(differences), nil
	case len(alive) > 0 && order.OrderState != "Complete":
		return "leave: " + intention.Reason, differencesOfTheirs(alive, "exported although we would leave it"), nil
	default:
		return "", nil, nil
	}
}

func differencesOfTheirs(there []map[string]any, detail string) []Difference {
	if len(there) == 0 {
		return nil
	}
	return []Difference{{"order", OnlyTheirs, detail}}
}

// compareCreated compares field by field. An order that both would cancel later is compared
// like any other; one that is there twice is compared with its first.
func (e *Exporter) compareCreated(ctx context.Context, wanted fulfillmenttools.OrderForCreation, there []map[string]any) ([]Difference, error) {
	if len(there) == 0 {
		return []Difference{{"order", OnlyOurs, "not in fulfillmenttools"}}, nil
	}
	ours, err := toPlainObject(wanted)
	if err != nil {
		return nil, fmt.Errorf("order as we would create it: %w", err)
	}
	theirs := there[0]
	if err := e.replaceFacilityIDs(ctx, theirs); err != nil {
		return nil, err
	}
	moveEmail(ours, theirs)
	differences := compareDocuments(ours, theirs)
	if left, right := stateOf(ours), stateOf(theirs); left != right {
		differences = append(differences, Difference{"status", Differs, fmt.Sprintf("ours %q, theirs %q", left, right)})
	}
	if len(there) > 1 {
		differences = append(differences, Difference{"order", OnlyTheirs, fmt.Sprintf("%d orders in fulfillmenttools", len(there))})
	}
	return differences, nil
}

// moveEmail takes their e-mail address from where it is deprecated when ours is on an
// address.
func moveEmail(ours, theirs map[string]any) {
	left, _ := ours["consumer"].(map[string]any)
	right, _ := theirs["consumer"].(map[string]any)
	addresses, _ := left["addresses"].([]any)
	for _, address := range addresses {
		if entry, _ := address.(map[string]any); textOf(entry, "email") != "" && textOf(entry, "email") == textOf(right, "email") {
			delete(right, "email")
		}
	}
}

// stateOf is OPEN unless the order is held or over.
func stateOf(document map[string]any) string {
	switch status := textOf(document, "status"); status {
	case "LOCKED", fulfillmenttools.OrderCancelled:
		return status
	default:
		return "OPEN"
	}
}

// replaceFacilityIDs puts the shop's keys in the place of fulfillmenttools' ids, since we
// send keys.
func (e *Exporter) replaceFacilityIDs(ctx context.Context, document map[string]any) error {
	preferences, _ := document["deliveryPreferences"].(map[string]any)
	shipping, _ := preferences["shipping"].(map[string]any)
	collect, _ := preferences["collect"].([]any)
	preselected, _ := shipping["preselectedFacilities"].([]any)
	for _, entry := range slices.Concat(collect, preselected) {
		facility, _ := entry.(map[string]any)
		ref := textOf(facility, "facilityRef")
		if ref == "" {
			continue
		}
		key, err := e.opts.There.TenantFacilityID(ctx, ref)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return err
		}
		if key != "" {
			delete(facility, "facilityRef")
			facility["tenantFacilityId"] = key
		}
	}
	return nil
}

// findCounterparts reads the order's counterparts, the living ones first: by the name that we would
// give it, by the names that the other connector gives, and by what the order says.
func (e *Exporter) findCounterparts(ctx context.Context, order commercetools.Snapshot, wanted string) ([]map[string]any, error) {
	var found []map[string]any
	seen := map[string]bool{}
	look := func(id string) error {
		if seen[id] || id == "" {
			return nil
		}
		seen[id] = true
		document, err := e.opts.There.OrderDocument(ctx, id)
		if remote.Is(err, remote.NotFound) {
			return nil
		}
		attributes, _ := document["customAttributes"].(map[string]any)
		if err == nil && textOf(attributes, fulfillmenttools.AttributeOrderID) == order.ID {
			found = append(found, document)
		}
		return err
	}
	if err := look(order.TextField(export.OrderIDField)); err != nil {
		return nil, err
	}
	asked := map[string]bool{"": true}
	for _, name := range []string{wanted, order.OrderNumber, order.ID} {
		if asked[name] {
			continue
		}
		asked[name] = true
		rows, err := e.opts.There.OrdersByTenantOrderID(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if err := look(row.ID); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(found, func(a, b map[string]any) int { return aliveFirst(a) - aliveFirst(b) })
	return found, nil
}

func aliveFirst(document map[string]any) int {
	if isDead(document) {
		return 1
	}
	return 0
}

func isDead(document map[string]any) bool {
	status := textOf(document, "status")
	return status == fulfillmenttools.OrderCancelled || status == "OBSOLETE"
}

func textOf(document map[string]any, key string) string {
	value, _ := document[key].(string)
	return value
}
