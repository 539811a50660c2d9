package connector_test

import (
	"slices"
	"testing"
	"time"
)

// shrinkTime bounds how long a failing history is shortened.
const shrinkTime = 20 * time.Second

// shrinkTries is how often a shorter history may pass before it counts as one that
// does not fail.
const shrinkTries = 3

// shorten leaves out steps, many at once as long as that works, while the history
// still fails.
func shorten(t *testing.T, p plan, wrongs []string) (plan, []string) {
	deadline := time.Now().Add(shrinkTime)
	for size := max(1, len(p.steps)/2); size >= 1; size /= 2 {
		for from := 0; from < len(p.steps); {
			if time.Now().After(deadline) {
				return p, wrongs
			}
			shorter := p
			shorter.steps = slices.Delete(slices.Clone(p.steps), from, min(from+size, len(p.steps)))
			if still := fails(t, shorter); still != nil {
				p, wrongs = shorter, still
			} else {
				from += size
			}
		}
	}
	return p, wrongs
}

func fails(t *testing.T, p plan) []string {
	for range shrinkTries {
		if wrongs, _ := run(t, p, sabotage{}); len(wrongs) > 0 {
			return wrongs
		}
	}
	return nil
}
