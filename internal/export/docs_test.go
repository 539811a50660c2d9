package export

import (
	"os"
	"strings"
	"testing"
)

// TestUpstreamDefect41TheDocumentationNamesEveryRule keeps the tables of the code and
// of docs/mapping.md the same.
func TestUpstreamDefect41TheDocumentationNamesEveryRule(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			rows[strings.TrimSpace(cells[1])+" from "+strings.TrimSpace(cells[2])] = true
		}
	}
	for _, rule := range ruleNames() {
		field := rule.field
		for _, place := range []string{"consumer.addresses[].", "orderLineItems[].", "pricing.", "deliveryPreferences.shipping.", "deliveryPreferences.collect[]."} {
			if rest, ok := strings.CutPrefix(field, place); ok && rest != "" {
				field = rest
			}
		}
		if row := "`" + field + "` from " + rule.from; !rows[row] {
			t.Errorf("docs/mapping.md has no row %q", row)
		}
	}
	for _, setting := range []string{"storeTagMapping", "customFieldTagMapping", "collectChannelReferenceFieldName", "shippingMethodMapping"} {
		if !strings.Contains(string(text), setting) {
			t.Errorf("docs/mapping.md does not explain %s", setting)
		}
	}
}
