package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/jsonschema-go/jsonschema"
)

// exitWrongOutput ends a command of a script whose JSON is not as the schema says.
const exitWrongOutput = 99

// mainWithSchema is the program of the scripts.
func mainWithSchema() { os.Exit(runWithSchema(os.Args[1:], os.Stdout, os.Stderr, os.LookupEnv)) }

// runWithSchema is the program as a function. Whatever it prints with --json is held against
// docs/output.schema.json.
func runWithSchema(args []string, stdout, stderr io.Writer, lookup func(string) (string, bool)) int {
	if !slices.Contains(args, "--json") {
		return run(args, stdout, stderr, lookup)
	}
	var printed bytes.Buffer
	code := run(args, io.MultiWriter(stdout, &printed), stderr, lookup)
	schema, err := outputSchema()
	if err == nil {
		err = checkPrinted(schema, args, printed.Bytes())
	}
	if err != nil {
		fmt.Fprintln(stderr, "docs/output.schema.json:", err)
		code = exitWrongOutput
	}
	return code
}

// outputSchema reads the schema from the sources, wherever the program runs.
func outputSchema() (*jsonschema.Schema, error) {
	text, err := os.ReadFile(filepath.Join(cmp.Or(os.Getenv(sourcesVariable), "../.."), "docs/output.schema.json"))
	if err != nil {
		return nil, err
	}
	schema := new(jsonschema.Schema)
	return schema, json.Unmarshal(text, schema)
}

// sourcesVariable tells the commands of scripts, which run in folders of their own, where the sources are.
const sourcesVariable = "FFTCONNECT_TEST_SOURCES"

// checkPrinted checks every JSON document that a command printed.
func checkPrinted(schema *jsonschema.Schema, args []string, printed []byte) error {
	name, err := commandIn(args)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(printed))
	for {
		var value any
		if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s printed no JSON: %w", strings.Join(args, " "), err)
		}
		if err := checkOutput(schema, name, value); err != nil {
			return err
		}
	}
}

// commandIn is the command that the arguments name.
func commandIn(args []string) (string, error) {
	parser, err := kong.New(new(commands), kong.Name("fftconnect"))
	if err != nil {
		return "", err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(parsed.Selected().FullPath(), "fftconnect "), nil
}

func checkOutput(schema *jsonschema.Schema, name string, value any) error {
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return err
	}
	return resolved.Validate(map[string]any{name: value})
}

// TestEveryJSONOutputIsDescribed: each command with --json has its place in the schema, and
// a script that runs it, which holds its output against the schema.
func TestEveryJSONOutputIsDescribed(t *testing.T) {
	t.Parallel()
	schema, err := outputSchema()
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var typed strings.Builder
	for _, file := range scripts {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		typed.Write(text)
	}
	parser, err := kong.New(new(commands), kong.Name("fftconnect"))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(node *kong.Node)
	walk = func(node *kong.Node) {
		for _, child := range node.Children {
			walk(child)
		}
		if len(node.Children) > 0 || !slices.ContainsFunc(node.Flags, func(f *kong.Flag) bool { return f.Name == "json" }) {
			return
		}
		name := strings.TrimPrefix(node.FullPath(), "fftconnect ")
		if schema.Properties[name] == nil {
			t.Errorf("docs/output.schema.json does not describe %s --json", name)
		}
		if !regexp.MustCompile(`fftconnect [^\n]*\b` + name + `\b[^\n]*--json`).MatchString(typed.String()) {
			t.Errorf("no script runs %s --json", name)
		}
	}
	walk(parser.Model.Node)
}

// TestTheSchemaKeepsToOneDialect: keys in snake_case, no other word for advice, durations in milliseconds.
func TestTheSchemaKeepsToOneDialect(t *testing.T) {
	t.Parallel()
	schema, err := outputSchema()
	if err != nil {
		t.Fatal(err)
	}
	var walk func(where string, s *jsonschema.Schema)
	walk = func(where string, s *jsonschema.Schema) {
		if s == nil {
			return
		}
		for name, member := range s.Properties {
			if !regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`).MatchString(name) {
				t.Errorf("%s: key %q is not in snake_case", where, name)
			}
			if slices.Contains([]string{"hint", "fix", "duration", "seconds"}, name) {
				t.Errorf("%s: key %q has another name in this dialect", where, name)
			}
			walk(where+"."+name, member)
		}
		walk(where, s.Items)
		for _, one := range s.AnyOf {
			walk(where, one)
		}
	}
	for name, output := range schema.Properties {
		walk(name, output)
	}
	for name, part := range schema.Defs {
		walk(name, part)
	}
}

// TestTheSchemaRefusesWhatItDoesNotDescribe is the test of the tests above.
func TestTheSchemaRefusesWhatItDoesNotDescribe(t *testing.T) {
	t.Parallel()
	schema, err := outputSchema()
	if err != nil {
		t.Fatal(err)
	}
	const finding = `{"healthy":false,"findings":[{"area":"a","check":"c","status":"fail","advice":"do"}]}`
	for printed, right := range map[string]bool{
		finding: true,
		strings.Replace(finding, "advice", "fix", 1):          false,
		strings.Replace(finding, `"fail"`, `"broken"`, 1):     false,
		strings.Replace(finding, `"healthy":false,`, ``, 1):   false,
		strings.Replace(finding, `"area"`, `"Area"`, 1):       false,
		strings.Replace(finding, `"findings":`, `"Rows":`, 1): false,
		finding + strings.Replace(finding, `"a"`, `1`, 1):     false,
		`The installation is healthy.`:                        false,
	} {
		if err := checkPrinted(schema, []string{"--env-file", "output_test.go", "doctor", "--json"}, []byte(printed)); (err == nil) != right {
			t.Errorf("%s: %v", printed, err)
		}
	}
	if err := checkPrinted(schema, []string{"unheard", "of", "--json"}, []byte(`{}`)); err == nil {
		t.Error("a command that the schema does not know is accepted")
	}
	if err := checkOutput(schema, "events list", []any{map[string]any{
		"id": 1.0, "flow": "export", "type": "t", "received_at": "yesterday", "state": "dead", "attempts": 1.0, "since": "2026-01-02T03:04:05Z",
	}}); err == nil {
		t.Error("a time in words is accepted")
	}
}
