package simulator_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

func TestManyOrdersAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		receiver := newReceiver()
		b := setup(t, fftsim.Options{Client: receiver.client(), Clock: simulator.RealClock(), SplitEvery: 3, ListLag: time.Second})
		b.want(http.StatusCreated, http.MethodPost, "/api/subscriptions", webhook("ours", "HANDOVERJOB_HANDED_OVER"))
		var customers sync.WaitGroup
		for i := range 30 {
			customers.Go(func() {
				id := b.create(with("tenantOrderId", fmt.Sprint("A-", i)))
				b.read("/api/orders/" + id)
				b.read("/api/orders?tenantOrderId=A-" + fmt.Sprint(i))
				b.read("/api/pickjobs?orderRef=" + id)
			})
		}
		customers.Wait()
		time.Sleep(time.Minute)
		if stats := b.Stats(); stats.Stages[fftsim.StageHandedOver] != 30 || stats.WebhookAttempts != 40 || stats.PendingDeliveries != 0 {
			t.Errorf("got %+v", stats)
		}
		b.Close()
		b.want(http.StatusServiceUnavailable, http.MethodPost, "/api/orders", orderBody())
	})
}

func TestEqualSeedsGiveEqualIDs(t *testing.T) {
	t.Parallel()
	ids := func(seed uint64) string {
		b := setup(t, fftsim.Options{Seed: seed})
		id := b.create()
		b.run()
		return id + b.order(id).Parcels[0].ID
	}
	if first := ids(1); first != ids(1) || first == ids(2) {
		t.Error("the ids do not depend on the seed alone")
	}
}

func TestCloseStopsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, fftsim.Options{Clock: simulator.RealClock(), Pace: fftsim.Pace{Routing: time.Minute}})
		id := b.create()
		b.Close()
		time.Sleep(time.Hour)
		if stage := b.order(id).Stage; stage != fftsim.StageCreated {
			t.Errorf("after Close the order went on to %s", stage)
		}
	})
}
