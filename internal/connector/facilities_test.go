package connector_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator/fftsim"
)

func (r *rig) facility(key string) (fftsim.FacilityView, bool) {
	for _, view := range r.FFT.Facilities() {
		if view.TenantFacilityID == key {
			return view, true
		}
	}
	return fftsim.FacilityView{}, false
}

// ofChannels are how notifications about channels ended.
func (r *rig) ofChannels(kind outcome.Kind) (found []outcome.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, entry := range r.entries {
		if entry.Flow == outcome.Facilities && entry.Kind == kind {
			found = append(found, entry)
		}
	}
	return found
}

func (r *rig) putChannel(key string) {
	r.CT.PutChannel(map[string]any{
		"key": key, "roles": []any{"InventorySupply"}, "name": map[string]any{"de": "Filiale " + key},
		"address": map[string]any{"streetName": "Ring", "postalCode": "53111", "city": "Bonn", "country": "DE"},
	})
}

func TestChannelsBecomeFacilitiesAndGoOffline(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick()})
		r.putChannel("bonn-1")
		r.settle()
		if f, ok := r.facility("bonn-1"); !ok || f.Name != "Filiale bonn-1" || f.Status != "ONLINE" {
			t.Fatalf("%+v", f)
		}
		if err := r.CT.EditChannel("bonn-1", map[string]any{"action": "changeName", "name": map[string]any{"de": "Bonn Mitte"}}); err != nil {
			t.Fatal(err)
		}
		r.settle()
		if f, _ := r.facility("bonn-1"); f.Name != "Bonn Mitte" {
			t.Errorf("called %s", f.Name)
		}
		if err := r.CT.DeleteChannel("bonn-1"); err != nil {
			t.Fatal(err)
		}
		r.settle()
		if f, _ := r.facility("bonn-1"); f.Status != "OFFLINE" {
			t.Errorf("it is %s", f.Status)
		}
		applied := r.ofChannels(outcome.Applied)
		if len(applied) != 3 || !slices.ContainsFunc(applied, func(e outcome.Entry) bool { return e.Type == "ChannelDeleted" }) {
			t.Errorf("applied:%s", describe(applied))
		}
		_, metrics := r.get("/metrics")
		if want := `fftconnect_messages_total{flow="facilities",outcome="applied",type="ChannelUpdated"} 1`; !strings.Contains(metrics, want) {
			t.Errorf("no %s", want)
		}
	})
}

func TestUpstreamDefect15ChannelsThatMeetAnOutageAreStoredAndReplayed(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		_, store := withDepot(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty(), store: store})
		r.FFTFaults.SetOutage(true)
		r.putChannel("bonn-1")
		r.settle()
		r.eventually("it is stored", func() bool { return len(r.ofChannels(outcome.Deferred)) > 0 })
		r.FFTFaults.SetOutage(false)
		r.eventually("it is done after all", func() bool { _, ok := r.facility("bonn-1"); return ok })
	})
}

func TestWithoutAStoreTheSenderRepeatsAChannelsNotification(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), env: map[string]string{"DATABASE_URL": "none"}})
		r.FFTFaults.SetOutage(true)
		r.putChannel("bonn-1")
		r.eventually("it is sent back", func() bool { return len(r.ofChannels(outcome.Returned)) > 0 })
		r.FFTFaults.SetOutage(false)
		r.settle()
		if _, ok := r.facility("bonn-1"); !ok {
			t.Error("there is no facility")
		}
	})
}

const aChannelChanged = `{"notificationType":"ResourceUpdated","projectKey":"demo","resource":{"typeId":"channel","id":"c"},"version":2}`

func TestSwitchedOffChannelsAreIgnoredAndOrdersGoOn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), env: map[string]string{"FEAT_CHANNELSYNC_ACTIVE": "false"}})
		r.putChannel("bonn-1")
		r.settle()
		if response := r.post("/event", aChannelChanged); response.StatusCode != http.StatusOK {
			t.Errorf("answered %d", response.StatusCode)
		}
		if _, ok := r.facility("bonn-1"); ok {
			t.Error("a facility was made")
		}
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.settle()
		mustBeOne(t, r.FFT.OrdersOf(id), "an order")
	})
}

func TestChannelsGoOnWhileOrdersAreSwitchedOff(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), env: map[string]string{"FEAT_ORDERSYNC_ACTIVE": "false"}})
		r.putChannel("bonn-1")
		r.settle()
		if _, ok := r.facility("bonn-1"); !ok {
			t.Error("there is no facility")
		}
		if response := r.post("/event", confirmed("o")); response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("an order's message was answered %d", response.StatusCode)
		}
	})
}
