package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"fftconnect/internal/simulator/fftsim"
)

// patch changes an order at its current version.
func (b *bundle) patch(id string, change object) (int, any) {
	b.t.Helper()
	body := object{"version": b.read("/api/orders/" + id)["version"]}
	for name, value := range change {
		body[name] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.call(http.MethodPatch, "/api/orders/"+id, string(text))
}

// modifyAll changes everything about an order that can change.
func (b *bundle) modifyAll(id string) {
	b.t.Helper()
	o := b.read("/api/orders/" + id)
	lines := o["orderLineItems"].([]any)
	for _, change := range []object{
		{"consumer": o["consumer"], "comment": "moved"},
		{"orderLineItems": []any{
			object{"id": lines[0].(object)["id"], "quantity": 5, "article": lines[0].(object)["article"]},
			object{"quantity": 1, "article": object{"tenantArticleId": "SKU-9", "title": "Bowl"}},
		}},
		{"preferredHandlingTime": "2026-03-04T08:00:00.000Z"},
		{"customAttributes": object{"commercetoolsId": "ct-1", "gift": true}},
	} {
		if status, answer := b.patch(id, change); status != http.StatusOK {
			b.t.Fatalf("%v: %d %v", change, status, answer)
		}
	}
	b.read("/api/configurations/ordermodification")
}

func TestAnOrderIsModifiedAndRoutedAnew(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	id := b.create()
	b.steps(id, 1)
	lines := b.read("/api/orders/" + id)["orderLineItems"].([]any)
	status, answer := b.patch(id, object{"orderLineItems": []any{object{"id": lines[0].(object)["id"], "quantity": 3}}})
	if status != http.StatusOK || len(answer.(object)["orderLineItems"].([]any)) != 1 {
		t.Fatalf("%d %v", status, answer)
	}
	if heard := b.heard(id); !slices.Equal(heard[3:], []string{"ORDER_MODIFIED", "PICK_JOB_REROUTED"}) {
		t.Errorf("heard %v", heard)
	}
	b.steps(id, 1)
	jobs := b.order(id).PickJobs
	job := b.read("/api/pickjobs/" + jobs[len(jobs)-1].ID)
	if picked := job["pickLineItems"].([]any); len(picked) != 1 || picked[0].(object)["quantity"] != 3.0 {
		t.Errorf("the new pick job has %v", picked)
	}
}

func TestWhatAModificationNeeds(t *testing.T) {
	t.Parallel()
	lines := object{"orderLineItems": []any{object{"quantity": 1, "article": object{"tenantArticleId": "S", "title": "S"}}}}
	consumer := object{"consumer": object{"addresses": []any{
		object{"street": "New", "city": "Bonn", "postalCode": "53111", "country": "DE"},
	}}}
	for _, c := range []struct {
		name   string
		opts   fftsim.Options
		steps  int
		change object
		status int
	}{
		{"an address before routing", fftsim.Options{}, 0, consumer, 200},
		{"an address while picking", fftsim.Options{}, 2, consumer, 200},
		{"lines of an order with an open pick job", fftsim.Options{}, 1, lines, 200},
		{"lines while picking", fftsim.Options{}, 2, lines, 400},
		{"a time while picking", fftsim.Options{}, 2, object{"preferredHandlingTime": "2026-03-04T08:00:00.000Z"}, 400},
		{"attributes while picking", fftsim.Options{}, 2, object{"customAttributes": object{"a": 1}}, 400},
		{"lines that the tenant has fixed", fftsim.Options{FixedLines: true}, 0, lines, 400},
		{"attributes although lines are fixed", fftsim.Options{FixedLines: true}, 0, object{"customAttributes": object{"a": 1}}, 200},
		{"an address without the permission", fftsim.Options{NoModification: true}, 0, consumer, 403},
		{"no lines at all", fftsim.Options{}, 0, object{"orderLineItems": []any{}}, 400},
		{"a line that the order does not have", fftsim.Options{}, 0, object{"orderLineItems": []any{object{"id": "nobody", "quantity": 1}}}, 400},
		{"something that cannot change", fftsim.Options{}, 0, object{"tags": []any{}}, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			opts := manual()
			opts.FixedLines, opts.NoModification = c.opts.FixedLines, c.opts.NoModification
			b := setup(t, opts)
			id := b.create()
			if c.steps > 0 {
				b.steps(id, c.steps)
			}
			if status, answer := b.patch(id, c.change); status != c.status {
				t.Errorf("%d %v, want %d", status, answer, c.status)
			}
		})
	}
}

func TestAModificationNeedsTheVersion(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	id := b.create()
	b.want(http.StatusConflict, http.MethodPatch, "/api/orders/"+id, `{"version":7,"comment":"x"}`)
	b.want(http.StatusBadRequest, http.MethodPatch, "/api/orders/"+id, `{"comment":"x"}`)
	b.want(http.StatusNotFound, http.MethodPatch, "/api/orders/nobody", `{"version":1}`)
}

func TestTheConfigurationOfModificationsChanges(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	now := b.read("/api/configurations/ordermodification")
	if now["allowOrderLineItemModification"] != true {
		t.Fatalf("%v", now)
	}
	b.want(http.StatusOK, http.MethodPut, "/api/configurations/ordermodification",
		fmt.Sprintf(`{"version":%v,"allowOrderLineItemModification":false}`, now["version"]))
	if now = b.read("/api/configurations/ordermodification"); now["allowOrderLineItemModification"] != false {
		t.Errorf("%v", now)
	}
	b.want(http.StatusConflict, http.MethodPut, "/api/configurations/ordermodification", `{"version":0,"allowOrderLineItemModification":true}`)
}
