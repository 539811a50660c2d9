package setup_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/remote"
	"fftconnect/internal/shop"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/ctsim"
)

type object = map[string]any

const ttl = 5 * time.Minute

// rig is a shop and the platform that it reads, in process.
type rig struct {
	*shop.Shop
	t      *testing.T
	client *commercetools.Client
	ct     *ctsim.Platform
	log    *simulator.Log
	faults *simulator.Faults
}

func newShop(t *testing.T, scope string) *rig {
	t.Helper()
	r := &rig{t: t, log: simulator.NewLog(false), faults: simulator.NewFaults(1)}
	r.ct = ctsim.New(ctsim.Options{
		Log: r.log, Faults: r.faults, RequireScopes: scope != "", Languages: []string{"fr", "de"}, Countries: []string{"FR", "DE"},
	})
	t.Cleanup(r.ct.Close)
	var err error
	r.client, err = commercetools.New(commercetools.Options{
		ProjectKey: "demo", APIURL: "https://api.example", AuthURL: "https://auth.example",
		ClientID: "demo-client", ClientSecret: "demo-secret", Scope: scope, Base: inProcess{r.ct.Handler()},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Shop = shop.New(r.client, shop.Options{TTL: ttl})
	return r
}

// inProcess calls a handler without a connection.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	p.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// order places an order and reads it back.
func (r *rig) order(draft object) commercetools.Order {
	r.t.Helper()
	draft["lineItems"] = []any{object{
		"id": "l-1", "quantity": 1, "variant": object{"sku": "S1"}, "price": object{"value": object{"currencyCode": "EUR", "centAmount": 1999}},
	}}
	order, err := r.client.Order(r.t.Context(), r.ct.PlaceOrder(draft))
	if err != nil {
		r.t.Fatal(err)
	}
	r.log.Reset()
	return order
}

func orderType(key string, fields ...string) object {
	definitions := []any{}
	for _, name := range fields {
		definitions = append(definitions, object{"name": name, "label": object{"en": name}, "type": object{"name": "String"}})
	}
	return object{"key": key, "name": object{"en": key}, "resourceTypeIds": []any{"order"}, "fieldDefinitions": definitions}
}

func wantError(t *testing.T, err error, kind remote.Kind, parts ...string) {
	t.Helper()
	if err == nil || !remote.Is(err, kind) {
		t.Errorf("got %v, want one that is %v", err, kind)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %q", err, part)
		}
	}
}

func (r *rig) wantCalls(n int, parts ...string) {
	r.t.Helper()
	if got := r.log.Count(parts...); got != n {
		r.t.Errorf("%d calls of %v, want %d", got, parts, n)
	}
}

func TestWithoutConfigurationTheDefaultsWork(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	for range 3 {
		settings, err := r.Shop.Configuration(t.Context())
		if err != nil || !reflect.DeepEqual(settings, config.Shop{}) || settings.TypeKey() != "fft-order" {
			t.Errorf("got %+v, %v", settings, err)
		}
	}
	r.wantCalls(1, "GET /demo/custom-objects/fft/configuration")
}

func TestAChangedConfigurationIsInForceWithinItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newShop(t, "")
		r.ct.PutCustomObject("fft", "configuration", object{"orderCustomTypeKey": "one"})
		typeKey := func() string {
			settings, err := r.Shop.Configuration(t.Context())
			if err != nil {
				t.Error(err)
			}
			return settings.TypeKey()
		}
		first := typeKey()
		r.ct.PutCustomObject("fft", "configuration", object{"orderCustomTypeKey": "two"})
		time.Sleep(ttl)
		second := typeKey() // nobody asked in between
		r.ct.PutCustomObject("fft", "configuration", object{"orderCustomTypeKey": "three"})
		var third string
		for range 10 { // somebody always asks
			time.Sleep(ttl / 10)
			third = typeKey()
			synctest.Wait()
		}
		if got := []string{first, second, third}; !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("got %v", got)
		}
	})
}

func TestABrokenConfigurationBlocksUntilItIsMended(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	r.ct.PutCustomObject("fft", "configuration", object{"export": object{"trigger": object{"orderState": "Pigeon"}}})
	_, err := r.Shop.Configuration(t.Context())
	wantError(t, err, remote.Blocked, "blocked: custom object fft/configuration: export.trigger.orderState", "Pigeon", "(fix the custom object)")
	_, err = r.OwnType(t.Context())
	wantError(t, err, remote.Blocked, "Pigeon")
	r.ct.PutCustomObject("fft", "configuration", object{})
	if _, err := r.Shop.Configuration(t.Context()); err != nil {
		t.Errorf("fixed: %v", err)
	}
}

