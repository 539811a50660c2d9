package connector_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestServeNeedsTheRolesAndScopesThatTheDocsName has orders and channels go their way with
// the rights that docs/operations.md names for serve, and no others.
func TestServeNeedsTheRolesAndScopesThatTheDocsName(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		text, err := os.ReadFile("../../docs/operations.md")
		if err != nil {
			t.Fatal(err)
		}
		row := regexp.MustCompile("(?m)^\\| `serve` \\| (.*) \\| (.*) \\| .* \\|$").FindStringSubmatch(string(text))
		if row == nil {
			t.Fatal("docs/operations.md says nothing of serve")
		}
		words := func(cell, suffix string) (found []string) {
			for word := range strings.SplitSeq(cell, ", ") {
				found = append(found, strings.Trim(word, "`")+suffix)
			}
			return found
		}
		options := lively(3)
		options.RequireScopes = true
		r := newRig(t, rigOptions{world: options})
		r.restart(map[string]string{"CTP_SCOPE": strings.Join(words(row[1], ":demo"), " ")})
		r.FFT.Permit(words(row[2], "")...)
		r.CTLog.Reset()
		r.FFTLog.Reset()
		r.putChannel("bonn-1")
		r.place(20)
		r.calm()
		if _, there := r.facility("bonn-1"); !there || len(r.FFT.Orders()) < 15 {
			t.Errorf("only %d orders arrived, the channel's facility: %v", len(r.FFT.Orders()), there)
		}
		for _, e := range append(r.CTLog.All(), r.FFTLog.All()...) {
			if e.Status == http.StatusForbidden {
				t.Errorf("%s %s is answered %d", e.Method, e.Path, e.Status)
			}
		}
	})
}
