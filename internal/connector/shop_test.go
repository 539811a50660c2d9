package connector_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAWrongConfigurationShowsBeforeTheFirstOrder(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newWorld(t, rigOptions{world: quick()})
		r.CT.PutCustomObject("fft", "configuration", map[string]any{"export": map[string]any{"when": "order.orderStat == 1"}})
		r.start("", nil)
		r.connector.LoadShopConfiguration(t.Context())
		const want = "custom object fft/configuration: export.when: line 1, column 7: there is no orderStat here; did you mean orderState?"
		r.eventually("readiness says what is wrong", func() bool {
			status, text := r.get("/readyz")
			var answer struct{ Status, Configuration string }
			if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK {
				t.Fatalf("/readyz: %d %s", status, text)
			}
			return answer.Status == "degraded" && answer.Configuration == want
		})
		if logged := r.logs.String(); strings.Count(logged, "the shop's configuration is wrong") != 1 {
			t.Errorf("the log does not say so once:\n%s", logged)
		}
	})
}

func TestTheConfigurationFileCountsForInstallerAndConnector(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "shop.yaml")
		if err := os.WriteFile(path, []byte("orderCustomTypeKey: from-file\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := newRig(t, rigOptions{world: quick(), env: map[string]string{"CONFIG_FILE": path}})
		settings, err := r.installer().Settings(t.Context())
		if err != nil || settings.TypeKey() != "from-file" {
			t.Errorf("installer: %s, %v", settings.TypeKey(), err)
		}
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.eventually("the order is linked", func() bool { return len(r.filled(id)) > 0 })
		if n := calls(r.CTLog, "/demo/custom-objects/fft/configuration"); n != 0 {
			t.Errorf("the custom object is read %d times", n)
		}
	})
}
