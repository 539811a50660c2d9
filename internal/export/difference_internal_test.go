package export

import (
	"testing"

	"pgregory.net/rapid"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// TestOnlyTheShopsChangesDiffer holds the comparison against its rule, field by field.
func TestOnlyTheShopsChangesDiffer(t *testing.T) {
	t.Parallel()
	const path, id = "consumer.addresses.POSTAL_ADDRESS.street", "order"
	for name, test := range map[string]struct {
		sent, now, there string // empty: not at all
		differs          bool
	}{
		"nothing changed":                {`"a"`, `"a"`, `"a"`, false},
		"the shop changed it":            {`"a"`, `"b"`, `"a"`, true},
		"people changed it":              {`"a"`, `"a"`, `"c"`, false},
		"both did":                       {`"a"`, `"b"`, `"c"`, true},
		"both did the same":              {`"a"`, `"b"`, `"b"`, false},
		"the shop removed it":            {`"a"`, "", `"a"`, true},
		"the shop removed what is gone":  {`"a"`, "", "", false},
		"the shop added it":              {"", `"b"`, "", true},
		"people added it":                {"", "", `"c"`, false},
		"people removed it":              {`"a"`, `"a"`, "", false},
		"it never was there":             {"", "", "", false},
		"the shop changed what was gone": {`"a"`, `"b"`, "", true},
	} {
		of := func(value string) values {
			if value == "" {
				return values{}
			}
			return values{path: value}
		}
		found := compareSent(id, sentValues(id, of(test.sent)), of(test.now), of(test.there))
		if got := len(found) > 0; got != test.differs {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// TestALongNumberIsNoChange: what is sent and what is there are read in the same way.
func TestALongNumberIsNoChange(t *testing.T) {
	t.Parallel()
	const long = 9007199254740993 // no float64
	sent, err := valuesOf(fulfillmenttools.OrderForCreation{CustomAttributes: map[string]any{"serial": long}})
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := remote.Decode([]byte(`{"customAttributes":{"serial":9007199254740993}}`), &document); err != nil {
		t.Fatal(err)
	}
	there := valuesIn(document, nil)
	if found := compareSent("o", sentValues("o", sent), sent, there); len(found) > 0 || there["customAttributes.serial"] != "9007199254740993" {
		t.Errorf("%v: %v and %v", found, sent, there)
	}
	attributes := map[string]any{}
	if setJSONOrDelete(&attributes, "serial", sent["customAttributes.serial"]); attributes["serial"] != long {
		t.Errorf("sent as %v", attributes["serial"])
	}
}

func TestAFingerprintIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := values(rapid.MapOf(rapid.StringMatching(`(consumer|orderLineItems|customAttributes)\.[a-z]{1,9}`), rapid.StringMatching(`"[a-z]{0,5}"`)).Draw(t, "values"))
		s := parseSent(sentValues("o", before).encode())
		if len(before) > 0 && !s.isSameFor("o", before, func(changeKind) bool { return true }) {
			t.Fatalf("%v is not %v", s, before)
		}
		for path, value := range before {
			changed := values{}
			for p, v := range before {
				changed[p] = v
			}
			changed[path] = value + "x"
			if s.isSameFor("o", changed, func(changeKind) bool { return true }) {
				t.Fatalf("a change of %s is not seen", path)
			}
			delete(changed, path)
			if s.isSameFor("o", changed, func(changeKind) bool { return true }) {
				t.Fatalf("that %s is gone is not seen", path)
			}
		}
	})
	for _, text := range []string{"", "?", "QUJD"} {
		if s := parseSent(text); s != nil {
			t.Errorf("%q is read as %v", text, s)
		}
	}
}
