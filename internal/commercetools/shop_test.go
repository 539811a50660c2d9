package commercetools_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/ctsim"
)

func textField(name string) platform.FieldDefinition {
	return platform.FieldDefinition{Name: name, Label: platform.LocalizedString{"en": name}, Type: platform.CustomFieldStringType{}}
}

func fieldNames(of *platform.Type) []string {
	var names []string
	for _, field := range of.FieldDefinitions {
		names = append(names, field.Name)
	}
	return names
}

func TestATypeIsCreatedExtendedAndDeleted(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	_, err := r.TypeByKey(t.Context(), "fft-order")
	wantError(t, err, remote.NotFound, "read type", "fft-order")

	created, err := r.CreateType(t.Context(), platform.TypeDraft{
		Key: "fft-order", Name: platform.LocalizedString{"en": "fft"},
		ResourceTypeIds: []platform.ResourceTypeId{platform.ResourceTypeIdOrder}, FieldDefinitions: []platform.FieldDefinition{textField("one")},
	})
	if err != nil {
		t.Fatal(err)
	}
	extended, err := r.AddFields(t.Context(), created, []platform.FieldDefinition{textField("two"), {
		Name: "three", Label: platform.LocalizedString{"en": "three"}, Type: platform.CustomFieldNumberType{},
	}})
	if err != nil || !slices.Equal(fieldNames(extended), []string{"one", "two", "three"}) {
		t.Fatalf("got %v, %v", extended, err)
	}
	_, err = r.AddFields(t.Context(), created, []platform.FieldDefinition{textField("late")})
	wantError(t, err, remote.Conflict, "add fields to type")

	if err := r.RemoveFields(t.Context(), extended, []string{"one"}); err != nil {
		t.Fatal(err)
	}
	found, err := r.TypeByKey(t.Context(), "fft-order")
	if err != nil || !slices.Equal(fieldNames(found), []string{"two", "three"}) {
		t.Errorf("got %v, %v", found, err)
	}
	if byID, err := r.TypeByID(t.Context(), created.ID); err != nil || byID.Version != found.Version {
		t.Errorf("got %v, %v", byID, err)
	}

	r.order(object{"custom": object{"type": object{"typeId": "type", "key": "fft-order"}, "fields": object{"two": "x"}}})
	err = r.DeleteType(t.Context(), found.ID, found.Version)
	wantError(t, err, remote.Rejected, "delete type", "answered 400 ReferenceExists")
	for _, id := range r.ct.OrderIDs() {
		if err := r.ct.DeleteOrder(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.DeleteType(t.Context(), found.ID, found.Version); err != nil {
		t.Error(err)
	}
	_, err = r.TypeByID(t.Context(), found.ID)
	wantError(t, err, remote.NotFound)
}

func TestATypeThatExistsIsRefusedWithItsField(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	r.ct.PutType(object{"key": "fft-order", "name": object{"en": "x"}, "resourceTypeIds": []any{"order"}})
	_, err := r.CreateType(t.Context(), platform.TypeDraft{
		Key: "fft-order", Name: platform.LocalizedString{"en": "fft"}, ResourceTypeIds: []platform.ResourceTypeId{platform.ResourceTypeIdOrder},
	})
	wantError(t, err, remote.Rejected, "create type", "answered 400 DuplicateField", "(field key)")
}

func TestACreationThatMayHaveHappenedIsNotRepeated(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	r.faults.PlanFaults("POST /demo/types", 1, simulator.Fault{LoseAnswer: true})
	_, err := r.CreateType(t.Context(), platform.TypeDraft{
		Key: "fft-order", Name: platform.LocalizedString{"en": "fft"}, ResourceTypeIds: []platform.ResourceTypeId{platform.ResourceTypeIdOrder},
	})
	wantError(t, err, remote.Transient, "create type")
	if !remote.IsAmbiguous(err) || r.log.Count("POST /demo/types") != 1 {
		t.Errorf("ambiguous %v after %d calls", remote.IsAmbiguous(err), r.log.Count("POST /demo/types"))
	}
}

func TestTheConfigurationObjectIsRead(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	_, err := r.CustomObject(t.Context(), "fft", "configuration")
	wantError(t, err, remote.NotFound, "read configuration object")
	r.ct.PutCustomObject("fft", "configuration", object{"orderCustomTypeKey": "x"})
	value, err := r.CustomObject(t.Context(), "fft", "configuration")
	if err != nil || string(value) != `{"orderCustomTypeKey":"x"}` {
		t.Errorf("got %s, %v", value, err)
	}
}

func TestStoresChannelsAndProjectAreRead(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{Languages: []string{"fr"}, Countries: []string{"FR"}})
	id := r.ct.PutChannel(object{"key": "depot"})
	r.ct.PutStore(object{"key": "berlin", "supplyChannels": []any{"depot"}})
	store, err := r.Store(t.Context(), "berlin")
	if err != nil || len(store.SupplyChannels) != 1 || store.SupplyChannels[0].Obj == nil || store.SupplyChannels[0].Obj.Key != "depot" {
		t.Errorf("got %+v, %v", store, err)
	}
	channel, err := r.Channel(t.Context(), id)
	if err != nil || channel.Key != "depot" {
		t.Errorf("got %+v, %v", channel, err)
	}
	project, err := r.Project(t.Context())
	if err != nil || project.Languages[0] != "fr" || project.Countries[0] != "FR" {
		t.Errorf("got %+v, %v", project, err)
	}
	_, err = r.Store(t.Context(), "none")
	wantError(t, err, remote.NotFound, "read store")
	_, err = r.Channel(t.Context(), "none")
	wantError(t, err, remote.NotFound, "read channel")
}

func orderMessages(key string) platform.SubscriptionDraft {
	return platform.SubscriptionDraft{
		Key: &key, Destination: platform.GoogleCloudPubSubDestination{ProjectId: "gcp", Topic: "orders"},
		Messages: []platform.MessageSubscription{{ResourceTypeId: "order", Types: []string{"OrderCreated", "OrderStateChanged"}}},
		Format:   platform.PlatformFormat{},
	}
}

func TestASubscriptionIsCreatedChangedAndDeleted(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	if found, err := r.Subscription(t.Context(), "fftconnect"); found != nil || err != nil {
		t.Fatalf("got %+v, %v, want none", found, err)
	}
	created, err := r.CreateSubscription(t.Context(), orderMessages("fftconnect"))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := r.UpdateSubscription(t.Context(), created.ID, created.Version, []platform.SubscriptionUpdateAction{
		platform.SubscriptionSetMessagesAction{Messages: []platform.MessageSubscription{{ResourceTypeId: "order", Types: []string{"OrderDeleted"}}}},
		platform.SubscriptionChangeDestinationAction{Destination: platform.GoogleCloudPubSubDestination{ProjectId: "gcp", Topic: "others"}},
	})
	if err != nil || changed.Version <= created.Version {
		t.Fatalf("got %+v, %v", changed, err)
	}
	found, err := r.Subscription(t.Context(), "fftconnect")
	if err != nil || found.ID != created.ID || found.Messages[0].Types[0] != "OrderDeleted" {
		t.Fatalf("got %+v, %v", found, err)
	}
	if text, _ := json.Marshal(found.Destination); string(text) != `{"type":"GoogleCloudPubSub","projectId":"gcp","topic":"others"}` {
		t.Errorf("delivers to %s", text)
	}
	err = r.DeleteSubscription(t.Context(), found.ID, created.Version)
	wantError(t, err, remote.Conflict, "delete subscription")
	if err := r.DeleteSubscription(t.Context(), found.ID, found.Version); err != nil {
		t.Fatal(err)
	}
	if left := r.ct.Subscriptions(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestADestinationThatCannotBeReachedIsRefusedWithoutItsSecret(t *testing.T) {
	t.Parallel()
	unreachable := roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusForbidden, Body: http.NoBody, Request: r}, nil
	})
	r := setup(t, ctsim.Options{Client: &http.Client{Transport: unreachable}})
	r.ct.RoutePush("GoogleCloudPubSub:gcp/orders", "http://connector/push", nil)
	_, err := r.CreateSubscription(t.Context(), orderMessages("fftconnect"))
	wantError(t, err, remote.Rejected, "create subscription", "answered 400")
	if found, err := r.Subscription(t.Context(), "fftconnect"); found != nil || err != nil {
		t.Errorf("got %+v, %v, want none", found, err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