func TestAnEntryThatCannotBeUsedIsToldAndTheOthersStayInForce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newShop(t, "")
		var told []string
		s := shop.New(r.client, shop.Options{TTL: ttl, Refused: func(err error) { told = append(told, err.Error()) }})
		look := func() config.Shop {
			settings, err := s.Configuration(t.Context())
			synctest.Wait()
			if err != nil {
				t.Error(err)
			}
			time.Sleep(20 * ttl)
			return settings
		}
		r.ct.PutCustomObject("fft", "configuration", object{"shippingMethodMapping": object{"dhl": object{"serviceType": "PIGEON"}, "dpd": object{"serviceType": "SHIPPING"}}})
		first, second := look(), look()
		for _, settings := range []config.Shop{first, second} {
			if settings.ShippingMethods["dhl"].Unusable == "" || settings.ShippingMethods["dpd"].Unusable != "" {
				t.Errorf("got %+v", settings.ShippingMethods)
			}
		}
		if err := s.ConfigurationError(); len(told) != 1 || err == nil || !strings.Contains(err.Error(), "PIGEON") {
			t.Errorf("told %q, wrong %v", told, err)
		}
		r.ct.PutCustomObject("fft", "configuration", object{"shippingMethodMapping": object{"dpd": object{"serviceType": "SHIPPING"}}})
		if look(); s.ConfigurationError() != nil {
			t.Errorf("still wrong: %v", s.ConfigurationError())
		}
	})
}

func TestAnUnreachableConfigurationIsTransient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newShop(t, "")
		r.faults.SetOutage(true)
		_, err := r.Shop.Configuration(t.Context())
		wantError(t, err, remote.Transient, "503")
		_, err = r.OwnType(t.Context())
		wantError(t, err, remote.Transient, "503")
		_, err = r.Surroundings(t.Context(), commercetools.Order{}, config.Shop{})
		wantError(t, err, remote.Transient, "503")
	})
}

func TestAnOrdinaryOrderNeedsTheProjectOnce(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	order := r.order(object{})
	for range 3 {
		surroundings, err := r.Surroundings(t.Context(), order, config.Shop{CollectField: "pickup"})
		if err != nil || surroundings.ProjectKey != "demo" || surroundings.Country != "FR" || !slices.Equal(surroundings.Languages, []string{"fr", "de"}) {
			t.Errorf("got %+v, %v", surroundings, err)
		}
		if surroundings.StoreFacilities != nil || surroundings.ChannelKeys != nil {
			t.Errorf("got %+v", surroundings)
		}
	}
	r.wantCalls(1, "GET /demo")
}

func TestWithoutTheProjectsScopeTheOrdersLocaleMustDo(t *testing.T) {
	t.Parallel()
	r := newShop(t, "view_orders:demo")
	order := r.order(object{})
	for range 3 {
		surroundings, err := r.Surroundings(t.Context(), order, config.Shop{})
		if err != nil || surroundings.ProjectKey != "demo" || surroundings.Languages != nil || surroundings.Country != "" {
			t.Errorf("got %+v, %v", surroundings, err)
		}
	}
	r.wantCalls(1, "GET /demo")
}

func TestWithWrongCredentialsNoOrderIsMapped(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	r.faults.PlanFaults("GET /demo", 2, simulator.Fault{Status: http.StatusUnauthorized})
	_, err := r.Surroundings(t.Context(), commercetools.Order{}, config.Shop{})
	wantError(t, err, remote.Blocked, "read project", "401")
}

func TestAStoreIsReadOnceForAllItsOrders(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	r.ct.PutChannel(object{"key": "depot"})
	r.ct.PutChannel(object{"key": "branch"})
	r.ct.PutStore(object{"key": "berlin", "supplyChannels": []any{"depot", "branch"}})
	order := r.order(object{"store": object{"typeId": "store", "key": "berlin"}})
	for range 3 {
		surroundings, err := r.Surroundings(t.Context(), order, config.Shop{})
		if err != nil || !slices.Equal(surroundings.StoreFacilities, []string{"depot", "branch"}) {
			t.Errorf("got %+v, %v", surroundings, err)
		}
	}
	r.wantCalls(1, "GET /demo/stores/key=berlin")
	r.wantCalls(0, "GET /demo/channels")
}

func TestAStoreThatIsGoneNamesNoFacility(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	order := r.order(object{})
	order.Store = ptr(storeNamed("gone"))
	for range 2 {
		surroundings, err := r.Surroundings(t.Context(), order, config.Shop{})
		if err != nil || surroundings.StoreFacilities != nil {
			t.Errorf("got %+v, %v", surroundings, err)
		}
	}
	r.wantCalls(1, "GET /demo/stores/key=gone")
}

