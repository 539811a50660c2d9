package simulator_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fftconnect/internal/simulator/fftsim"
)

// quantities are those of the lines of every handover job of an order.
func (b *bundle) quantities(orderID string) []string {
	b.t.Helper()
	var all []string
	for _, job := range b.order(orderID).HandoverJobs {
		text := ""
		for _, line := range b.read("/api/handoverjobs/" + job.ID)["handoverJobLineItems"].([]any) {
			line := line.(object)
			text += fmt.Sprint(line["article"].(object)["tenantArticleId"], "×", line["quantity"], " ")
		}
		all = append(all, text)
	}
	return all
}

// steps moves an order some stages on.
func (b *bundle) steps(orderID string, n int) {
	b.t.Helper()
	for range n {
		if _, err := b.Step(orderID); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func manual() fftsim.Options {
	return fftsim.Options{Pace: fftsim.Pace{Manual: true}, AllowSecondOrder: true}
}

func TestEveryParcelHasItsOwnHandoverJob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		parcels int
		edit    func(object)
		want    []string
	}{
		{1, with("tenantOrderId", "A"), []string{"SKU-1×2 SKU-2×1 "}},
		{2, with("tenantOrderId", "A"), []string{"SKU-1×2 ", "SKU-2×1 "}},
		{3, with("tenantOrderId", "A"), []string{"SKU-1×1 ", "SKU-1×1 ", "SKU-2×1 "}},
		{9, with("tenantOrderId", "A"), []string{"SKU-1×1 ", "SKU-1×1 ", "SKU-2×1 "}},
		{2, with("orderLineItems", []any{object{"quantity": 5, "article": object{"tenantArticleId": "S", "title": "T"}}}), []string{"S×3 ", "S×2 "}},
		{2, collect, []string{"SKU-1×2 SKU-2×1 "}},
	} {
		b := setup(t, manual())
		id := b.create(c.edit)
		b.must(b.SetParcels(id, c.parcels))
		b.steps(id, 4)
		if got := b.quantities(id); !slices.Equal(got, c.want) {
			t.Errorf("%d parcels: got %q, want %q", c.parcels, got, c.want)
		}
		if o := b.order(id); len(o.Parcels) > 0 && len(o.Parcels) != len(c.want) || len(o.Shipments) > 1 {
			t.Errorf("%d parcels: got %d parcels and %d shipments", c.parcels, len(o.Parcels), len(o.Shipments))
		}
	}
}

func TestHandoverJobsAreHandedOverRevertedAndCancelledOneByOne(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	id := b.create()
	b.must(b.SetParcels(id, 3))
	b.steps(id, 4)
	jobs := b.order(id).HandoverJobs
	check := func(stage string, want ...string) {
		t.Helper()
		var got []string
		for _, job := range b.order(id).HandoverJobs {
			got = append(got, job.Status)
		}
		if o := b.order(id); !slices.Equal(got, want) || o.Stage != stage {
			t.Errorf("got %v at stage %s, want %v at stage %s", got, o.Stage, want, stage)
		}
	}
	b.must(b.HandOver(jobs[1].ID))
	check(fftsim.StagePacked, "OPEN", "HANDED_OVER", "OPEN")
	if b.HandOver(jobs[1].ID) == nil {
		t.Error("a job is handed over twice")
	}
	b.must(b.CancelHandoverJob(jobs[0].ID, "CONSUMER_REJECTS"))
	check(fftsim.StagePacked, "CANCELED", "HANDED_OVER", "OPEN")
	b.steps(id, 1)
	check(fftsim.StageHandedOver, "CANCELED", "HANDED_OVER", "HANDED_OVER")
	if status := b.order(id).Shipments[0].Status; status != "COMPLETED" {
		t.Errorf("the shipment is %s", status)
	}
	b.must(b.RevertHandoverJob(jobs[2].ID))
	check(fftsim.StagePacked, "CANCELED", "HANDED_OVER", "OPEN")
	b.must(b.CancelHandover(id, "CONSUMER_NO_SHOW"))
	check(fftsim.StageHandedOver, "CANCELED", "HANDED_OVER", "CANCELED")
	if b.HandOver("no-such-job") == nil {
		t.Error("a job that does not exist is handed over")
	}
}

