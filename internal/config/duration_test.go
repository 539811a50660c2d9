package config_test

import (
	"testing"
	"time"

	"fftconnect/internal/config"
)

func TestDurationsHaveDaysAndWeeks(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1.5h": 90 * time.Minute, "0": 0, "-1h": -time.Hour,
		"1d": day, "2w": 14 * day, "1w1d": 8 * day, "1d12h": 36 * time.Hour, "1w2h3m": 7*day + 2*time.Hour + 3*time.Minute,
	} {
		if got, err := config.ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "d", "w", "1", "1d1", "1d1w", "1d-1h", "-1d", "1.5d", "day", "1 d", "1dd",
		"99999999999999999999d", "9999999w", "15251w", "106751d24h", "106751d9223372036854775807ns",
	} {
		if got, err := config.ParseDuration(text); err == nil {
			t.Errorf("%s is %v", text, got)
		}
	}
}
