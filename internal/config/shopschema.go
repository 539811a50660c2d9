package config

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"fftconnect/internal/rules"
)

// ShopSchema is the JSON Schema of the shop's configuration.
func ShopSchema() []byte {
	schema := schemaOf(reflect.TypeFor[Shop](), "")
	schema.Schema = "https://json-schema.org/draft/2020-12/schema"
	schema.Title = "Configuration of fftconnect"
	schema.Description = "How a shop's orders go to fulfillmenttools and come back. Keys that begin with x- are nobody's: a place for what aliases refer to."
	schema.Properties[schemaKey] = &jsonschema.Schema{Type: "string", Description: "where this schema is, for editors"}
	schema.PatternProperties = map[string]*jsonschema.Schema{"^" + apartPrefix: {}}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic(err) // the schema above is wrong
	}
	return append(text, '\n')
}

// schemaOf describes what a type of the configuration takes, as a file.
func schemaOf(t reflect.Type, tag reflect.StructTag) *jsonschema.Schema {
	switch {
	case t == reflect.TypeFor[rules.Expression]():
		return expressionSchema()
	case t.Kind() == reflect.Pointer:
		return schemaOf(t.Elem(), tag)
	case t.Kind() == reflect.Struct:
		return objectSchema(t)
	case t.Kind() == reflect.Map:
		return mapSchema(t, tag)
	case t.Kind() == reflect.Slice:
		return listSchema(t, tag)
	case t.Kind() == reflect.Bool:
		return &jsonschema.Schema{Type: "boolean"}
	case t.Kind() == reflect.Int:
		return &jsonschema.Schema{Type: "integer", Minimum: new(1.0), Maximum: new(float64(maxStickerPriority))}
	}
	return textSchema(tag)
}

func listSchema(t reflect.Type, tag reflect.StructTag) *jsonschema.Schema {
	items := schemaOf(t.Elem(), tag)
	if items.Type == "string" {
		items.MinLength = new(1)
	}
	return &jsonschema.Schema{Type: "array", Items: items}
}

func textSchema(tag reflect.StructTag) *jsonschema.Schema {
	schema := &jsonschema.Schema{Type: "string"}
	for _, value := range allowedValues(tag) {
		schema.Enum = append(schema.Enum, value)
	}
	if schema.Enum == nil {
		schema.MinLength = new(1)
	}
	return schema
}

// expressionSchema also takes true, false and numbers, which are expressions too.
func expressionSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Types: []string{"string", "boolean", "number"}, MinLength: new(1)}
}

func objectSchema(t reflect.Type) *jsonschema.Schema {
	schema := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: neverValidSchema()}
	for field := range fieldsOf(t) {
		key := keyOf(field)
		below := schemaOf(field.Type, field.Tag)
		below.Description = field.Tag.Get("jsonschema")
		schema.Properties[key] = below
		schema.PropertyOrder = append(schema.PropertyOrder, key)
		if field.Tag.Get("required") != "" {
			schema.Required = append(schema.Required, key)
		}
	}
	return schema
}

func neverValidSchema() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

func mapSchema(t reflect.Type, tag reflect.StructTag) *jsonschema.Schema {
	schema := &jsonschema.Schema{Type: "object", AdditionalProperties: schemaOf(t.Elem(), "")}
	switch {
	case tag.Get("expression") == "target":
		schema.Properties, schema.PatternProperties = targetSchemas()
		schema.AdditionalProperties = neverValidSchema()
	case t.Elem().Kind() == reflect.String:
		schema.AdditionalProperties.MinLength = new(1)
	}
	return schema
}

// targetSchemas offers every path of the fulfillmenttools order, and patterns for those
// that go on with a name.
func targetSchemas() (paths, patterns map[string]*jsonschema.Schema) {
	paths, patterns = map[string]*jsonschema.Schema{}, map[string]*jsonschema.Schema{}
	for _, path := range rules.TargetPaths() {
		target, err := rules.TargetOf(path)
		if err != nil {
			continue
		}
		paths[path] = expressionSchema()
		paths[path].Description = "expression that results in " + target.Kind.String()
		if target.Listed {
			patterns["^"+regexp.QuoteMeta(path)+`\[[^\[\]]+\](\.[A-Za-z.\[\]]+)?$`] = expressionSchema()
		}
		if target.Named {
			name := `.`
			if strings.HasSuffix(path, "customAttributes") {
				name = `[^$.][^.]*$` // as fulfillmenttools takes them
			}
			patterns["^"+regexp.QuoteMeta(path)+`\.`+name] = expressionSchema()
		}
	}
	return paths, patterns
}