func TestParcelsAreTrackedOneByOne(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	id := b.create()
	b.must(b.SetParcels(id, 2))
	b.steps(id, 5)
	parcels := b.order(id).Parcels
	b.must(b.TrackParcel(parcels[1].ID, "delivered"))
	for i, want := range []string{"registered", "delivered"} {
		result := b.read("/api/parcels/" + parcels[i].ID)["result"].(object)
		number := result["carrierTrackingNumber"].(string)
		if result["trackingStatus"] != want || result["trackingUrl"] != "https://track.example/"+number {
			t.Errorf("parcel %d: got %v", i, result)
		}
	}
	if b.TrackParcel("no-such-parcel", "delivered") == nil {
		t.Error("a parcel that does not exist is tracked")
	}
}

func TestALabelThatComesLateGivesTheHandoverJobItsTrackingNumber(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]func(*fftsim.Platform, string) error{
		"held": (*fftsim.Platform).HoldLabel, "refused": (*fftsim.Platform).FailLabel,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, manual())
			id := b.create()
			b.must(plan(b.Platform, id))
			b.steps(id, 5)
			o := b.order(id)
			info := b.payload("HANDOVERJOB_HANDED_OVER")["handoverJobParcelInfo"].(object)
			if info["carrierTrackingNumber"] != nil || info["parcelRef"] != o.Parcels[0].ID {
				t.Errorf("the handover job says %v", info)
			}
			if want := map[string]string{"held": "PROCESSING", "refused": "FAILED"}[name]; o.Parcels[0].Status != want {
				t.Errorf("the parcel is %s, want %s", o.Parcels[0].Status, want)
			}
			if failed := slices.Contains(b.heard(id), "PARCEL_CARRIER_FAILED"); failed != (name == "refused") {
				t.Errorf("heard %v", b.heard(id))
			}
			b.must(b.AcknowledgeLabel(id))
			number := b.payload("PARCEL_CARRIER_ACKNOWLEDGED")["result"].(object)["carrierTrackingNumber"]
			info = b.read("/api/handoverjobs/" + o.HandoverJobs[0].ID)["handoverJobParcelInfo"].(object)
			shipment := b.payload("SHIPMENT_UPDATED")
			listed := shipment["parcels"].([]any)[0].(object)["carrierTrackingNumber"]
			if number == nil || info["carrierTrackingNumber"] != number || listed != number || shipment["status"] != "COMPLETED" {
				t.Errorf("parcel %v, handover job %v, shipment %v", number, info, shipment["status"])
			}
			if b.AcknowledgeLabel(id) == nil {
				t.Error("a label comes twice")
			}
		})
	}
}

func TestVersionsAndDatesOfChangeIncrease(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Parcels: 2})
	id := b.create()
	b.run()
	b.must(b.Return(id, fftsim.Returned{TenantArticleID: "SKU-1"}))
	last := map[string][2]string{}
	for _, e := range b.events {
		payload := e.body["payload"].(object)
		if payload["version"] == nil {
			continue
		}
		entity := payload["id"].(string)
		now := [2]string{fmt.Sprintf("%06v", payload["version"]), payload["lastModified"].(string)}
		if before, known := last[entity]; known && (now[0] <= before[0] || now[1] <= before[1]) {
			t.Errorf("%s: %v after %v", e.name, now, before)
		}
		last[entity] = now
	}
	if len(last) < 8 {
		t.Errorf("only %d entities were heard of", len(last))
	}
}

func TestACarrierDeliversAndAPartOfASplitOrderStraggles(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{
		SplitEvery: 2, ParcelsEvery: 2, AllowSecondOrder: true,
		Pace: fftsim.Pace{Straggle: 10 * time.Minute, Delivery: 2 * time.Minute},
	})
	whole, split := b.create(), b.create()
	b.clock.Advance(time.Minute)
	if status := b.tracking(whole); !slices.Equal(status, []string{"transit"}) {
		t.Errorf("after a minute the parcel is %v", status)
	}
	b.clock.Advance(time.Minute)
	if status := b.tracking(whole); !slices.Equal(status, []string{"delivered"}) {
		t.Errorf("after two minutes the parcel is %v", status)
	}
	if o := b.order(split); o.Stage != fftsim.StageRouted || len(o.HandoverJobs) != 2 {
		t.Errorf("the second part is at %s, %d handover jobs", o.Stage, len(o.HandoverJobs))
	}
	b.clock.Advance(10 * time.Minute)
	if status := b.tracking(split); !slices.Equal(status, []string{"delivered", "delivered", "delivered"}) {
		t.Errorf("at the end the parcels are %v", status)
	}
}

// tracking is the tracking status of every parcel of an order.
func (b *bundle) tracking(orderID string) []string {
	var all []string
	for _, job := range b.order(orderID).Parcels {
		status, _ := b.read("/api/parcels/" + job.ID)["result"].(object)["trackingStatus"].(string)
		all = append(all, status)
	}
	return all
}
