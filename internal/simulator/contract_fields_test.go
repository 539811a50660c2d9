package simulator_test

import (
	"strings"
	"testing"

	"fftconnect/internal/rules"
	"fftconnect/internal/simulator/contract"
)

// export.set reaches every field that fulfillmenttools takes of an order.
func TestEveryFieldOfAnOrderCanBeSet(t *testing.T) {
	t.Parallel()
	fields, err := shared(t).Fields(contract.Fulfillmenttools, "OrderForCreation")
	if err != nil {
		t.Fatal(err)
	}
	if len(fields) < 100 {
		t.Fatalf("only %d fields: %v", len(fields), fields)
	}
	for _, field := range fields {
		if field == "tenantOrderId" || strings.Contains(field, "attributes[].context") {
			continue // set by export.tenantOrderId; for listings only
		}
		if _, err := rules.TargetOf(field); err != nil {
			t.Errorf("%v", err)
		}
	}
}
