package connector

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"fftconnect/internal/console"
	"fftconnect/internal/ledger"
	"fftconnect/internal/notify"
	"fftconnect/internal/telemetry"
)

// troublesTimeout bounds looking for what is wrong.
const troublesTimeout = 10 * time.Second

// findTroubles is what is wrong now, by the facts of the metrics and of /readyz.
func (c *Connector) findTroubles(ctx context.Context) (found notify.Found) {
	ctx, cancel := context.WithTimeout(ctx, troublesTimeout)
	defer cancel()
	add := func(condition notify.Condition) { found.Conditions = append(found.Conditions, condition) }
	facts := c.notifications.facts

	c.addDeadLetters(ctx, &found)
	if late, err := facts.Late(ctx); err != nil {
		found.Unknown = append(found.Unknown, notify.LateOrders)
	} else {
		for _, reason := range slices.Sorted(maps.Keys(late.ByReason)) {
			if n := late.ByReason[reason]; n > 0 {
				add(notify.Condition{Kind: notify.LateOrders, Key: reason, Count: n, Title: counted(n, "order is late", "orders are late") + ": " + reason, Advice: "fftconnect orders list --late, then fftconnect sync ORDER for where each is"})
			}
		}
	}
	if facts.Queue != nil {
		queue, err := facts.Queue(ctx)
		if err != nil {
			found.Unknown = append(found.Unknown, notify.Backlog, notify.Paused, notify.Installation, notify.TokenEnds)
		} else if age := time.Since(queue.Oldest); !queue.Oldest.IsZero() && age > notify.OldBacklog {
			add(notify.Condition{Kind: notify.Backlog, Count: queue.Deferred, Title: fmt.Sprintf("the oldest stored event waits for more than %s", notify.OldBacklog), Advice: "fftconnect events list --state deferred: the reason says what it waits for"})
		}
	}
	for _, blocked := range facts.Blocked() {
		add(notify.Condition{Kind: notify.Blocked, Key: blocked.Platform + " " + blocked.Operation, Title: blocked.Platform + " does not let us " + blocked.Operation, Advice: "fftconnect doctor names the missing scope or permission; all resumes by itself"})
	}
	for _, platform := range slices.Sorted(maps.Keys(facts.Circuits)) {
		if facts.Circuits[platform].State() != circuitClosed {
			add(notify.Condition{Kind: notify.PlatformAway, Key: platform, Title: platform + " fails most calls and is left alone", Advice: "nothing is lost; see the platform's status page"})
		}
	}
	for _, flow := range facts.Paused(ctx) {
		add(notify.Condition{Kind: notify.Paused, Key: string(flow), Title: "somebody paused " + string(flow) + "; the senders keep its messages for 7 days", Advice: "the console says who and why (Now); resume it there"})
	}
	addInstallation(facts.Installation(ctx), add)
	if err := c.shop.ConfigurationError(); err != nil {
		add(notify.Condition{Kind: notify.Configuration, Title: "the shop's configuration is wrong", Advice: "fftconnect config check says what"})
	}
	return found
}

// circuitClosed is the state of a platform's circuit while all is well; a probe half opens it.
const circuitClosed = "closed"

func addInstallation(installation telemetry.Installation, add func(notify.Condition)) {
	if n := installation.Problems; n > 0 {
		add(notify.Condition{Kind: notify.Installation, Count: n, Title: counted(n, "part", "parts") + " of the installation could not be fixed", Advice: "/readyz lists them; fftconnect install --dry-run shows what is missing"})
	}
	if ends := installation.TokenExpires; notify.TokenIsNearItsEnd(time.Now(), ends, installation.TokenLife) {
		add(notify.Condition{Kind: notify.TokenEnds, Title: "a webhook's token ends on " + ends.UTC().Format("2 Jan 15:04 MST") + " and was not renewed", Advice: "fftconnect install; /readyz says why it could not be renewed"})
	}
}

// addDeadLetters adds what cannot go on without somebody, by its cause.
func (c *Connector) addDeadLetters(ctx context.Context, found *notify.Found) {
	causes, err := c.deadLetterCauses(ctx)
	if err != nil {
		found.Unknown = append(found.Unknown, notify.DeadLetters)
		return
	}
	for _, cause := range causes {
		found.Conditions = append(found.Conditions, notify.Condition{
			Kind: notify.DeadLetters, Key: string(cause.Class) + " " + string(cause.Flow) + " " + cause.Cause, Count: cause.Count,
			Title: counted(cause.Count, "dead letter", "dead letters") + " (" + string(cause.Flow) + "): " + cause.Cause, Advice: cause.Fix,
		})
	}
}

// deadLetterCauses are those that the console shows; without a store, of the messages that this
// process remembers.
func (c *Connector) deadLetterCauses(ctx context.Context) ([]ledger.Cause, error) {
	if store, ok := c.store.(console.Store); ok {
		return store.Causes(ctx)
	}
	var causes []ledger.Cause
	for _, problem := range c.Telemetry.Attention() {
		cause := ledger.CauseOf(problem.Reason)
		at := slices.IndexFunc(causes, func(known ledger.Cause) bool { return known.Flow == problem.Flow && known.Cause == cause })
		if at < 0 {
			causes = append(causes, ledger.Cause{Class: ledger.ClassRejected, Flow: problem.Flow, Cause: cause, Fix: problem.Hint})
			at = len(causes) - 1
		}
		causes[at].Count++
	}
	return causes, nil
}

// findStoreTrouble is whether the store is away.
func (c *Connector) findStoreTrouble(ctx context.Context) (found notify.Found) {
	if troubles := c.storeTroubles(ctx); len(troubles) > 0 {
		found.Conditions = []notify.Condition{{
			Kind: notify.StoreAway, Title: "the store takes nothing; what cannot be done at once stays with its sender", Advice: "/readyz says why: start the database, or make room",
		}}
	}
	return found
}

// summarise is what the daily summary says.
func (c *Connector) summarise(ctx context.Context, since time.Time) (summary notify.Summary, err error) {
	summary = notify.Summary{Since: since, Open: -1}
	if store, ok := c.store.(console.Store); ok {
		counts, from, err := store.CountByHour(ctx, since)
		if err != nil {
			return summary, err
		}
		summary.Since = from
		for _, count := range counts {
			summary.Messages = addCount(summary.Messages, string(count.Flow), string(count.Outcome), count.Count)
		}
	} else {
		summary.Since = c.started
		for _, handled := range c.Telemetry.Handled() {
			summary.Messages = addCount(summary.Messages, string(handled.Flow), string(handled.Outcome), handled.Count)
		}
	}
	facts := c.notifications.facts
	if facts.Queue != nil {
		queue, err := facts.Queue(ctx)
		if err != nil {
			return summary, err
		}
		summary.Waiting, summary.Dead = queue.Deferred, queue.Dead
	} else {
		summary.Dead = len(c.Telemetry.Attention())
	}
	late, err := facts.Late(ctx)
	for _, n := range late.ByReason {
		summary.Late += n
	}
	summary.Open = late.Open
	return summary, err
}

// addCount adds up what ended in the same way.
func addCount(counts []notify.Count, flow, ended string, n int) []notify.Count {
	at := slices.IndexFunc(counts, func(c notify.Count) bool { return c.Flow == flow && c.Outcome == ended })
	if at < 0 {
		return append(counts, notify.Count{Flow: flow, Outcome: ended, Count: n})
	}
	counts[at].Count += n
	return counts
}

// counted is a number with its noun.
func counted(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}
