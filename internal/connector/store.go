package connector

import (
	"context"
	"log/slog"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger"
)

// OpenStore opens the store that the environment names; nil when it names none.
func OpenStore(ctx context.Context, env config.Environment, logger *slog.Logger) (*ledger.Ledger, error) {
	if env.DatabaseURL == config.NoDatabase {
		return nil, nil
	}
	return ledger.Open(ctx, env.DatabaseURL.Reveal(), ledger.Options{
		Logger: logger, ProjectKey: env.Commercetools.ProjectKey,
		JournalRetention: env.JournalRetention, DeadRetention: env.DeadRetention,
		DrainRate: float64(env.DrainRate),
	})
}
