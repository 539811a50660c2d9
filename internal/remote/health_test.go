package remote_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/remote"
)

// tried makes a call that is answered so.
func tried(t *testing.T, health *remote.Health, operation string, status int) {
	t.Helper()
	_ = send(t.Context(), answering(status), http.MethodGet, remote.Operation{Name: operation}, remote.Options{
		Health: health, Attempts: 1,
		Read: func(remote.Operation, int, []byte) remote.Refusal {
			return remote.Refusal{Message: "no", Hint: "do something"}
		},
	})
}

func blocked(health *remote.Health) []string {
	var names []string
	for _, b := range health.Blocked() {
		names = append(names, b.Operation)
	}
	return names
}

func TestABlockedOperationIsKnownUntilItWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var health remote.Health
		began := time.Now()
		tried(t, &health, "create order", 403)
		time.Sleep(time.Minute)
		tried(t, &health, "cancel order", 403)
		tried(t, &health, "create order", 403)
		found := health.Blocked()
		if got := blocked(&health); !slices.Equal(got, []string{"create order", "cancel order"}) {
			t.Fatalf("blocked: %v, want the one that is blocked longest first", got)
		}
		first := found[0]
		if !first.Since.Equal(began) || first.Platform != "acme" || first.Hint != "do something" || !strings.Contains(first.Message, "403") {
			t.Errorf("%+v", first)
		}
		for _, status := range []int{500, 429, 404, 409, 400} {
			tried(t, &health, "create order", status)
		}
		if len(health.Blocked()) != 2 {
			t.Error("a failure of another kind says nothing about permissions")
		}
		tried(t, &health, "create order", 200)
		if got := blocked(&health); !slices.Equal(got, []string{"cancel order"}) {
			t.Errorf("blocked: %v after one of them worked", got)
		}
	})
}

// TestAPermissionThatNobodyMissesAnyLongerIsNotBlocked: the call may be so rare that
// nobody would see for weeks that it is allowed now.
func TestAPermissionThatNobodyMissesAnyLongerIsNotBlocked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var health remote.Health
		began := time.Now()
		tried(t, &health, "cancel order", 403)
		tried(t, &health, "read order", 401)
		for range 3 {
			time.Sleep(50 * time.Minute)
			tried(t, &health, "cancel order", 403)
		}
		if found := health.Blocked(); len(found) != 2 || !found[0].Since.Equal(began) {
			t.Errorf("what is met again and again is blocked: %+v", found)
		}
		time.Sleep(time.Hour)
		if got := blocked(&health); !slices.Equal(got, []string{"read order"}) {
			t.Errorf("blocked: %v", got)
		}
		tried(t, &health, "cancel order", 403)
		if found := health.Blocked(); len(found) != 2 || !found[1].Since.Equal(time.Now()) {
			t.Errorf("met anew: %+v", found)
		}
	})
}

func TestMendedCredentialsUnblockAllThatLackedNothingElse(t *testing.T) {
	t.Parallel()
	var health remote.Health
	tried(t, &health, "read order", 401)
	tried(t, &health, "list orders", 401)
	tried(t, &health, "cancel order", 403)
	tried(t, &health, "read order", 200)
	if got := blocked(&health); !slices.Equal(got, []string{"cancel order"}) {
		t.Errorf("blocked: %v", got)
	}
}

func TestNobodyNeedsToKeepHealth(t *testing.T) {
	t.Parallel()
	tried(t, nil, "read order", 403)
	var none *remote.Health
	if none.Blocked() != nil {
		t.Error("nothing is blocked that nobody noted")
	}
}
