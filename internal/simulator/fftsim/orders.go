package fftsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"fftconnect/internal/simulator"
)

func (p *Platform) createOrder(w http.ResponseWriter, r *http.Request) {
	o := &order{}
	if !decodeBody(w, r, p.orderRule, o) {
		return
	}
	f, err := newFlow(o)
	if err != nil {
		refuseError(w, err)
		return
	}
	if err := p.inTransaction(func(n *news) error { return p.acceptOrder(n, o, f) }); err != nil {
		refuseError(w, err)
		return
	}
	writeCreated(w, "/api/orders/"+o.ID, o)
}

// acceptOrder takes a valid order in: it gives it ids and lets it go its way.
func (p *Platform) acceptOrder(n *news, o *order, f *flow) error {
	if err := p.checkOrder(n.now, o, f); err != nil {
		return err
	}
	o.ID, o.ProcessID, o.versioned = p.newID(), p.newID(), newVersioned(n.now)
	if o.Status == "" {
		o.Status = "OPEN"
	}
	for i := range o.OrderLineItems {
		o.OrderLineItems[i].ID = p.newID()
		f.globalIDs = append(f.globalIDs, p.newID())
	}
	p.nameServices(o.CustomServices)
	o.SchemaVersion = 1
	f.orderID = o.ID
	if f.targetTime == "" {
		f.targetTime = moment(n.now.Add(24 * time.Hour)).String()
	}
	p.orders.put(o.ID, o, n.now)
	p.flows[o.ID] = f
	f.split = p.opts.SplitEvery > 0 && len(p.orders.rows)%p.opts.SplitEvery == 0
	if o.TenantOrderID != "" {
		p.byTenant[o.TenantOrderID] = append(p.byTenant[o.TenantOrderID], o.ID)
	}
	if f.commercetoolsID != "" {
		p.byCommerce[f.commercetoolsID] = append(p.byCommerce[f.commercetoolsID], o.ID)
	}
	f.boxes, f.together = p.opts.Parcels, p.opts.OneHandover
	if p.opts.ParcelsEvery > 0 && len(p.orders.rows)%p.opts.ParcelsEvery == 0 {
		f.boxes = 2
	}
	if o.Status == "LOCKED" {
		f.held = p.newPlan(n, f)
	}
	p.storeProcess(n, f)
	n.queueEvent(emission{event: "ORDER_CREATED", orderID: o.ID, payload: o})
	p.scheduleRouting(f)
	p.scheduleErasure(f)
	return nil
}

func (p *Platform) nameServices(services []customService) {
	for i := range services {
		services[i].ID = p.newID()
		p.nameServices(services[i].Items)
	}
}

// checkOrder checks what depends on the rest of the project.
func (p *Platform) checkOrder(now time.Time, o *order, f *flow) error {
	if err := p.tagsExist(o); err != nil {
		return err
	}
	if p.opts.StrictFacilities {
		for _, choice := range f.facilities {
			if p.resolve(choice) == nil {
				return errInvalid("deliveryPreferences: facility %q does not exist", choice.FacilityRef+choice.TenantFacilityID)
			}
		}
	}
	if err := checkPromise(now, o); err != nil {
		return err
	}
	if o.TenantOrderID == "" || p.opts.AllowSecondOrder {
		return nil
	}
	for _, id := range p.byTenant[o.TenantOrderID] {
		if slices.Contains([]string{"OPEN", "LOCKED", "PROMISED"}, p.orders.get(id).Status) {
			return errInvalid("tenantOrderId: an order with tenantOrderId %q exists already", o.TenantOrderID)
		}
	}
	return nil
}

// checkPromise checks that a promise is valid for 1 minute to 8 hours.
func checkPromise(now time.Time, o *order) error {
	if o.PromisesOptions == nil {
		return nil
	}
	var options struct{ ValidUntil time.Time }
	if err := json.Unmarshal(o.PromisesOptions, &options); err != nil {
		return errInvalid("promisesOptions: %v", err)
	}
	ahead := options.ValidUntil.Sub(now)
	if o.Status != "PROMISED" || ahead < time.Minute || ahead > 8*time.Hour {
		return errInvalid("promisesOptions.validUntil: must be 1 minute to 8 hours ahead, and the status PROMISED")
	}
	return nil
}

// errInvalid is the platform's reason to refuse a request with 400.
func errInvalid(format string, args ...any) error { return fmt.Errorf(format, args...) }

func refuseError(w http.ResponseWriter, err error) {
	if errors.Is(err, errClosed) {
		writeError(w, http.StatusServiceUnavailable, "Service unavailable", err.Error())
		return
	}
	writeError(w, http.StatusBadRequest, "Input is not valid", err.Error())
}

type strippedOrder struct {
	ID string `json:"id"`
	versioned
	Status         string          `json:"status"`
	OrderDate      string          `json:"orderDate"`
	ProcessRef     string          `json:"processRef"`
	OrderLineItems []strippedLine  `json:"orderLineItems"`
	Stickers       json.RawMessage `json:"stickers,omitempty"`
}

type strippedLine struct {
	Title    string `json:"title"`
	Quantity int64  `json:"quantity"`
}

func (p *Platform) listOrders(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	startAfter, size, ok := readPaging(w, query)
	if !ok {
		return
	}
	p.mu.RLock()
	page, total := p.orders.page(p.idsOf(query), func(o *order) bool {
		return query.Get("consumerId") == "" || o.consumerID() == query.Get("consumerId")
	}, startAfter, size, p.clock.Now())
	p.mu.RUnlock()
	rows := make([]strippedOrder, len(page))
	for i, o := range page {
		rows[i] = o.stripped()
	}
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"orders": rows, "total": total})
}

// idsOf are the ids of the orders with the tenantOrderId that is asked for; nil
// when none is.
func (p *Platform) idsOf(query map[string][]string) []string {
	asked := query["tenantOrderId"]
	if len(asked) == 0 || asked[0] == "" {
		return nil
	}
	return append([]string{}, p.byTenant[asked[0]]...)
}

func (o *order) consumerID() string {
	var consumer struct{ ConsumerID string }
	_ = json.Unmarshal(o.Consumer, &consumer)
	return consumer.ConsumerID
}

// stripped is an order as lists show it: without tenantOrderId and customAttributes.
func (o *order) stripped() strippedOrder {
	lines := make([]strippedLine, len(o.OrderLineItems))
	for i, line := range o.OrderLineItems {
		var a article
		_ = json.Unmarshal(line.Article, &a)
		lines[i] = strippedLine{a.Title, line.Quantity}
	}
	return strippedOrder{o.ID, o.versioned, o.Status, o.OrderDate, o.ProcessID, lines, o.Stickers}
}
