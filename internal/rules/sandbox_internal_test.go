package rules

import (
	"os"
	"strings"
	"testing"
)

func TestTheDocumentationNamesEveryFunction(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"replace", "join", "keys", "values"}, functions...) {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/configuration.md does not name %s", name)
		}
	}
}
