// Histories prove, in fake time, that whole connectors with both simulated platforms
// lose nothing, double nothing and leave nothing stuck, whatever happens to them in the
// course of hours.
//
// A history is drawn from one seed: what customers, staff and the weather do, which
// replica dies when, and when the database is away. It runs in a testing/synctest
// bubble, without sockets and without waiting. A failing one is shortened to the
// steps that it takes, and printed. How goroutines that are ready at the same moment
// follow each other is not drawn, so one that fails seldom may need several runs:
//
//	go test ./internal/connector -run TestHistories -seed 4711 -repeat 50
//
//	histories_plan_test.go     what happens when, drawn from the seed
//	histories_network_test.go  requests between platforms and replicas
//	histories_replica_test.go  one process of the connector, its death and its restart
//	histories_world_test.go    a plan carried out
//	histories_trouble_test.go  what goes wrong, and commands called beside it
//	histories_forge_test.go    messages that no platform sent
//	histories_verdict_test.go  what must hold at the end
//	histories_shrink_test.go   the shortest plan that still fails

package connector_test

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/testform"
)

var (
	seedFlag   = flag.Uint64("seed", 0, "run only the history of this seed")
	repeatFlag = flag.Int("repeat", 1, "run it so often, since goroutines do not follow each other the same way every time")
	countFlag  = flag.Int("histories", 0, "run so many histories")
	storyFlag  = flag.Bool("story", false, "print how every message of the seed's history ended")
)

// histories is how many are run; about 300 to 1,000 fit in a minute on two cores,
// since every open order is visited for weeks of fake time. Every broken connector of
// TestABrokenConnectorIsCaught is shown by one of the first 63. -histories runs any number.
func histories() int {
	if *countFlag > 0 {
		return *countFlag
	}
	return testform.Of(2, 10, 80)
}

const workers = 4

func TestHistories(t *testing.T) {
	t.Parallel()
	if *seedFlag != 0 {
		for range *repeatFlag {
			if !holds(t, draw(*seedFlag)) {
				return
			}
		}
		return
	}
	begin, count := time.Now(), histories()
	var next, failed atomic.Int64
	t.Run("all", func(t *testing.T) {
		for n := range workers {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				for seed := next.Add(1); seed <= int64(count) && failed.Load() < 3; seed = next.Add(1) {
					if !holds(t, draw(uint64(seed))) {
						failed.Add(1)
					}
				}
			})
		}
	})
	took := time.Since(begin)
	t.Logf("%d histories in %s, %.0f a minute", count, took.Round(time.Millisecond), float64(count)/took.Minutes())
}

// holds runs the history; when it fails it prints the shortest that still does.
func holds(t *testing.T, p plan) bool {
	t.Helper()
	wrongs, story := run(t, p, sabotage{})
	if *storyFlag {
		t.Log("\n" + p.String() + "\n" + story)
	}
	if len(wrongs) == 0 {
		return true
	}
	shortest, still := shorten(t, p, wrongs)
	t.Errorf("history of seed %d:", p.seed)
	for _, wrong := range still {
		t.Log("  " + wrong)
	}
	t.Logf("shortest history that still fails:\n%s\ngo test ./internal/connector -run TestHistories -seed %d -repeat 20", shortest, p.seed)
	return false
}

// run carries a plan out in a bubble and says what did not hold.
func run(t *testing.T, p plan, broken sabotage) (wrongs []string, story string) {
	defer func() {
		if problem := recover(); problem != nil {
			fmt.Fprintf(os.Stderr, "panic in the history of\n%s\n", p)
			panic(problem)
		}
	}()
	synctest.Test(t, func(*testing.T) {
		w := newCourse(p, broken)
		w.happen()
		w.judge()
		for _, r := range w.replicas {
			r.stop()
		}
		w.ct.Close()
		w.fft.Close()
		// What still runs in the background ends by itself; if not, the bubble panics.
		time.Sleep(time.Minute)
		wrongs = w.wrongs
		if *storyFlag {
			story = w.story()
		}
	})
	return wrongs, story
}
