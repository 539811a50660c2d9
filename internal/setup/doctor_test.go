package setup_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/doctor"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/platforms"
	"fftconnect/internal/remote"
	"fftconnect/internal/setup"
	"fftconnect/internal/shop"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/world"
	_ "fftconnect/internal/testform" // garbage is collected late
)

// records stand for the store.
type records struct {
	err, full   error
	ahead       time.Duration // its clock is
	seen        map[outcome.Flow]time.Time
	depth       ledger.StoredCounts
	checkpoints map[string]string
}

func (r *records) Ping(context.Context) error { return r.err }

func (r *records) CheckRoom(context.Context) error { return r.full }

func (r *records) Clock(context.Context) (time.Time, error) { return time.Now().Add(r.ahead), nil }

func (r *records) Checkpoint(_ context.Context, name string) (string, time.Time, bool, error) {
	value, ok := r.checkpoints[name]
	return value, time.Time{}, ok, nil
}

func (r *records) LastSeen(context.Context) (map[outcome.Flow]time.Time, error) { return r.seen, nil }

func (r *records) CountStored(context.Context) (ledger.StoredCounts, error) { return r.depth, nil }

// practice is a world with a healthy installation.
type practice struct {
	*world.World
	t       *testing.T
	store   *records
	patient doctor.Patient
	public  *httptest.Server
}

// scopes is what the README tells to give the API client.
var scopes = []string{
	"manage_orders", "manage_types", "manage_subscriptions", "view_stores", "view_channels",
	"view_project_settings", "manage_key_value_documents",
}

