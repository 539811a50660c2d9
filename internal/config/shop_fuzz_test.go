package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"fftconnect/internal/config"
)

// goldenShops are the golden catalogue's configurations in JSON.
func goldenShops(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("../export/testdata/golden/*/shop.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden configurations: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
}

// wrongOnlyAsShop reports whether a configuration was taken, or refused with reasons.
func wrongOnlyAsShop(t *testing.T, err error) {
	t.Helper()
	var wrong *config.ShopError
	switch {
	case err == nil:
	case !errors.As(err, &wrong):
		t.Fatalf("an error of another kind: %v", err)
	case len(wrong.Problems) == 0 || wrong.Error() == "":
		t.Fatalf("refused without a reason: %v", wrong)
	}
}

func FuzzParseShop(f *testing.F) {
	goldenShops(f)
	for _, odd := range []string{
		``, ` `, `null`, `[]`, `7`, `{}`, `{"export":null}`, `{"export":{"set":{"":"1"}}}`, `{"export":{"when":"order."}}`, `{"export":{"when":7}}`,
		`{"export":{"stickers":[{"priority":1e300}]}}`, `{"customFieldTagMapping":{"a":""}}`, `{"shippingMethodMapping":{"x":{"serviceType":"BY_FOOT"}}}`,
		`{"export":{"tags":[{"id":"a","value":"order.custom.fields.x ?? \"\""}]}}`, `{"feedback":{"deliveries":"yes"}}`, `{"export":{"when":"true","when":"false"}}`,
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := config.ParseShop(text)
		wrongOnlyAsShop(t, err)
	})
}
