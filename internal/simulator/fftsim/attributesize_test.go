package fftsim

import (
	"strings"
	"testing"
)

// TestCustomAttributesAreCountedAsTheirTextIsWritten: signs of HTML are one unit each, and
// signs beyond the first plane two.
func TestCustomAttributesAreCountedAsTheirTextIsWritten(t *testing.T) {
	t.Parallel()
	room := maxAttributes - len(`{"a":""}`)
	for name, c := range map[string]struct {
		value   string
		refused bool
	}{
		"signs of HTML":       {strings.Repeat("&", room), false},
		"one more":            {strings.Repeat("&", room+1), true},
		"pairs of units":      {strings.Repeat("😀", room/2), false},
		"one more pair of it": {strings.Repeat("😀", room/2+1), true},
	} {
		var found check
		customAttributes(&found, "customAttributes", map[string]any{"a": c.value})
		if refused := len(found.errors) > 0; refused != c.refused {
			t.Errorf("%s: refused: %v", name, refused)
		}
	}
}
