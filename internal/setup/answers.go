package setup

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// answersTimeout bounds asking whether anybody is at an address.
const answersTimeout = 5 * time.Second

// NewAddressCheck asks at an address of webhooks whether a connector is there: its status answers 200.
func NewAddressCheck(transport http.RoundTripper) func(ctx context.Context, address string) bool {
	client := &http.Client{Transport: transport, Timeout: answersTimeout}
	return func(ctx context.Context, address string) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(address, "/")+"/status", nil)
		if err != nil {
			return false
		}
		response, err := client.Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	}
}
