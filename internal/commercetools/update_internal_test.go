package commercetools

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/remote"
)

// TestAnUpdateIsWrittenAsTheSDKWritesIt covers the kinds of actions that are written without its methods.
func TestAnUpdateIsWrittenAsTheSDKWritesIt(t *testing.T) {
	t.Parallel()
	key := "fft-order"
	fields := platform.FieldContainer{"fft_order_id": "a<b", "n": 2}
	actions := []platform.OrderUpdateAction{
		platform.OrderSetCustomTypeAction{Type: &platform.TypeResourceIdentifier{Key: &key}, Fields: &fields},
		platform.OrderSetCustomTypeAction{},
		platform.OrderSetCustomFieldAction{Name: "fft_short_id", Value: ""},
		platform.OrderSetCustomFieldAction{Name: "fft_deliveries", Value: []string{"a"}},
		platform.OrderSetCustomFieldAction{Name: "gone"},
		platform.OrderChangeShipmentStateAction{ShipmentState: platform.ShipmentStateReady},
		platform.OrderChangeShipmentStateAction{},
		platform.OrderSetPurchaseOrderNumberAction{},
	}
	want, err := json.Marshal(platform.OrderUpdate{Version: 3, Actions: actions})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(orderUpdate(3, actions))
	if err != nil || string(got) != string(want) {
		t.Errorf("%v\n%s, the SDK:\n%s", err, got, want)
	}
}

// TestAnUpdateKeepsTheLinesThatItDoesNotChange compares what is read of an answer with all of it.
func TestAnUpdateKeepsTheLinesThatItDoesNotChange(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../export/testdata/golden/*/order.json")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d golden orders: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all Snapshot
		if err := remote.Decode(text, &all); err != nil {
			t.Fatal(err)
		}
		whole, some := snapshotReader{}, snapshotReader{lines: &all}
		if err := errors.Join(remote.Decode(text, &whole), remote.Decode(text, &some)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, whole.Snapshot) + cmp.Diff(all, some.Snapshot); diff != "" {
			t.Errorf("%s:\n%s", file, diff)
		}
	}
	for _, action := range []platform.OrderUpdateAction{
		platform.OrderTransitionLineItemStateAction{}, platform.OrderTransitionCustomLineItemStateAction{}, platform.OrderImportLineItemStateAction{},
	} {
		if !changesLines(action) {
			t.Errorf("%T does not change lines", action)
		}
	}
	if changesLines(platform.OrderSetCustomFieldAction{}) {
		t.Error("a custom field of the order changes lines")
	}
}
