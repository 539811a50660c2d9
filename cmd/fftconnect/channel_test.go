package main

import (
	"net/http"

	"github.com/rogpeppe/go-internal/testscript"

	"fftconnect/internal/simulator"
)

// channel puts channels that hold stock, renames one, or deletes one:
// channel put KEY…, channel rename KEY NAME, channel delete KEY.
func channel(ts *testscript.TestScript, _ bool, args []string) {
	p := of(ts)
	switch args[0] {
	case "put":
		for _, key := range args[1:] {
			p.CT.PutChannel(map[string]any{
				"key": key, "roles": []any{"InventorySupply"}, "name": map[string]any{"de": key},
				"address": map[string]any{"streetName": "Ring", "postalCode": "53111", "city": "Bonn", "country": "DE"},
			})
		}
	case "rename":
		ts.Check(p.CT.EditChannel(args[1], map[string]any{"action": "changeName", "name": map[string]any{"de": args[2]}}))
	case "delete":
		ts.Check(p.CT.DeleteChannel(args[1]))
	}
}

// facilityIs wants a facility's name and status: facility KEY NAME STATUS.
func facilityIs(ts *testscript.TestScript, _ bool, args []string) {
	for _, view := range of(ts).FFT.Facilities() {
		if view.TenantFacilityID == args[0] {
			if view.Name != args[1] || view.Status != args[2] {
				ts.Fatalf("facility %s is called %s and %s", args[0], view.Name, view.Status)
			}
			return
		}
	}
	ts.Fatalf("there is no facility %s", args[0])
}

// refuse lets fulfillmenttools answer so many calls with a status: refuse STATUS CALL.
func refuse(ts *testscript.TestScript, _ bool, args []string) {
	status := map[string]int{"400": http.StatusBadRequest, "403": http.StatusForbidden}[args[0]]
	faults := of(ts).FFTFaults
	faults.Clear()
	if status != 0 {
		faults.PlanFaults(args[1], 1000, simulator.Fault{Status: status})
	}
}
