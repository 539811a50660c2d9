package contract

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"fftconnect/internal/rules"
)

// export.set reaches every field that fulfillmenttools takes of an order.
func TestEveryFieldOfAnOrderCanBeSet(t *testing.T) {
	t.Parallel()
	v, err := Shared()
	if errors.Is(err, ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	d, err := v.platforms[Fulfillmenttools].about("OrderForCreation")
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	collectFields(&fields, d.schemas["OrderForCreation"], "", nil)
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

// collectFields lists the paths of a schema's fields; above are the schemas that it is in.
func collectFields(to *[]string, schema *openapi3.Schema, prefix string, above []*openapi3.Schema) {
	if schema == nil || slices.Contains(above, schema) {
		return
	}
	above = append(above, schema)
	for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		collectFields(to, part.Value, prefix, above)
	}
	for name, property := range schema.Properties {
		if path := prefix + name; !slices.Contains(*to, path) {
			*to = append(*to, path)
		}
		collectBelow(to, property.Value, prefix+name, above)
	}
}

func collectBelow(to *[]string, schema *openapi3.Schema, path string, above []*openapi3.Schema) {
	if schema == nil {
		return
	}
	if schema.Items != nil {
		collectFields(to, schema.Items.Value, path+"[].", above)
	}
	for _, part := range schema.AllOf {
		collectBelow(to, part.Value, path, above)
	}
	collectFields(to, schema, path+".", above)
}
