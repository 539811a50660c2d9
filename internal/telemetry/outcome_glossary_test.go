package telemetry_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fftconnect/internal/remote"
)

// glossaryTypes are the types whose constants people see, with their heading in the glossary.
var glossaryTypes = map[string]string{
	"outcome.Flow": "Directions", "outcome.Kind": "Outcomes", "ledger.State": "States of stored events", "ledger.Class": "Classes of dead letters",
	"reconcile.Kind": "Findings", "telemetry.Repair": "What became of a finding", "reconcile.Trigger": "Who looked", "reconcile.Late": "Why an order is late",
	"outcome.NameKind": "Names of an order", "doctor.Status": "What doctor says", "notify.Kind": "What people are told", "shadow.Kind": "Differences in shadow mode",
	"setup.Part": "Parts of an installation",
}

// TestTheGlossaryHasEveryWordOnce: what the code says is there, and nothing else is.
func TestTheGlossaryHasEveryWordOnce(t *testing.T) {
	t.Parallel()
	inCode := map[string][]string{"Failed calls": {}, "Where an order is": statesOfOrders(t)}
	for kind := remote.Rejected; kind <= remote.Blocked; kind++ {
		inCode["Failed calls"] = append(inCode["Failed calls"], kind.String())
	}
	constants(t, func(name, value string) {
		if heading := glossaryTypes[name]; heading != "" {
			inCode[heading] = append(inCode[heading], value)
		}
	})
	inGlossary := glossaryWords(t)
	for heading, words := range inCode {
		if len(words) == 0 {
			t.Errorf("%s: the code says nothing", heading)
		}
		for _, word := range words {
			if !slices.Contains(inGlossary[heading], word) {
				t.Errorf("%s: the glossary lacks %q", heading, word)
			}
		}
		for _, word := range inGlossary[heading] {
			if !slices.Contains(words, word) {
				t.Errorf("%s: nobody says %q", heading, word)
			}
		}
	}
	for heading, words := range inGlossary {
		if heading != "Things" && inCode[heading] == nil {
			t.Errorf("%s is held to nothing", heading)
		}
		slices.Sort(words)
		if len(slices.Compact(words)) != len(words) {
			t.Errorf("%s has a word twice: %q", heading, words)
		}
	}
}

// glossaryWords are the words by their headings.
func glossaryWords(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	words, heading := map[string][]string{}, ""
	cell := regexp.MustCompile("^\\| `?([^`|]+?)`? \\| ")
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			heading = strings.TrimSpace(name)
		}
		if match := cell.FindStringSubmatch(line); match != nil && match[1] != "word" && match[1] != "---" {
			words[heading] = append(words[heading], match[1])
		}
	}
	return words
}

// constants tells the text of every typed constant, under package and type.
func constants(t *testing.T, each func(name, value string)) {
	t.Helper()
	eachFile(t, "..", func(file *ast.File) {
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || spec.Type == nil || len(spec.Values) != 1 {
				return true
			}
			name := file.Name.Name + "."
			switch kind := spec.Type.(type) {
			case *ast.Ident:
				name += kind.Name
			case *ast.SelectorExpr: // of another package
				name = kind.X.(*ast.Ident).Name + "." + kind.Sel.Name
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				value, _ := strconv.Unquote(literal.Value)
				each(name, value)
			}
			return true
		})
	})
}

// statesOfOrders are the texts in the functions that say where an order is.
func statesOfOrders(t *testing.T) (states []string) {
	t.Helper()
	eachFile(t, "../reconcile", func(file *ast.File) {
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok || function.Name.Name != "describeBriefly" && function.Name.Name != "describePicking" {
				continue
			}
			ast.Inspect(function, func(node ast.Node) bool {
				if _, compares := node.(*ast.BinaryExpr); compares {
					return false // what it asks, not what it says
				}
				literal, ok := node.(*ast.BasicLit)
				if value := ""; ok && literal.Kind == token.STRING {
					if value, _ = strconv.Unquote(literal.Value); len(value) > 2 && !strings.Contains(value, "%") {
						states = append(states, value)
					}
				}
				return true
			})
		}
	})
	return states
}

// eachFile parses the files below a folder that are no tests.
func eachFile(t *testing.T, folder string, each func(*ast.File)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err == nil {
			each(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
