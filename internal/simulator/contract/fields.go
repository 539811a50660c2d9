package contract

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Fields lists the paths of all fields of a schema, of lists as name[].
func (v *Validator) Fields(platform, schemaName string) ([]string, error) {
	p, err := v.of(platform)
	if err != nil {
		return nil, err
	}
	d, err := p.about(schemaName)
	if err != nil {
		return nil, err
	}
	var fields []string
	collectFields(&fields, d.schemas[schemaName], "", nil)
	return fields, nil
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
