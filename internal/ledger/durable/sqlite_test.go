package durable

import "testing"

// Connections share their caches' room, so one without a bound lets the others grow.
func TestEveryCacheOfSQLiteIsBounded(t *testing.T) {
	l := openFile(t, t.TempDir(), Options{})
	db := l.db.(*sqlite)
	for name, of := range map[string]struct {
		querier
		cache int
	}{
		"writer": {db, writerCache}, "readers": {db.reader(), readerCache}, "finder": {db.lookUps(), readerCache},
	} {
		for cache, want := range map[string]int{"main": of.cache, "temp": temporaryCache} {
			var kib int
			if _, err := queryOne(t.Context(), of, "PRAGMA "+cache+".cache_size", nil, &kib); err != nil {
				t.Fatal(err)
			}
			if kib != -want {
				t.Errorf("%s, %s: bound %d, want %d KiB", name, cache, kib, -want)
			}
		}
	}
}
