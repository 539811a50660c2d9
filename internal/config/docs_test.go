package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

const docsFile = "../../docs/configuration.md"

const (
	tableBegins = "<!-- settings: written by go test ./internal/config -update -->\n"
	tableEnds   = "<!-- end of settings -->\n"
)

// settingsTable is the documentation's table, made from the code.
func settingsTable() string {
	var table strings.Builder
	table.WriteString("| setting | meaning | default |\n| --- | --- | --- |\n")
	for _, s := range Settings() {
		value := "`" + s.Default + "`"
		switch {
		case s.Required:
			value = "**required**"
		case s.NeededBy != 0:
			value = "required by `install`"
		case s.Computed != nil:
			value = "see meaning"
		case s.Default == "":
			value = "–"
		}
		if s.Secret {
			value += ", secret"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", s.Name, s.Meaning, value)
	}
	fmt.Fprintf(&table, "| `%s` | %s | required by `install`, secret |\n", DestinationVariable, destinationMeaning)
	return table.String()
}

func TestTheDocumentedSettingsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegins)
	documented, after, ok2 := strings.Cut(rest, tableEnds)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the settings", docsFile)
	}
	if *update {
		text := before + tableBegins + settingsTable() + tableEnds + after
		if err := os.WriteFile(docsFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if documented != settingsTable() {
		t.Errorf("%s is out of date: run go test ./internal/config -update", docsFile)
	}
}
