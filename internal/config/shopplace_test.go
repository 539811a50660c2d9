package config_test

import (
	"fmt"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

// TestAMistakeInAnExpressionIsPlacedHoweverItIsWritten looks for the place of ordr.
func TestAMistakeInAnExpressionIsPlacedHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain":                        "export:\n  when: true && ordr\n",
		"plain over lines":             "export:\n  when: true &&\n    order.id == \"x\" &&\n\n    ordr\n",
		"single":                       "export:\n  when: '''ä'' == \"\" && ordr'\n",
		"single over lines":            "export:\n  when: 'true &&  \n\n\n     ''a'' != ordr'\n",
		"double":                       "export:\n  when: \"\\\"\\u00e4\\x41\\U0001F600\\\" == ordr\"\n",
		"double over lines":            "export:\n  when: \"true\n    && ordr\"\n",
		"literal":                      "export:\n  when: |\n    true &&\n      ordr\n",
		"literal after blank lines":    "export:\n  when: |-\n\n    true\n\n    && ordr\n",
		"literal with more space":      "export:\n  when: |2\n      true && ordr\n",
		"literal with CRLF":            "export:\r\n  when: |\r\n    true\r\n    && ordr\r\n",
		"folded":                       "export:\n  when: >\n    true &&\n    ordr\n",
		"folded after blank lines":     "export:\n  when: >-\n\n    true\n\n\n    &&\n    ordr\n",
		"folded with indented lines":   "export:\n  when: >\n    any(order.lineItems,\n      .quantity > 1) &&\n    ordr\n",
		"folded, the last one of many": "export:\n  hold: >\n    false\n  when: >\n    true\n    && ordr\n",
	} {
		report := config.CheckShopFile(file(t, "shop.yaml", text))
		before, _, _ := strings.Cut(text, "ordr")
		column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
		want := fmt.Sprintf("shop.yaml:%d:%d: export.when: ", strings.Count(before, "\n")+1, column)
		if len(report.Problems) != 1 || !strings.HasPrefix(report.Problems[0].In("shop.yaml"), want) {
			t.Errorf("%s: got %+v, want %s", name, report.Problems, want)
		}
	}
}
