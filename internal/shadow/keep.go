package shadow

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
)

// mark is on every message that is stored in shadow mode.
var mark = json.RawMessage(`{"shadow":true}`)

// Keeper marks what it stores.
type Keeper struct{ intake.Keeper }

// Defer implements intake.Keeper.
func (k Keeper) Defer(ctx context.Context, d ledger.Deferred, wait time.Duration) error {
	d.Hint = mark
	return k.Keeper.Defer(ctx, d, wait)
}

// AddDeadLetter implements intake.Keeper.
func (k Keeper) AddDeadLetter(ctx context.Context, d ledger.Deferred) error {
	d.Hint = mark
	return k.Keeper.AddDeadLetter(ctx, d)
}

// realWait is how long a message that is not ours waits until it is looked at again.
const realWait = 10 * time.Minute

// Resume handles stored messages that are marked. One without the mark is work that a
// connector left behind that writes: here it would count as done, so it waits.
func Resume(next func(context.Context, ledger.Event) ledger.Verdict) func(context.Context, ledger.Event) ledger.Verdict {
	return func(ctx context.Context, event ledger.Event) ledger.Verdict {
		if !bytes.Equal(bytes.TrimSpace(event.Hint), mark) {
			return ledger.Verdict{
				Action: ledger.Wait, Delay: realWait,
				Reason: "stored before shadow mode, which does not carry it out", Fix: "run the connector without SHADOW",
			}
		}
		return next(withReceived(ctx, event.ReceivedAt), event)
	}
}
