package shadow

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

const anOrder = `{"tenantOrderId":"A-1","orderDate":"2026-01-02T03:04:05Z","customAttributes":{"commercetoolsId":"o"},
	"consumer":{"addresses":[{"addressType":"POSTAL_ADDRESS","street":"Lindenweg","city":"Köln"}]},
	"orderLineItems":[{"article":{"tenantArticleId":"MUG","title":"Becher","attributes":[{"key":"color","value":"red"}]},"quantity":2,"customAttributes":{"commercetoolsId":"l1"}},
		{"article":{"tenantArticleId":"CUP","title":"Tasse"},"quantity":1,"customAttributes":{"commercetoolsId":"l2"}}],
	"tags":[{"id":"store","value":"berlin"}]}`

func TestWhatThePlatformAddsIsNoDifference(t *testing.T) {
	t.Parallel()
	theirs := decoded(t, anOrder)
	theirs["id"], theirs["version"], theirs["processId"], theirs["status"] = "x", 3.0, "p", "OPEN"
	theirs["orderDate"] = "2026-01-02T04:04:05.000+01:00"
	lines := theirs["orderLineItems"].([]any)
	lines[0].(map[string]any)["id"] = "line"
	slices.Reverse(lines)
	theirs["deliveryPreferences"] = map[string]any{"shipping": map[string]any{"preselectedFacilities": []any{}}}
	if found := compareDocuments(decoded(t, anOrder), theirs); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func TestEachDifferenceIsFoundWhereItIs(t *testing.T) {
	t.Parallel()
	line := func(document map[string]any, i int) map[string]any {
		return document["orderLineItems"].([]any)[i].(map[string]any)
	}
	for name, c := range map[string]struct {
		change func(theirs map[string]any)
		want   string
	}{
		"a title": {
			func(theirs map[string]any) { line(theirs, 0)["article"].(map[string]any)["title"] = " " },
			`orderLineItems.article.title (differs: at "l1" ours "Becher", theirs " ")`,
		},
		"a quantity": {
			func(theirs map[string]any) { line(theirs, 1)["quantity"] = 3.0 },
			`orderLineItems.quantity (differs: at "l2" ours 1, theirs 3)`,
		},
		"an attribute's value": {
			func(theirs map[string]any) {
				line(theirs, 0)["article"].(map[string]any)["attributes"] = []any{map[string]any{"key": "color", "value": "rot"}}
			},
			`orderLineItems.article.attributes.value (differs: at "l1 color")`,
		},
		"an attribute that is missing": {
			func(theirs map[string]any) { delete(line(theirs, 0)["article"].(map[string]any), "attributes") },
			`orderLineItems.article.attributes (only ours: at "l1 color")`,
		},
		"a line that is missing": {
			func(theirs map[string]any) { theirs["orderLineItems"] = theirs["orderLineItems"].([]any)[:1] },
			`orderLineItems (only ours: at "l2")`,
		},
		"a field that we do not write": {
			func(theirs map[string]any) { theirs["consumer"].(map[string]any)["email"] = "ada@example.org" },
			`consumer.email (only theirs)`,
		},
		"an address": {
			func(theirs map[string]any) {
				theirs["consumer"].(map[string]any)["addresses"].([]any)[0].(map[string]any)["street"] = "Bergweg"
			},
			`consumer.addresses.street (differs)`,
		},
		"a tag's value": {
			func(theirs map[string]any) { theirs["tags"].([]any)[0].(map[string]any)["value"] = "ada@example.org" },
			`tags.value (differs: at "store")`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := decoded(t, anOrder)
			c.change(theirs)
			found := compareDocuments(decoded(t, anOrder), theirs)
			if len(found) != 1 || found[0].String() != c.want {
				t.Errorf("found %v, want %s", found, c.want)
			}
		})
	}
}

func TestPlacesOfOneFieldAreOneDifference(t *testing.T) {
	t.Parallel()
	theirs := decoded(t, anOrder)
	for _, part := range theirs["orderLineItems"].([]any) {
		part.(map[string]any)["article"].(map[string]any)["title"] = " "
	}
	found := compareDocuments(decoded(t, anOrder), theirs)
	if len(found) != 1 || !strings.HasSuffix(found[0].Detail, "2 places") {
		t.Errorf("found %v", found)
	}
}

func TestNoPersonalDataIsInADifference(t *testing.T) {
	t.Parallel()
	ours := decoded(t, `{"consumer":{"email":"ada@example.org","addresses":[{"addressType":"Ada","firstName":"Ada","phoneNumbers":[{"type":"Ada","value":"Ada"}]}]},
		"customAttributes":{"note":"Ada"},"tags":[{"id":"t","value":"Ada"}],"stickers":[{"key":"s","nameLocalized":{"de_DE":"Ada"}}]}`)
	for _, found := range [][]Difference{compareDocuments(ours, nil), compareDocuments(nil, ours), compareDocuments(ours, decoded(t, strings.ReplaceAll(string(must(json.Marshal(ours))), `:"Ada"`, `:"Bob"`)))} {
		if len(found) == 0 {
			t.Error("nothing was found")
		}
		for _, d := range found {
			if text := strings.ToLower(d.String()); strings.Contains(text, "ada@") || strings.Contains(text, `ada"`) || strings.Contains(text, "bob") {
				t.Errorf("%s", d)
			}
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestADifferenceIsReadBackFromItsWords(t *testing.T) {
	t.Parallel()
	written := []Difference{
		{"orderLineItems.article.title", Differs, `at "l1" ours "a (\"b\"; c)", theirs " "`},
		{"order", OnlyOurs, "not in fulfillmenttools"},
		{"consumer.email", OnlyTheirs, ""},
		{"addDelivery", OnlyOurs, ""},
		{"shipmentState", Differs, `ours "Shipped", theirs "Ready"`},
	}
	read, ok := parseDifferences(resultOf("o", "export as A-1]: x", written).Reason)
	if !ok || !slices.Equal(read, written) {
		t.Errorf("read back %v", read)
	}
	if read, ok := readBack("set fft_order_id"); ok || len(read) > 0 {
		t.Error("another text was read")
	}
	if differences, ok := readBack(resultOf("o", "export", nil).Reason); !ok || len(differences) > 0 {
		t.Error("the same was not read as the same")
	}
}

func readBack(text string) ([]Difference, bool) { return parseDifferences(text) }
