package commercetools_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
)

func FuzzDecodeOrder(f *testing.F) {
	files, err := filepath.Glob("../export/testdata/golden/*/order.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden orders: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, odd := range []string{
		``, `null`, `[]`, `{}`, `{"id":"o","lineItems":null,"custom":{}}`, `{"lineItems":[null,{}],"shipping":[{}]}`,
		`{"totalPrice":{"type":"highPrecision"},"lineItems":[{"price":{"value":{"type":"unknown"}}}]}`, `{"createdAt":"yesterday"}`, `<html>`,
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		order, err := commercetools.DecodeOrder(text)
		if err == nil {
			if order.ID != order.Snapshot.ID || order.Version != order.Snapshot.Version {
				t.Fatalf("the order is %s at %d, its snapshot %s at %d", order.ID, order.Version, order.Snapshot.ID, order.Snapshot.Version)
			}
			return
		}
		var failed *remote.Error
		if !errors.As(err, &failed) && !strings.HasPrefix(err.Error(), "commercetools: an order ") {
			t.Fatalf("an error of another kind: %v", err)
		}
	})
}
