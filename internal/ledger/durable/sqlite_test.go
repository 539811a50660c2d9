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

// TestWhoeverOpensTheFileWaitsForNoWriter, of this process or another. Waiting with a
// read lock in hand kept a checkpoint of the log waiting in turn, until both gave up.
func TestWhoeverOpensTheFileWaitsForNoWriter(t *testing.T) {
	l := openFile(t, t.TempDir(), Options{})
	db := l.db.(*sqlite)
	writing, err := db.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = writing.Rollback() }()
	for range sqliteReaders {
		reading, err := db.readers.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer reading.Close()
	}
	other, err := openSQLite(t.Context(), db.file, Options{Logger: l.opts.Logger, AsItIs: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.close(); err != nil {
		t.Error(err)
	}
}