func newPractice(t *testing.T) *practice {
	t.Helper()
	w, err := world.Start(world.Options{Seed: 1, RequireScopes: true, Backoff: func(int) time.Duration { return time.Hour }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	p := &practice{World: w, t: t, store: &records{seen: map[outcome.Flow]time.Time{
		outcome.Export: time.Now().Add(-time.Minute), outcome.Feedback: time.Now().Add(-time.Hour),
	}}}
	for _, channel := range w.Shop.Channels {
		if key := channel["key"].(string); key != "store-berlin" { // the one that is a facility
			p.must(w.CT.EditChannel(key, map[string]any{"action": "setRoles", "roles": []any{"ProductDistribution"}}))
		}
	}
	for _, store := range w.Shop.Stores {
		p.supply(store["key"].(string), "store-berlin")
	}
	p.public = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/service":
			w.Header().Set(intake.ProofHeader, intake.TokenOf(p.patient.Environment).AnswerProbe(r.Header.Get(intake.ProbeHeader)))
		case "/catch-all/service":
		case "/moved/service":
			http.Redirect(w, r, "/service", http.StatusPermanentRedirect)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(p.public.Close)
	p.consult()
	plan, err := p.patient.Installer.Install(t.Context())
	p.must(err)
	p.must(plan.Apply(t.Context(), func(setup.Step, error) {}))
	w.CTLog.Reset()
	w.FFTLog.Reset()
	return p
}

func (p *practice) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// consult makes the patient anew, with settings given as name=value.
func (p *practice) consult(settings ...string) {
	p.t.Helper()
	values := p.Environment(p.public.URL + "/service")
	var wanted []string
	for _, scope := range scopes {
		wanted = append(wanted, scope+":demo")
	}
	values["CTP_SCOPE"] = strings.Join(wanted, " ")
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		values[name] = value
	}
	env, err := config.Load(func(name string) (string, bool) { v, ok := values[name]; return v, ok }, 0)
	p.must(err)
	ct, fft, err := platforms.Clients(env, "test", platforms.Transport(), platforms.Guards{})
	p.must(err)
	p.patient = doctor.Patient{
		Commercetools: ct, Fulfillmenttools: fft, Environment: env, Now: time.Now,
		HTTP: &http.Client{Timeout: time.Minute}, Database: p.store,
		Installer: setup.Installer{
			Commercetools: ct, Fulfillmenttools: fft, Environment: env, Token: intake.TokenOf(env), Now: time.Now,
		},
	}
}

func (p *practice) examine() []doctor.Finding {
	p.t.Helper()
	told := 0
	findings := p.patient.Examine(p.t.Context(), func(doctor.Finding) { told++ })
	if told != len(findings) || told == 0 {
		p.t.Errorf("%d findings, %d were told", len(findings), told)
	}
	return findings
}

func ill(findings []doctor.Finding) (found []doctor.Finding) {
	for _, f := range findings {
		if f.Status != doctor.OK {
			found = append(found, f)
		}
	}
	return found
}

func TestAHealthyInstallationIsFoundHealthy(t *testing.T) {
	t.Parallel()
	p := newPractice(t)
	findings := p.examine()
	if found := ill(findings); len(found) > 0 || !doctor.Healthy(findings) {
		t.Errorf("%+v", found)
	}
	for _, area := range []string{"commercetools", "fulfillmenttools", "installation", "configuration", "fftconnect"} {
		if !slices.ContainsFunc(findings, func(f doctor.Finding) bool { return f.Area == area }) {
			t.Errorf("nothing was checked of %s", area)
		}
	}
}

func TestAnExaminationChangesNothing(t *testing.T) {
	t.Parallel()
	p := newPractice(t)
	id := p.CT.PlaceOrder(map[string]any{"orderState": "Open", "totalPrice": map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 1, "fractionDigits": 2}})
	before, _ := p.CT.Order(id)
	subscriptions := len(p.FFT.Subscriptions())
	p.examine()
	probes := map[string]bool{
		"POST /demo/orders/00000000-0000-4000-8000-000000000000": true, // nothing has that id
		"POST /demo/types/00000000-0000-4000-8000-000000000000":  true,
		"POST /api/orders":                                  true, // without an order in it
		"PATCH /api/orders/fftconnect-doctor-nobody":        true,
		"PATCH /api/facilities/fftconnect-doctor-nobody":    true,
		"POST /api/orders/fftconnect-doctor-nobody/actions": true,
	}
	for _, log := range []*simulator.Log{p.CTLog, p.FFTLog} {
		for _, e := range log.All() {
			name := e.Method + " " + e.Path
			signIn := strings.Contains(e.Path, "oauth") || strings.Contains(e.Path, "signIn") || strings.HasSuffix(e.Path, "/token")
			switch {
			case e.Method == http.MethodGet || signIn:
			case !probes[name]:
				t.Errorf("it called %s", name)
			case e.Status < 400:
				t.Errorf("%s was carried out: %d", name, e.Status)
			}
		}
	}
	if after, _ := p.CT.Order(id); after["version"] != before["version"] || len(p.FFT.Orders()) > 0 || len(p.FFT.Subscriptions()) != subscriptions {
		t.Error("it changed something")
	}
}

// complaint is something that is wrong, and what the doctor must say of it.
type complaint struct {
	status doctor.Status
	area   string
	says   string // in check or detail
	fix    string
	cause  func(p *practice)
}

