package durable_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/ledger/durable/durabletest"
	"fftconnect/internal/testform"
	"fftconnect/internal/testtime"
)

func TestMain(m *testing.M) {
	testform.Watch(testform.Concurrent{
		"claims and locks": {"TestOneReplicaAtATimeBeginsWithAnOrder", "TestLocksAreRenewedAndReleased"},
		"the writer of SQLite": {
			"TestWritesThatComeWhileOthersAreWrittenShareACommit", "TestAPatientWriteGoesWithTheNextOneOrAlone", "TestAWriteThatFailsDoesNotSpoilThoseItIsWrittenWith",
			"TestNobodyWaitsLongerThanItsContextForAFileThatIsLocked", "TestAStatementIsParsedOnceAndItsRowsMayBeReadWhileItRunsAgain",
			"TestWhoeverOpensTheFileWaitsForNoWriter",
		},
		"the queue": {
			"TestADeferredEventIsAttemptedUntilItIsDone", "TestTwoReplicasShareTheWork", "TestAPeriodicJobRunsOnOneReplica",
			"TestADeadReplicasWorkIsTakenOver", "TestWorkGoesOnAfterTheDatabaseWasAway", "TestThePaceSlowsDownWhileNothingButWaitingComesOfIt",
		},
		"the journal":        {"TestTheJournalIsWrittenAMomentLater", "TestTheJournalNeitherWaitsNorFails"},
		"processes at once":  {"TestManyProcessesStartAtOnce"},
		"bodies kept by all": {"TestWithoutAStoreTheNewestUnreadableBodiesAreKept"},
	})
	flag.Parse()
	if flag.Lookup("test.parallel").Value.String() == flag.Lookup("test.parallel").DefValue {
		_ = flag.Set("test.parallel", "32") // they wait more than they compute
	}
	code := m.Run()
	if server != nil {
		closeDatabases()
		if err := server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// store is a database without rows; several ledgers may be opened on it.
type store struct {
	tb  testing.TB
	url string
	db  *sql.DB // beside the ledgers, on PostgreSQL
}

// quickOnPostgreSQL are run on PostgreSQL outside of the slow form as well. They have between them every kind of statement, and what replicas do at the
// same time.
var quickOnPostgreSQL = []string{
	"TestADeadLetterIsKeptRetriedAndDiscarded", "TestADeferredEventIsAttemptedUntilItIsDone", "TestAListOfOpenOrdersGoesOnBehindItsLast",
	"TestAnUpgradeLosesNothing", "TestDeadLettersOfOneCauseAreGroupedAndRetriedTogether", "TestEventsAreFiltered", "TestLocksAreRenewedAndReleased",
	"TestNamesOfOrdersAreKeptAsLongAsTheJournal", "TestOneReplicaAtATimeBeginsWithAnOrder", "TestTheJournalIsReadByHowMessagesEnded",
	"TestTheLedgerKeepsClaims", "TestWhatIsOldIsDeleted", "TestWhatWasSentIsKeptWithTheOpenOrder",
}

// onEachStore runs the test on every kind of database: in fake time on SQLite, which is
// in this process.
func onEachStore(t *testing.T, test func(*testing.T, store)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		if _, err := durabletest.Migrated(); err != nil {
			t.Fatal(err)
		}
		testtime.Fake(t, func(t *testing.T) { test(t, newStore(t, "sqlite")) })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		if name, _, _ := strings.Cut(t.Name(), "/"); !testform.Slow && !slices.Contains(quickOnPostgreSQL, name) {
			t.Skip("in the slow form: set FFTCONNECT_SLOW=1")
		}
		test(t, newStore(t, "postgres"))
	})
}

func newStore(tb testing.TB, kind string) store {
	tb.Helper()
	if kind != "sqlite" {
		return postgresStore(tb)
	}
	s := emptySQLite(tb)
	if err := durabletest.WriteEmptySQLite(strings.TrimPrefix(s.url, "sqlite:")); err != nil {
		tb.Fatal(err)
	}
	return s
}

func emptySQLite(tb testing.TB) store {
	tb.Helper()
	return store{tb: tb, url: "sqlite:" + filepath.Join(tb.TempDir(), "ledger.db")}
}

func (s store) postgres() bool { return strings.HasPrefix(s.url, "postgres") }

// open opens a ledger that the test's end closes.
func (s store) open(opts durable.Options) *durable.Ledger {
	s.tb.Helper()
	l, err := s.tryOpen(opts)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() { s.close(l) })
	return l
}

func (s store) tryOpen(opts durable.Options) (*durable.Ledger, error) {
	if opts.Poll == 0 {
		opts.Poll = 20 * time.Millisecond
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(testOutput{s.tb}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	url := s.url
	if s.postgres() {
		url += "&pool_max_conns=4" // connecting is what costs the server most
	}
	return durable.Open(s.tb.Context(), url, opts)
}

func (s store) close(l *durable.Ledger) {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		s.tb.Error(err)
	}
}

// testOutput writes log lines to the test's output.
type testOutput struct{ tb testing.TB }

func (o testOutput) Write(line []byte) (int, error) {
	_, _ = o.tb.Output().Write(line)
	return len(line), nil
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if testtime.IsFake() {
		testtime.Pass(t, what, holds)
		return
	}
	testtime.Until(t, what, holds)
}

// run runs the ledger until the returned function is called or the test ends.
func run(t *testing.T, l *durable.Ledger, handle func(context.Context, ledger.Event) ledger.Verdict, periodic ...ledger.Periodic) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx, handle, periodic...) }()
	var stopped atomic.Bool
	stop = func() {
		cancel()
		if !stopped.Swap(true) {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// silent is for tests in which complaints are expected.
func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }
