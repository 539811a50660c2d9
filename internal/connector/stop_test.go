package connector_test

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/connector"
)

// platformPatience is what containers and systemd's services usually get after SIGTERM.
const platformPatience = 10 * time.Second

func TestStoppingEndsWhilePlatformsArePatient(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		between, arrived, _ := slow() // no create call is ever answered
		r := newRig(t, rigOptions{
			world: quick(), bare: true, between: between, mayCutOff: true,
			env: map[string]string{"SHUTDOWN_GRACE": "8s", "DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "fftconnect.db")},
			store: func(r *rig) connector.Store {
				store, err := connector.OpenStore(t.Context(), r.env, slog.New(slog.DiscardHandler), false)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = store.Close(context.Background()) })
				return store
			},
		})
		stored := r.posting(confirmed(r.CT.PlaceOrder(simpleOrder("A-1"))))
		<-arrived
		if status := <-stored; status != http.StatusOK {
			t.Fatalf("what cannot be done in time is answered %d", status)
		}
		<-arrived // it is tried again out of the store
		_ = r.posting(confirmed(r.CT.PlaceOrder(simpleOrder("A-2"))))
		<-arrived
		begun := time.Now()
		_ = r.stop()
		if took := time.Since(begun); took >= platformPatience {
			t.Errorf("stopping took %s", took)
		}
	})
}

func TestTheFirstLineSaysWhatRuns(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{
			"DEPLOYMENT": "preview", "DATABASE_URL": "postgres://connector:hunter2@db.example/orders?sslmode=require",
		}})
		r.eventually("it says what it is", func() bool { return strings.Contains(r.logs.String(), `"msg":"serving"`) })
		line, _, _ := strings.Cut(r.logs.String(), "\n")
		for _, want := range []string{
			`"version":"test"`, `"deployment":"preview"`, `"commercetools":"demo"`, `"store":"postgres://db.example/orders"`,
			`"event_auth":"token"`, `"configuration":"custom object fft/configuration"`, `"public":"`, `"admin":"`,
		} {
			if !strings.Contains(line, want) {
				t.Errorf("it lacks %s: %s", want, line)
			}
		}
		if strings.Contains(r.logs.String(), "hunter2") {
			t.Error("it tells the password")
		}
		r.connector.LoadShopConfiguration(t.Context())
		if !strings.Contains(r.logs.String(), `"msg":"configuration in force"`) || !strings.Contains(r.logs.String(), "exports orders with") {
			t.Error("the configuration in force is not said")
		}
	})
}

func TestAStoreThatDoesNotLastIsSaid(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{"DATABASE_URL": "sqlite::memory:"}})
		if _, body := r.get("/readyz"); !strings.Contains(body, "does not last") {
			t.Errorf("readyz says %s", body)
		}
		r.eventually("the log says it", func() bool { return strings.Contains(r.logs.String(), "the store does not last") })
	})
}
