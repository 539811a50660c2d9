package durable

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	modernc "modernc.org/sqlite"
)

// countingCommits is a database with one table, and how often it has committed.
func countingCommits(t *testing.T) (s *sqlite, commits *int) {
	t.Helper()
	s, err := openSQLite(t.Context(), filepath.Join(t.TempDir(), "s.db"), Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.exec(t.Context(), `CREATE TABLE numbers (n INTEGER PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	conn, err := s.writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	commits = new(int)
	err = conn.Raw(func(raw any) error {
		raw.(*preparingConn).sqliteConn.(interface {
			RegisterCommitHook(modernc.CommitHookFn)
		}).RegisterCommitHook(func() int32 { *commits++; return 0 })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, commits
}

const insertNumber = `INSERT INTO numbers (n) VALUES ($1)`

func TestWritesThatComeWhileOthersAreWrittenShareACommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, commits := countingCommits(t)
		s.shared.committing <- struct{}{} // somebody is writing
		var writing sync.WaitGroup
		for n := range 5 {
			writing.Go(func() {
				if changed, err := s.execShared(t.Context(), 0, insertNumber, n); err != nil || changed != 1 {
					t.Errorf("%d rows, %v", changed, err)
				}
			})
		}
		synctest.Wait()
		<-s.shared.committing
		writing.Wait()
		if *commits != 1 {
			t.Errorf("%d commits for five writes that waited together", *commits)
		}
	})
}

func TestAPatientWriteGoesWithTheNextOneOrAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, commits := countingCommits(t)
		patient := func(n int) (took time.Duration) {
			begun := time.Now()
			if _, err := s.execShared(t.Context(), time.Minute, insertNumber, n); err != nil {
				t.Error(err)
			}
			return time.Since(begun)
		}
		var writing sync.WaitGroup
		writing.Go(func() {
			if took := patient(1); took != time.Second {
				t.Errorf("it waited %s for another write that came after a second", took)
			}
		})
		time.Sleep(time.Second)
		if _, err := s.execShared(t.Context(), 0, insertNumber, 2); err != nil {
			t.Error(err)
		}
		writing.Wait()
		if *commits != 1 {
			t.Errorf("%d commits for both", *commits)
		}
		if took := patient(3); took != time.Minute {
			t.Errorf("alone it was written after %s", took)
		}
	})
}

func TestAWriteThatFailsDoesNotSpoilThoseItIsWrittenWith(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := countingCommits(t)
		s.shared.committing <- struct{}{}
		var writing sync.WaitGroup
		errs := make([]error, 3)
		for i, n := range []int{7, 7, 8} {
			writing.Go(func() { _, errs[i] = s.execShared(t.Context(), 0, insertNumber, n) })
		}
		gone, cancel := context.WithCancel(t.Context())
		writing.Go(func() {
			if _, err := s.execShared(gone, 0, insertNumber, 9); !errors.Is(err, context.Canceled) {
				t.Errorf("who does not wait any more is told %v", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		<-s.shared.committing
		writing.Wait()
		if errs[2] != nil || (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("of 7, 7 and 8 exactly one fails: %v", errs)
		}
		var count, largest int
		if _, err := queryOne(t.Context(), s, `SELECT count(*), max(n) FROM numbers`, nil, &count, &largest); err != nil || count != 2 || largest != 8 {
			t.Errorf("%d rows up to %d are there, %v", count, largest, err)
		}
	})
}

func TestNobodyWaitsLongerThanItsContextForAFileThatIsLocked(t *testing.T) {
	t.Parallel()
	s, _ := countingCommits(t)
	other, err := openSQLite(t.Context(), s.file, Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()
	err = other.inTransaction(t.Context(), func(querier) error { // the file is locked
		gone, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := s.execShared(gone, 0, insertNumber, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it is told %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.execShared(t.Context(), 0, insertNumber, 2); err != nil {
		t.Error(err)
	}
}

func TestParametersThatComeInOrderNeedNoNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"INSERT INTO t VALUES ($1, $2), ($3, $4)": "INSERT INTO t VALUES (?, ?), (?, ?)",
		"UPDATE t SET a = $2 WHERE b = $1":        "UPDATE t SET a = $2 WHERE b = $1",
		"SELECT a FROM t WHERE b = $1 OR c = $1":  "SELECT a FROM t WHERE b = $1 OR c = $1",
		"SELECT :now + $1":                        "SELECT :now + $1",
		"SELECT ?1, '$.a'":                        "SELECT ?1, '$.a'",
	} {
		if got := withoutNumbers(text); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
