package durable_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
)

func TestTheQueueRunsInFakeTime(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"file": filepath.Join(t.TempDir(), "ledger.db"), "memory": ":memory:"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, err := durable.Open(context.Background(), "sqlite:"+file, durable.Options{})
				check(t, err)
				begin := time.Now()
				check(t, l.Defer(context.Background(), event("1"), time.Minute))
				attempted := make(chan time.Duration, 1)
				ctx, cancel := context.WithCancel(context.Background())
				ended := make(chan error)
				go func() {
					ended <- l.Run(ctx, func(context.Context, ledger.Event) ledger.Verdict {
						attempted <- time.Since(begin)
						return ledger.Verdict{Action: ledger.Done}
					})
				}()
				if after := <-attempted; after < time.Minute || after > 90*time.Second {
					t.Errorf("attempted after %s", after)
				}
				cancel()
				check(t, <-ended)
				check(t, l.Close(context.Background()))
			})
		})
	}
}
