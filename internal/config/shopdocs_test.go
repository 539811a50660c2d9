package config

import (
	"cmp"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"fftconnect/internal/rules"
)

const (
	shopTableBegins = "<!-- configuration: written by go test ./internal/config -update -->\n"
	shopTableEnds   = "<!-- end of configuration -->\n"
	schemaFile      = "../../docs/configuration.schema.json"
)

// shopTable is the documentation's table of every key, made from the code.
func shopTable() string {
	var table strings.Builder
	table.WriteString("| key | meaning | default | example |\n| --- | --- | --- | --- |\n")
	addRows(&table, reflect.TypeFor[Shop](), "")
	return table.String()
}

func addRows(table *strings.Builder, t reflect.Type, prefix string) {
	for field := range fieldsOf(t) {
		path, below := prefix+keyOf(field), field.Type
		for {
			if kind := below.Kind(); kind == reflect.Slice {
				path += "[]"
			} else if kind == reflect.Map {
				path += ".*"
			} else if kind != reflect.Pointer {
				break
			}
			below = below.Elem()
		}
		fmt.Fprintf(table, "| `%s` | %s | %s | %s |\n", path, meaning(field), defaulted(field.Tag), example(field.Tag))
		if below.Kind() == reflect.Struct && below != reflect.TypeFor[rules.Expression]() {
			addRows(table, below, path+".")
		}
	}
}

func meaning(field reflect.StructField) string {
	text := field.Tag.Get("jsonschema")
	switch values := allowedValues(field.Tag); {
	case len(values) > 0 && !strings.HasPrefix(text, values[0]):
		text += ": `" + strings.Join(values, "`, `") + "`"
	}
	return cell(text)
}

func defaulted(tag reflect.StructTag) string {
	if tag.Get("required") != "" {
		return "**required**"
	}
	return cmp.Or(tag.Get("default"), "–")
}

func example(tag reflect.StructTag) string {
	if tag.Get("example") == "" {
		return ""
	}
	return "`" + cell(tag.Get("example")) + "`"
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func TestTheDocumentedConfigurationIsThatOfTheCode(t *testing.T) {
	// Not parallel: the settings' table is in the same file.
	text, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), shopTableBegins)
	documented, after, ok2 := strings.Cut(rest, shopTableEnds)
	switch {
	case !ok || !ok2:
		t.Fatalf("%s has no place for the configuration", docsFile)
	case *update:
		write(t, docsFile, before+shopTableBegins+shopTable()+shopTableEnds+after)
	case documented != shopTable():
		t.Errorf("%s is out of date: run go test ./internal/config -update", docsFile)
	}
}

func TestThePublishedSchemaIsThatOfTheCode(t *testing.T) {
	t.Parallel()
	if *update {
		write(t, schemaFile, string(ShopSchema()))
		return
	}
	if text, err := os.ReadFile(schemaFile); err != nil || string(text) != string(ShopSchema()) {
		t.Errorf("%s is out of date (%v): run go test ./internal/config -update", schemaFile, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEveryKeyIsDescribedAndEveryExpressionSaysWhatItReads(t *testing.T) {
	t.Parallel()
	var look func(reflect.Type, string)
	look = func(at reflect.Type, path string) {
		for at.Kind() == reflect.Pointer || at.Kind() == reflect.Slice || at.Kind() == reflect.Map {
			at = at.Elem()
		}
		if at.Kind() != reflect.Struct || at == reflect.TypeFor[rules.Expression]() {
			return
		}
		for field := range fieldsOf(at) {
			path := path + "." + keyOf(field)
			if field.Tag.Get("jsonschema") == "" {
				t.Errorf("%s has no description", path)
			}
			held := field.Type
			if held.Kind() == reflect.Map {
				held = held.Elem()
			}
			if scope := field.Tag.Get("expression"); (held == reflect.TypeFor[rules.Expression]()) != (scope != "") {
				t.Errorf("%s is tagged expression:%q", path, scope)
			}
			look(field.Type, path)
		}
	}
	look(reflect.TypeFor[Shop](), "")
}
