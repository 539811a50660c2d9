package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"fftconnect/internal/config"
)

// FuzzConfigurations: whatever the text, it is read or refused, with positions that
// are in it; and what is read can be written and read again.
func FuzzConfigurations(f *testing.F) {
	if example, err := os.ReadFile(exampleFile); err == nil {
		f.Add(string(example))
	}
	for _, seed := range []string{
		`{"export":{"when":"order.id == \"\\u00e4\""}}`, "export:\n  when: |\n    ordr\n", "a: &a [*a]", "{a: 'b''c'}", "- \"\\x41\"", "? {a: b}\n: c", "export: {set: {status: [1]}}",
		"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]", "export: {hold: >-\n  ordr\n\n  x}", `{"feedback":{"fields":[null,{}]}}`, "\ufeffa: 1", "a: 0x10", "export: {hold: !order.custom.fields.released}", "export: {when: ! order.id}", "storeTagMapping: !!binary eA==", "x-a: &a {serviceType: SHIPPING}\nshippingMethodMapping: {m: {<<: *a}, n: {<<: [*a, *a]}}",
		"<<: {storeTagMapping: x}", "<<: 5", "a: &a {<<: *a}", "x: &a {<<: {b: 1}}\nexport: {<<: *a}", "export: {stickers: [{priority: 010}]}", "export: {set: {'orderLineItems[].article.attributes[a]': '\"b\"', 'tags[': 1}}", "a: 1e400", "a: 2026-03-01", "export:\n\twhen: order.id", "export: {when: order.custom?.fields?.a, lines: line.custom.fields['b']}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "shop.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		report := config.CheckShopFile(path)
		for _, problem := range report.Problems {
			if problem.Line < 0 || problem.Column < 0 || problem.Message == "" {
				t.Errorf("%q: %+v", text, problem)
			}
		}
		_, _ = config.ParseShop([]byte(text))
		if len(report.Problems) > 0 {
			return
		}
		written, err := json.Marshal(report.Shop)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := config.ParseShop(written); err != nil {
			t.Errorf("%q was read, but not when written as %s: %v", text, written, err)
		}
	})
}