func complaints() map[string]complaint {
	found := map[string]complaint{
		"wrong commercetools secret": {doctor.Fail, "commercetools", "credentials", "CTP_CLIENT_SECRET", func(p *practice) { p.consult("CTP_CLIENT_SECRET=wrong") }},
		"a scope of another project": {doctor.Fail, "commercetools", "credentials", "CTP_SCOPE", func(p *practice) { p.consult("CTP_SCOPE=manage_orders:other") }},
		"wrong password":             {doctor.Fail, "fulfillmenttools", "credentials", "FFT_API_PASSWORD", func(p *practice) { p.consult("FFT_API_PASSWORD=wrong") }},
		"wrong API key":              {doctor.Fail, "fulfillmenttools", "credentials", "FFT_API_KEY", func(p *practice) { p.consult("FFT_API_KEY=wrong") }},
		"nobody at the address": {doctor.Fail, "fulfillmenttools", "credentials", "address", func(p *practice) {
			p.consult("FFT_API_URL=http://127.0.0.1:1")
		}},
		"no order type": {doctor.Fail, "installation", "create", "fftconnect install", func(p *practice) {
			p.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "none-yet"})
		}},
		"a type without our fields": {doctor.Fail, "installation", "fft_pickjob_id", "fftconnect install", func(p *practice) {
			p.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "shop-order"})
		}},
		"fields of another kind": {doctor.Fail, "installation", "fft_short_id must be a String", "", func(p *practice) {
			found, err := p.patient.Commercetools.TypeByKey(p.t.Context(), "fft-order")
			p.must(err)
			p.must(p.patient.Commercetools.DeleteType(p.t.Context(), found.ID, found.Version))
			p.CT.PutType(map[string]any{
				"key": "odd", "name": map[string]any{"en": "odd"}, "resourceTypeIds": []any{"order"},
				"fieldDefinitions": []any{map[string]any{"name": "fft_short_id", "label": map[string]any{"en": "x"}, "required": false, "type": map[string]any{"name": "Boolean"}}},
			})
			p.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "odd"})
		}},
		"no webhook": {doctor.Fail, "installation", "ORDER_CREATED", "fftconnect install", func(p *practice) {
			p.must(p.patient.Fulfillmenttools.DeleteSubscription(p.t.Context(), p.webhook("ORDER_CREATED")))
		}},
		"no subscription": {doctor.Fail, "installation", "to create", "fftconnect install", func(p *practice) {
			s := p.CT.Subscriptions()[0]
			p.must(p.patient.Commercetools.DeleteSubscription(p.t.Context(), s["id"].(string), int(s["version"].(float64))))
		}},
		"an unhealthy subscription": {doctor.Fail, "installation", "ConfigurationError", "fftconnect install", func(p *practice) {
			p.CT.SetSubscriptionStatus("fftconnect-orders", "ConfigurationError")
		}},
		"a subscription to elsewhere": {doctor.Fail, "installation", "delivers elsewhere", "fftconnect install", func(p *practice) {
			p.consult(`SUBSCRIPTION_DESTINATION={"type":"GoogleCloudPubSub","projectId":"demo","topic":"other"}`)
		}},
		"webhooks to elsewhere": {doctor.Fail, "installation", "it calls", "fftconnect install", func(p *practice) {
			p.consult("PUBLIC_URL=" + p.public.URL + "/elsewhere/service")
		}},
		"a token near its end": {doctor.Fail, "installation", "its token ends on", "fftconnect install", func(p *practice) {
			p.patient.Installer.Now = func() time.Time { return time.Now().Add(300 * 24 * time.Hour) }
		}},
		"an existing connector": {doctor.Warn, "installation", "existing connector's webhook", "undeploy", func(p *practice) {
			_, err := p.FFT.AddSubscription(foreignWebhook())
			p.must(err)
		}},
		"a misspelt shipping method": {doctor.Warn, "configuration", "standrad", "correct the name", func(p *practice) {
			p.configure(map[string]any{"standrad": map[string]any{"serviceType": "SHIPPING"}})
			p.reinstall() // it needs fewer messages
		}},
		"a configuration that cannot be read": {doctor.Fail, "configuration", "serviceType", "custom object", func(p *practice) {
			p.configure(map[string]any{"standard": map[string]any{"serviceType": "PIGEON"}})
		}},
		"a configuration that was deleted": {doctor.Fail, "configuration", "it was deleted", "config clear", func(p *practice) {
			p.store.checkpoints = map[string]string{shop.Checkpoint: "{}"}
			p.must(p.patient.Commercetools.DeleteObject(context.Background(), "fft", "configuration"))
		}},
		"a channel that is no facility": {doctor.Warn, "configuration", "store-paris", "create the facilities", func(p *practice) {
			p.must(p.CT.EditChannel("store-paris", map[string]any{"action": "setRoles", "roles": []any{"InventorySupply"}}))
		}},
		"a store's channel that is no facility": {doctor.Warn, "configuration", "store-paris (store france, japan)", "create the facilities", func(p *practice) {
			p.supply("france", "store-paris")
			p.supply("japan", "store-paris")
		}},
		"no order type, and no public address": {doctor.Fail, "installation", "create", "fftconnect install", func(p *practice) {
			p.consult("PUBLIC_URL=")
			p.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "none-yet"})
		}},
		"a parcel type without its field, and no public address": {doctor.Fail, "installation", "parcel type fft-parcel", "fftconnect install", func(p *practice) {
			found, err := p.patient.Commercetools.TypeByKey(p.t.Context(), "fft-parcel")
			p.must(err)
			p.must(p.patient.Commercetools.RemoveFields(p.t.Context(), found, []string{"fft_tracking_url"}))
			p.consult("PUBLIC_URL=")
		}},
		"workflow states that cannot be read": {doctor.Fail, "commercetools", "scope view_states", "view_states:demo", func(p *practice) {
			p.rule("export", map[string]any{"trigger": map[string]any{"workflowState": "released"}})
			p.CTFaults.PlanFaults("GET /demo/states", 1000, simulator.Fault{Status: http.StatusForbidden})
		}},
		"line item states that cannot be read": {doctor.Fail, "commercetools", "scope view_states", "view_states:demo", func(p *practice) {
			p.rule("feedback", map[string]any{"cancelled": map[string]any{"lineItemState": "gone"}})
			p.CTFaults.PlanFaults("GET /demo/states", 1000, simulator.Fault{Status: http.StatusForbidden})
		}},
		"a state that does not exist": {doctor.Fail, "configuration", "released", "create the state", func(p *practice) {
			p.rule("export", map[string]any{"trigger": map[string]any{"workflowState": "released"}})
		}},
		"lines that may not be modified": {doctor.Fail, "fulfillmenttools", "does not allow lines and wanted times", "set allowOrderLineItemModification", func(p *practice) {
			p.rule("export", map[string]any{"changes": map[string]any{"lines": "follow"}})
			p.FFT.AllowModification(true, false)
		}},
		"orders that may not be modified": {doctor.Fail, "fulfillmenttools", "permission to modify orders", "ORDER_CONSUMER_WRITE", func(p *practice) {
			p.FFTFaults.PlanFaults("PATCH /api/orders/", 100, simulator.Fault{Status: http.StatusForbidden})
		}},
		"held orders that may not be unlocked": {doctor.Fail, "fulfillmenttools", "permission ORDER_UNLOCK", "give the user ORDER_UNLOCK", func(p *practice) {
			p.rule("export", map[string]any{"hold": "true"})
			const actions = "POST /api/orders/fftconnect-doctor-nobody/actions"
			p.FFTFaults.PlanFaults(actions, 1, simulator.Fault{Status: http.StatusNotFound}) // the one that cancels
			p.FFTFaults.PlanFaults(actions, 1, simulator.Fault{Status: http.StatusForbidden})
		}},
		"forced cancellations that may not be": {doctor.Fail, "fulfillmenttools", "permission ORDER_FORCE_CANCEL", "give the user ORDER_FORCE_CANCEL", func(p *practice) {
			p.consult("FFT_FORCE_CANCEL=true")
			const actions = "POST /api/orders/fftconnect-doctor-nobody/actions"
			p.FFTFaults.PlanFaults(actions, 1, simulator.Fault{Status: http.StatusNotFound}) // the one that cancels
			p.FFTFaults.PlanFaults(actions, 1, simulator.Fault{Status: http.StatusForbidden})
		}},
		"parcels that may not be read": {doctor.Fail, "fulfillmenttools", "permission PARCEL_READ", "give the user PARCEL_READ", func(p *practice) {
			p.FFTFaults.PlanFaults("GET /api/parcels/", 100, simulator.Fault{Status: http.StatusForbidden})
		}},
		"a token that ends soon": {doctor.Warn, "installation", "webhooks' token: it ends on", "fftconnect install", func(p *practice) {
			p.consult("JWT_LIFETIME=240h")
			p.reinstall()
		}},
		"a token that has ended": {doctor.Fail, "installation", "webhooks' token: it ended on", "fftconnect install", func(p *practice) {
			p.consult("JWT_LIFETIME=1h")
			p.patient.Installer.Token.Now = func() time.Time { return time.Now().Add(-2 * time.Hour) }
			p.reinstall()
			p.patient.Installer.Token.Now = nil
		}},
		"a clock that is wrong": {doctor.Fail, "commercetools", "clock", "NTP", func(p *practice) {
			p.patient.Now = func() time.Time { return time.Now().Add(-5 * time.Minute) }
		}},
		"a database whose clock is wrong": {doctor.Fail, "fftconnect", "database's clock", "NTP", func(p *practice) {
			p.store.ahead = 40 * time.Second
		}},
		"nobody at the public address": {doctor.Fail, "fftconnect", "does not answer", "start the connector", func(p *practice) { p.public.Close() }},
		"a public address that leads elsewhere": {doctor.Fail, "fftconnect", "404", "/service", func(p *practice) {
			p.consult("PUBLIC_URL=" + p.public.URL + "/elsewhere/service")
		}},
		"a page that answers everything": {doctor.Fail, "fftconnect", "not this connector", "catch-all", func(p *practice) {
			p.consult("PUBLIC_URL=" + p.public.URL + "/catch-all/service")
		}},
		"a public address that redirects": {doctor.Fail, "fftconnect", "308", "without a redirect", func(p *practice) {
			p.consult("PUBLIC_URL=" + p.public.URL + "/moved/service")
		}},
		"a project that does not exist": {doctor.Fail, "commercetools", "has no project", "CTP_PROJECT_KEY", func(p *practice) {
			p.CTFaults.PlanFaults("GET /demo", 10000, simulator.Fault{Status: http.StatusNotFound})
		}},
		"no public address": {doctor.Skip, "fftconnect", "PUBLIC_URL is not set", "set it", func(p *practice) { p.consult("PUBLIC_URL=") }},
		"a database that cannot be opened": {doctor.Fail, "fftconnect", "no such host", "DATABASE_URL", func(p *practice) {
			p.patient.Database, p.patient.DatabaseError = nil, errors.New("open database: no such host")
		}},
		"a database file that is elsewhere": {doctor.Warn, "fftconnect", "shop.db does not exist here", "where serve runs", func(p *practice) {
			p.patient.Database, p.patient.DatabaseFile = nil, "shop.db"
		}},
		"a database that is away": {doctor.Fail, "fftconnect", "away", "start the database", func(p *practice) { p.store.err = errors.New("it is away") }},
		"no room for dead letters": {doctor.Fail, "fftconnect", "as many as it may", "events list", func(p *practice) {
			p.store.full = &remote.Error{Message: "it holds as many as it may", Hint: "fftconnect events list"}
		}},
		"dead letters": {doctor.Warn, "fftconnect", "3 for somebody to look", "events list", func(p *practice) { p.store.depth.Dead = 3 }},
		"no database":  {doctor.Skip, "fftconnect", "stays with its sender", "", func(p *practice) { p.patient.Database = nil }},
		"a caller's token near its end": {doctor.Warn, "fftconnect", "token shown at /event: last", "fftconnect token --for event", func(p *practice) {
			p.shown("/event", 24*time.Hour)
		}},
		"a caller's token that ended": {doctor.Fail, "fftconnect", "and ended on", "fftconnect token --for event", func(p *practice) {
			p.shown("/event", -time.Hour)
		}},
		"the schedule's token that ended": {doctor.Warn, "fftconnect", "token shown at /job", "fftconnect token --for job", func(p *practice) {
			p.shown("/job", -time.Hour)
		}},
		"no message ever": {doctor.Warn, "fftconnect", "none was ever received", "check the subscription", func(p *practice) {
			delete(p.store.seen, outcome.Export)
		}},
		"no message for days": {doctor.Warn, "fftconnect", "48h0m", "check the subscription", func(p *practice) {
			p.store.seen[outcome.Feedback] = time.Now().Add(-48 * time.Hour)
		}},
	}
	for _, permission := range []string{
		"GET /api/orders", "POST /api/orders", "POST /api/orders/fftconnect-doctor-nobody/actions", "GET /api/pickjobs", "GET /api/handoverjobs",
		"GET /api/loadunits", "GET /api/processes", "GET /api/facilities", "GET /api/subscriptions",
	} {
		found["may not "+permission] = complaint{doctor.Fail, "fulfillmenttools", "missing; needed for", "give the user", func(p *practice) {
			p.FFTFaults.PlanFaults(permission, 1000, simulator.Fault{Status: http.StatusForbidden})
		}}
	}
	for _, scope := range []string{"manage_orders", "manage_types", "manage_subscriptions", "view_stores", "view_channels", "view_project_settings"} {
		found["without the scope "+scope] = complaint{doctor.Fail, "commercetools", "scope " + scope, scope + ":demo", func(p *practice) {
			kept := []string{"view_orders:demo", "view_types:demo"}
			for _, s := range scopes {
				if s != scope {
					kept = append(kept, s+":demo")
				}
			}
			p.consult("CTP_SCOPE=" + strings.Join(kept, " "))
		}}
	}
	return found
}

