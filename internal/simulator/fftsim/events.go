package fftsim

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"fftconnect/internal/simulator"
)

// news collects the events of one change; they are published when it is done.
type news struct {
	p     *Platform
	now   time.Time
	items []emission
}

type emission struct {
	event, id string
	orderID   string // "" when it is about no order
	facility  string // "" when it is about no facility
	pickJob   string // set beside the payload of PICK_JOB_PICK_LINE_PICKED
	payload   any
	to        []target
}

type envelope struct {
	Event      string `json:"event"`
	EventID    string `json:"eventId"`
	PickJobRef string `json:"pickJobRef,omitempty"`
	Payload    any    `json:"payload"`
}

var errClosed = errors.New("the simulated platform is closed")

// inTransaction runs f with the lock held and then publishes the events it told.
func (p *Platform) inTransaction(f func(n *news) error) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return errClosed
	}
	p.working.Add(1)
	defer p.working.Done()
	n := &news{p: p, now: p.clock.Now()}
	err := f(n)
	watchers := slices.Clone(p.watchers)
	p.mu.Unlock()
	for _, item := range n.items {
		p.publish(item, watchers)
	}
	return err
}

// queueEvent notes an event, unless nobody would hear of it. The payload must not change
// any more.
func (n *news) queueEvent(item emission) {
	item.to = n.p.subscribers(item.event, item.facility)
	if len(item.to) == 0 && len(n.p.watchers) == 0 {
		return
	}
	item.id = n.p.newID()
	n.items = append(n.items, item)
}

func (p *Platform) publish(item emission, watchers []func(event, orderID string, body []byte)) {
	body, err := json.Marshal(envelope{item.event, item.id, item.pickJob, item.payload})
	if err != nil {
		panic("fftsim: an event that JSON cannot hold: " + err.Error())
	}
	for _, to := range item.to {
		p.courier.Send(to.url, to.header, body)
	}
	for _, watch := range watchers {
		watch(item.event, item.orderID, body)
	}
}

// OnEvent has f called with every event, whether or not anybody subscribed to it.
// The order id is empty for events that are about no order; body is what
// subscribers get. f is called without locks held, concurrently, and must not
// change body.
func (p *Platform) OnEvent(f func(event, orderID string, body []byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchers = append(slices.Clone(p.watchers), f)
}

// eventNames are the events that one may subscribe to. Those about orders, jobs,
// shipments, parcels, facilities and routing are brought about by this platform.
func eventNames() []string {
	return []string{
		"ORDER_CREATED", "ORDER_CANCELLED", "ORDER_CANCELLED_BY_EXPIRY", "ORDER_FORCE_CANCELLED", "ORDER_UNLOCKED", "ORDER_MODIFIED",
		"ROUTING_PLAN_ROUTED", "ROUTING_PLAN_NOT_ROUTABLE", "ROUTING_PLAN_FALLBACK", "ROUTING_PLAN_WAITING",
		"ROUTING_PLAN_SPLITTED", "ROUTING_PLAN_REROUTEPLAN_CREATED", "ROUTING_PLAN_CANCELLED", "UPCOMING_TIME_TRIGGERED_REROUTE",
		"PICK_JOB_CREATED", "PICK_JOB_OPENED", "PICK_JOB_PICKING_COMMENCED", "PICK_JOB_PICKING_PAUSED",
		"PICK_JOB_PICKING_FINISHED", "PICK_JOB_ABORTED", "PICK_JOB_CANCELED", "PICK_JOB_REROUTED", "PICK_JOB_RESET",
		"PICK_JOB_PICK_LINE_PICKED", "PICKING_PICK_JOB_COMPLETE",
		"PACK_JOB_CREATED", "PACK_JOB_UPDATED", "PACK_JOB_CLOSED", "PACK_JOB_CANCELED",
		"HANDOVERJOB_CREATED", "HANDOVERJOB_HANDED_OVER", "HANDOVERJOB_REVERTED", "HANDOVERJOB_CANCELED",
		"SHIPMENT_CREATED", "SHIPMENT_UPDATED",
		"PARCEL_CARRIER_CREATED", "PARCEL_CARRIER_REQUESTED", "PARCEL_CARRIER_ACKNOWLEDGED", "PARCEL_CARRIER_FAILED",
		"PARCEL_TRACK_AND_TRACE_STATUS_UPDATED",
		"ITEM_RETURN_JOB_CREATED", "ITEM_RETURN_JOB_UPDATED", "REFUND_TRIGGERED",
		"RETURN_CREATED", "RETURN_CLAIMED", "RETURN_CLOSED", "RETURN_CANCELED", "RETURN_UPDATED",
		"FACILITY_CREATED", "FACILITY_UPDATED", "FACILITY_WENT_ONLINE", "FACILITY_WENT_OFFLINE", "FACILITY_SUSPENDED", "FACILITY_DELETED",
		"PROCESS_ANONYMIZED", "PROCESS_DELETED",
	}
}

func supportedEvents(w http.ResponseWriter, _ *http.Request) {
	type supported struct {
		Event       string `json:"event"`
		Description string `json:"description"`
	}
	events := []supported{}
	for _, name := range eventNames() {
		events = append(events, supported{name, name})
	}
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"supportedEvents": events})
}