func TestAPickupChannelIsReadOnce(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	id := r.ct.PutChannel(object{"key": "depot"})
	withReference := orderType("fft-order")
	withReference["fieldDefinitions"] = []any{object{
		"name": "pickup", "label": object{"en": "x"}, "type": object{"name": "Reference", "referenceTypeId": "channel"},
	}}
	r.ct.PutType(withReference)
	order := r.order(object{"custom": object{
		"type": object{"typeId": "type", "key": "fft-order"}, "fields": object{"pickup": object{"typeId": "channel", "id": id}},
	}})
	settings := config.Shop{CollectField: "pickup"}
	for range 3 {
		surroundings, err := r.Surroundings(t.Context(), order, settings)
		if err != nil || surroundings.ChannelKeys[id] != "depot" {
			t.Errorf("got %+v, %v", surroundings, err)
		}
	}
	r.wantCalls(1, "GET /demo/channels/"+id)

	order.Snapshot.Fields["pickup"] = object{"typeId": "channel", "id": "gone"}
	if surroundings, err := r.Surroundings(t.Context(), order, settings); err != nil || surroundings.ChannelKeys["gone"] != "" {
		t.Errorf("a channel that is gone: %+v, %v", surroundings, err)
	}
}

func TestStoreAndChannelThatCannotBeReadStopTheMapping(t *testing.T) {
	t.Parallel()
	r := newShop(t, "view_orders:demo")
	order := r.order(object{})
	order.Store = ptr(storeNamed("berlin"))
	_, err := r.Surroundings(t.Context(), order, config.Shop{})
	wantError(t, err, remote.Blocked, "view_stores")
	stores := newShop(t, "view_orders:demo view_stores:demo view_project_settings:demo")
	for _, key := range []string{"depot", "branch"} {
		stores.ct.PutChannel(object{"key": key})
	}
	stores.ct.PutStore(object{"key": "berlin", "supplyChannels": []any{"depot", "branch"}})
	_, err = stores.Surroundings(t.Context(), order, config.Shop{})
	wantError(t, err, remote.Blocked, "view_channels", "berlin")
	order.Store = nil
	order.Snapshot.Fields = object{"pickup": object{"typeId": "channel", "id": "c"}}
	_, err = r.Surroundings(t.Context(), order, config.Shop{CollectField: "pickup"})
	wantError(t, err, remote.Blocked, "view_channels")
}

func TestAMissingTypeBlocksAndSaysHowToCreateIt(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	_, err := r.OwnType(t.Context())
	wantError(t, err, remote.Blocked, "blocked: the custom type fft-order for orders does not exist", "fftconnect install")
	if remote.HintOf(err) == "" {
		t.Errorf("%v has no hint", err)
	}
	id := r.ct.PutType(orderType("fft-order", "fft_order_id"))
	schema, err := r.OwnType(t.Context())
	if err != nil || schema.TypeID != id || schema.Key != "fft-order" || !reflect.DeepEqual(schema.Fields, map[string]bool{"fft_order_id": true}) {
		t.Errorf("got %+v, %v", schema, err)
	}
}

func TestTheConfiguredTypeIsUsed(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	r.ct.PutCustomObject("fft", "configuration", object{"orderCustomTypeKey": "my-order"})
	id := r.ct.PutType(orderType("my-order", "one", "two"))
	for range 3 {
		if schema, err := r.OwnType(t.Context()); err != nil || schema.TypeID != id || len(schema.Fields) != 2 {
			t.Errorf("got %+v, %v", schema, err)
		}
	}
	r.wantCalls(1, "GET /demo/types/key=my-order")
}

func TestAForgottenTypeIsReadAnew(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	id := r.ct.PutType(orderType("other", "one"))
	read := func(want int) {
		t.Helper()
		if schema, err := r.TypeByID(t.Context(), id); err != nil || len(schema.Fields) != want || schema.Key != "other" {
			t.Errorf("got %+v, %v, want %d fields", schema, err, want)
		}
	}
	read(1)
	r.ct.PutType(orderType("other", "one", "two"))
	read(1)
	r.ForgetType("some other type")
	read(1)
	r.ForgetType(id)
	read(2)
	r.wantCalls(2, "GET /demo/types/"+id)
	_, err := r.TypeByID(t.Context(), "none")
	wantError(t, err, remote.NotFound)
}

func TestOurOwnTypeIsForgottenToo(t *testing.T) {
	t.Parallel()
	r := newShop(t, "")
	r.ct.PutType(orderType("fft-order", "one"))
	if schema, err := r.OwnType(t.Context()); err != nil || len(schema.Fields) != 1 {
		t.Fatalf("got %+v, %v", schema, err)
	}
	r.ct.PutType(orderType("fft-order", "one", "two"))
	r.ForgetType("")
	if schema, err := r.OwnType(context.WithoutCancel(t.Context())); err != nil || len(schema.Fields) != 2 {
		t.Errorf("got %+v, %v, want both fields", schema, err)
	}
}

func storeNamed(key string) platform.StoreKeyReference { return platform.StoreKeyReference{Key: key} }

func ptr[T any](value T) *T { return &value }