// shown notes that a token was shown that ends so much later.
func (p *practice) shown(endpoint string, left time.Duration) {
	p.store.checkpoints = map[string]string{intake.TokenCheckpoint(endpoint): time.Now().Add(left).Format(time.RFC3339)}
}

// supply makes the channel the store's only supply channel.
func (p *practice) supply(store, channel string) {
	p.CT.PutStore(map[string]any{"key": store, "supplyChannels": []any{channel}})
}

// reinstall replaces the webhooks, and leads to what the configuration needs.
func (p *practice) reinstall() {
	for _, s := range p.FFT.Subscriptions() {
		p.must(p.patient.Fulfillmenttools.DeleteSubscription(p.t.Context(), s.ID))
	}
	plan, err := p.patient.Installer.Install(p.t.Context())
	p.must(err)
	p.must(plan.Apply(p.t.Context(), func(setup.Step, error) {}))
}

func (p *practice) configure(mapping map[string]any) {
	p.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "fft-order", "shippingMethodMapping": mapping})
}

func TestWhateverIsWrongIsFoundWithItsFix(t *testing.T) {
	t.Parallel()
	for name, c := range complaints() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPractice(t)
			c.cause(p)
			findings := p.examine()
			matches := func(f doctor.Finding) bool {
				return f.Area == c.area && f.Status == c.status && strings.Contains(f.Check+": "+f.Detail, c.says) && strings.Contains(f.Fix, c.fix)
			}
			if !slices.ContainsFunc(findings, matches) {
				t.Errorf("found only %+v", ill(findings))
			}
			if doctor.Healthy(findings) != (c.status != doctor.Fail) {
				t.Errorf("healthy is %v: %+v", doctor.Healthy(findings), ill(findings))
			}
			for _, f := range ill(findings) {
				if f.Status == doctor.Fail && f.Fix == "" {
					t.Errorf("no fix beside %+v", f)
				}
			}
		})
	}
}

func TestWrongCredentialsOnBothSidesAreFoundAtOnce(t *testing.T) {
	t.Parallel()
	p := newPractice(t)
	p.consult("CTP_CLIENT_SECRET=wrong", "FFT_API_PASSWORD=wrong")
	areas := map[string]int{}
	for _, f := range ill(p.examine()) {
		if f.Check == "credentials" {
			areas[f.Area]++
		}
	}
	if areas["commercetools"] != 1 || areas["fulfillmenttools"] != 1 {
		t.Errorf("%v", areas)
	}
}
