package export

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTheDocumentedStreetsAreSplit reads the table of docs/mapping.md, so that each
// country that is split has an example there which is true.
func TestTheDocumentedStreetsAreSplit(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| country | in commercetools |")
	if !found {
		t.Fatal("docs/mapping.md has no table of streets")
	}
	countries := map[string]bool{}
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) < 6 {
			if len(countries) > 0 {
				break
			}
			continue
		}
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		if len(cells[1]) != 2 {
			continue
		}
		name, number, rest, ok := splitStreet(cells[2], cells[1])
		if want := cells[4] != ""; ok != want || ok && (name != cells[3] || number != cells[4] || rest != cells[5]) {
			t.Errorf("%s %q: %q, %q, %q, %v, want %q", cells[1], cells[2], name, number, rest, ok, cells[3:6])
		}
		countries[cells[1]] = countries[cells[1]] || ok
	}
	for _, country := range slices.Concat(numberLast, numberFirst) {
		if !countries[country] {
			t.Errorf("docs/mapping.md has no example of %s", country)
		}
	}
}
