package connector_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"fftconnect/internal/setup"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/testform"
)

// TestEverythingSaidKeepsToTheVendorsContracts lives through installing, the lives of
// a catalogue of orders and uninstalling, and holds every request, answer and
// notification against the vendors' own descriptions of their interfaces.
func TestEverythingSaidKeepsToTheVendorsContracts(t *testing.T) {
	if testform.Raced {
		t.Skip("reads large specifications: the run without the race detector checks them")
	}
	t.Parallel()
	for _, c := range []struct {
		name       string
		references bool
		orders     int
	}{{"facilities by key", false, 60}, {"facilities by reference", true, 15}} {
		t.Run(c.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				if _, ok := contract.FindSpecs(); !ok {
					t.Skip(contract.ErrAbsent)
				}
				options := lively(7)
				options.KeepBodies, options.References, options.SplitEvery = true, c.references, 9
				tapped := &tap{}
				r := newRig(t, rigOptions{world: options, gate: tapped.gate, bare: true})
				lived := &lived{rig: r}
				lived.through(c.orders)

				validator, err := contract.Shared()
				if err != nil {
					t.Fatal(err)
				}
				violations := newViolations()
				for _, exchange := range lived.exchanges {
					violations.add(exchange.Method+" "+exchange.Path, validator.Exchange(exchange))
				}
				for _, sent := range tapped.all() {
					if strings.HasPrefix(sent.path, "/event") {
						violations.add("notification", validator.Schema(contract.Commercetools, "SubscriptionNotification", inPubSub(t, sent.body)))
						continue
					}
					event, schema := schemaOf(t, sent.body)
					violations.add("event "+event, validator.Schema(contract.Fulfillmenttools, schema, sent.body))
				}
				violations.report(t)
				t.Logf("%d exchanges and %d notifications were checked", len(lived.exchanges), len(tapped.all()))
				if len(lived.exchanges) < 6*c.orders || len(tapped.all()) < 5*c.orders {
					t.Error("that is less than there should be")
				}
			})
		})
	}
}

// lived is a whole life of a connector, with all that was said in it.
type lived struct {
	*rig
	exchanges []simulator.Exchange
}

func (l *lived) through(orders int) {
	r := l.rig
	r.install()
	installer := r.installer()
	installer.TypeKey = "shop-order"
	placed := r.place(orders)
	r.calm()
	for _, order := range placed {
		r.arrived(order)
	}

	// What goes wrong in life: a cancellation that is refused, one that comes too
	// early, a deleted order, a token that was revoked.
	r.CT.RevokeTokens()
	r.FFT.RevokeTokens()
	r.cancel(placed[0].id)
	id := r.CT.PlaceOrder(simpleOrder("Q-1"))
	if err := r.CT.DeleteOrder(id); err != nil {
		r.t.Fatal(err)
	}
	r.calm()
	r.apply(installer)
	r.env.PublicURL = "https://moved.example/service"
	r.apply(r.installer())
	for _, installer := range []setup.Installer{r.installer(), installer} {
		plan, err := installer.Uninstall(r.t.Context(), true)
		if err != nil {
			r.t.Fatal(err)
		}
		if err := plan.Apply(r.t.Context(), func(setup.Step, error) {}); err != nil {
			r.t.Fatal(err)
		}
	}
	l.exchanges = append(r.CTLog.All(), r.FFTLog.All()...)
}

func inPubSub(t *testing.T, body []byte) []byte {
	t.Helper()
	var push struct{ Message struct{ Data string } }
	if err := json.Unmarshal(body, &push); err != nil {
		t.Fatal(err)
	}
	data, err := base64.StdEncoding.DecodeString(push.Message.Data)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func schemaOf(t *testing.T, body []byte) (event, schema string) {
	t.Helper()
	var sent struct{ Event string }
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	for _, kind := range [][2]string{
		{"ORDER_CREATED", "OrderCreatedWebHookEvent"},
		{"ORDER_FORCE_CANCELLED", "OrderForceCancelledWebHookEvent"},
		{"ORDER_CANCELLED", "OrderCancelledWebHookEvent"},
		{"ROUTING_PLAN_NOT_ROUTABLE", "RoutingPlanNotRoutableWebHookEvent"},
		{"PICK_JOB_", "PickjobWebHookEvent"},
		{"HANDOVERJOB_", "HandoverJobWebHookEvent"},
		{"PARCEL_", "ParcelWebHookEvent"},
		{"SHIPMENT_", "ShipmentWebHookEvent"},
		{"ITEM_RETURN_JOB_", "ItemReturnJobWebHookEvent"},
	} {
		if strings.HasPrefix(sent.Event, kind[0]) {
			return sent.Event, kind[1]
		}
	}
	return sent.Event, ""
}

// violations are told once a kind, with how often each was met.
type violations struct {
	mu    sync.Mutex
	first map[string]string
	count map[string]int
}

func newViolations() *violations {
	return &violations{first: map[string]string{}, count: map[string]int{}}
}

func (v *violations) add(where string, err error) {
	if err == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	key := err.Error()
	var broken *contract.Violation
	if errors.As(err, &broken) {
		key = broken.Operation + fmt.Sprint(broken.Request)
		if len(broken.Answer) > 0 {
			key += broken.Answer[0].Reason
		}
	}
	v.count[key]++
	if v.first[key] == "" {
		v.first[key] = where + ": " + err.Error()
	}
}

func (v *violations) report(t *testing.T) {
	t.Helper()
	var lines []string
	for key, text := range v.first {
		lines = append(lines, fmt.Sprintf("%d times: %s", v.count[key], text))
	}
	slices.Sort(lines)
	for _, line := range lines[:min(len(lines), 20)] {
		t.Error(line)
	}
}
