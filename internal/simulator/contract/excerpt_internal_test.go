package contract

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"fftconnect/internal/testform"
)

// pets has what an excerpt must not miss: a base that is only named by an heir, another that
// names a single one of its heirs, and references in turn.
const pets = `openapi: 3.0.1
info: {title: pets, version: v1}
paths:
  /pets:
    get:
      responses:
        "200":
          description: all
          content: {application/json: {schema: {$ref: "#/components/schemas/Dog"}}}
  /houses:
    get:
      responses:
        "200": {$ref: "#/components/responses/House"}
components:
  responses:
    House:
      description: one
      content: {application/json: {schema: {$ref: "#/components/schemas/House"}}}
  schemas:
    Failure:
      properties: {why: {type: string}}
    # an heir is a Pet
    Pet:
      required: [kind]
      properties: {kind: {type: string}, owner: {$ref: "#/components/schemas/Owner"}}
      discriminator:
        propertyName: kind
        mapping:
          dog: "#/components/schemas/Dog"
          cat: "#/components/schemas/Cat"
    Dog:
      properties: {kind: {type: string}, barks: {type: boolean}}
    Cat:
      properties: {kind: {type: string}, toy: {$ref: "#/components/schemas/Toy"}}
    Toy:
      properties: {name: {type: string}}
    Owner:
      properties: {name: {type: string}}
    Note:
      properties: {type: {type: string}}
      discriminator:
        propertyName: type
        mapping:
          Plain: "#/components/schemas/PlainNote"
    PlainNote:
      allOf: [{$ref: "#/components/schemas/Note"}]
    BirthNote:
      allOf: [{$ref: "#/components/schemas/Note"}]
      properties: {born: {$ref: "#/components/schemas/Dog"}}
    House:
      properties: {rooms: {type: integer}, residents: {type: array, items: {$ref: "#/components/schemas/Pet"}}}
`

func TestAnExcerptSaysWhatTheWholeFileSays(t *testing.T) {
	t.Parallel()
	quirks := quirks{failure: "Failure"}
	text, whole := cutFile([]byte(pets)).excerpt(func(p part) bool { return p == part{pathKind, "/pets"} }, quirks)
	if whole[part{schemaKind, "Pet"}] || !whole[part{schemaKind, "Dog"}] || strings.Contains(string(text), "House") || strings.Contains(string(text), "Toy") {
		t.Errorf("not what /pets needs:\n%s", text)
	}
	sameAsWhole(t, []byte(pets), quirks, func(p part) bool { return p == part{pathKind, "/pets"} })
	sameAsWhole(t, []byte(pets), quirks, func(p part) bool { return p == part{pathKind, "/houses"} })
	quirks.suffixes = map[string]string{"Note": "Note"}
	sameAsWhole(t, []byte(pets), quirks, func(p part) bool { return p == part{schemaKind, "Note"} })
}

// TestExcerptsOfTheVendorsFiles is for whoever changes how they are made: it reads all.
func TestExcerptsOfTheVendorsFiles(t *testing.T) {
	t.Parallel()
	testform.InSlow(t)
	dir, ok := FindSpecs()
	if !ok {
		t.Skip(ErrAbsent)
	}
	for platform, quirks := range map[string]quirks{Commercetools: commercetoolsQuirks, Fulfillmenttools: fulfillmenttoolsQuirks} {
		text, err := os.ReadFile(filepath.Join(dir, platform+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		sameAsWhole(t, text, quirks, func(p part) bool { return p == part{schemaKind, "Order"} })
		sameAsWhole(t, text, quirks, quirks.inUse)
	}
}

func sameAsWhole(t *testing.T, text []byte, quirks quirks, wanted func(part) bool) {
	t.Helper()
	cut := cutFile(text)
	short, whole := cut.excerpt(wanted, quirks)
	excerpt := understand(t, short, whole, quirks)
	all := map[part]bool{}
	for p := range cut {
		all[p] = true
	}
	everything := understand(t, text, all, quirks)
	if len(excerpt.schemas) < 2 || len(excerpt.schemas) >= len(everything.schemas) || len(excerpt.routes) >= len(everything.routes) {
		t.Errorf("%d schemas of %d, %d routes of %d", len(excerpt.schemas), len(everything.schemas), len(excerpt.routes), len(everything.routes))
	}
	maps.DeleteFunc(everything.schemas, func(name string, _ *openapi3.Schema) bool { return excerpt.schemas[name] == nil })
	var routes []route
	for _, r := range everything.routes {
		if wanted(part{pathKind, r.template}) {
			routes = append(routes, r)
		}
	}
	if !reflect.DeepEqual(excerpt.schemas, everything.schemas) || !reflect.DeepEqual(excerpt.routes, routes) {
		t.Error("the excerpt says something else") // where, the schemas, which lead to themselves, make hard to say
	}
}

func understand(t *testing.T, text []byte, whole map[part]bool, quirks quirks) *description {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, text)
	}
	d, err := describe(document, whole, quirks)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
