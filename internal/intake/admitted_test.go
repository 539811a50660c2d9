package intake_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"fftconnect/internal/intake"
)

// TestATokenThatWasGoodIsNotGoodForever: a token is remembered, but no longer than it is good.
func TestATokenThatWasGoodIsNotGoodForever(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	token := intake.Token{
		Secret: []byte("a secret of sufficient length, really"), Issuer: "i", Audience: "a", Subject: "s",
		Lifetime: time.Hour, Now: func() time.Time { return now },
	}
	text, err := token.Sign()
	if err != nil {
		t.Fatal(err)
	}
	header, query := intake.Bearer(token), intake.BearerOrQuery(token)
	inHeader := httptest.NewRequest("POST", "/service", nil)
	inHeader.Header.Set("Authorization", "Bearer "+text)
	inQuery := httptest.NewRequest("POST", "/event?token="+text, nil)
	for _, step := range []struct {
		after time.Duration
		good  bool
	}{{0, true}, {59 * time.Minute, true}, {2 * time.Minute, false}} {
		now = now.Add(step.after)
		if _, err := header(t.Context(), inHeader); (err == nil) != step.good {
			t.Errorf("at %s in the header: %v", now, err)
		}
		if _, err := query(t.Context(), inQuery); (err == nil) != step.good {
			t.Errorf("at %s in the address: %v", now, err)
		}
	}
	inHeader.Header.Set("Authorization", "Bearer "+text[:len(text)-2]+"xx")
	now = now.Add(-30 * time.Minute)
	if _, err := header(t.Context(), inHeader); err == nil {
		t.Error("a changed token is let in after the good one")
	}
}
