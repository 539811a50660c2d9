package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// node is a value of the configuration's text, and where it stands. JSON and YAML
// become the same.
type node struct {
	Position
	kind   string // in the words of JSON
	style  string // of a text: how it is written
	value  any    // of a text, number or bool
	keys   []key  // of an object
	values []*node
	wrong  string // why the text cannot mean what was probably meant
}

type key struct {
	Position
	name string
}

// Kinds of nodes.
const (
	anObject = "object"
	aList    = "array"
	aText    = "string"
	aNumber  = "number"
	aBool    = "bool"
	aNull    = "null"
)

// Styles of texts, as far as letters stand elsewhere than in the text itself.
const (
	plain   = "plain"
	single  = "single"
	double  = "double"
	literal = "literal"
	folded  = "folded"
)

// jsonTree reads JSON.
func jsonTree(text []byte) (*node, Position, error) {
	var whole any
	if err := json.Unmarshal(text, &whole); err != nil {
		var syntax *json.SyntaxError
		var at Position
		if errors.As(err, &syntax) {
			at = positionOf(text, int(syntax.Offset)-1)
		}
		return nil, at, fmt.Errorf("is not JSON: %w", err)
	}
	r := jsonReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text))}
	r.decoder.UseNumber()
	return r.readNode(r.nextToken()), Position{}, nil
}

// jsonReader reads text that is known to be JSON.
type jsonReader struct {
	text    []byte
	decoder *json.Decoder
}

func (r *jsonReader) nextToken() (json.Token, Position) {
	from := int(r.decoder.InputOffset())
	for from < len(r.text) && strings.IndexByte(" \t\r\n:,", r.text[from]) >= 0 {
		from++
	}
	token, _ := r.decoder.Token()
	return token, positionOf(r.text, from)
}

func (r *jsonReader) readNode(token json.Token, at Position) *node {
	n := &node{Position: at, kind: aNull}
	switch token := token.(type) {
	case string:
		n.kind, n.value, n.style = aText, token, double
	case json.Number:
		n.kind = aNumber
		n.value, _ = token.Float64()
	case bool:
		n.kind, n.value = aBool, token
	case json.Delim:
		n.kind = aList
		if token == '{' {
			n.kind = anObject
		}
		for r.decoder.More() {
			if n.kind == anObject {
				name, at := r.nextToken()
				n.keys = append(n.keys, key{at, name.(string)})
			}
			n.values = append(n.values, r.readNode(r.nextToken()))
		}
		r.nextToken()
	}
	return n
}

// positionOf is the line and column of the byte at offset.
func positionOf(text []byte, offset int) Position {
	before := text[:min(max(offset, 0), len(text))]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return Position{Line: bytes.Count(before, []byte("\n")) + 1, Column: utf8.RuneCount(line) + 1}
}

// yamlTree reads YAML; no node for a file without content.
func yamlTree(text []byte) (*node, Position, error) {
	var document yaml.Node
	if !hasContent(text) {
		return nil, Position{}, nil
	}
	if err := yaml.Load(text, &document); err != nil {
		var wrong *yaml.LoadError
		if at, found := findIndentingTab(text); found {
			return nil, at, errors.New("is not YAML: a tab stands where the line is indented, and YAML takes only blanks there")
		}
		if errors.As(err, &wrong) {
			return nil, Position{wrong.Mark.Line, wrong.Mark.Column}, errors.New("is not YAML: " + wrong.Message + inWords[wrong.Message])
		}
		return nil, Position{}, errors.New("is not YAML: " + err.Error())
	}
	if len(document.Content) == 0 {
		return nil, Position{}, nil
	}
	left := maxNodes
	n, err := yamlNode(document.Content[0], &left, 0)
	return n, Position{}, err
}

// inWords says what to do about what YAML's own words do not explain.
var inWords = map[string]string{
	"mapping values are not allowed in this context": `: a text with ": " in it, such as a ? b : c, stands in quotes`,
}

// findIndentingTab is the first tab before a line's content.
func findIndentingTab(text []byte) (Position, bool) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		if at := bytes.IndexByte(indent, '\t'); at >= 0 && len(bytes.TrimSpace(line)) > 0 {
			return Position{n, at + 1}, true
		}
	}
	return Position{}, false
}

// hasContent reports whether there is more than comments.
func hasContent(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return true
		}
	}
	return false
}

// What a configuration never needs, and a few lines of aliases could ask for.
const (
	maxDepth = 30
	maxNodes = 100_000
)

var errTooLarge = errors.New("is nested too deeply, or too large")

// yamlNode takes what an alias stands for in its place. left is how many more nodes
// there may be.
func yamlNode(from *yaml.Node, left *int, depth int) (*node, error) {
	if *left--; *left < 0 || depth > maxDepth {
		return nil, errTooLarge
	}
	n := &node{Position: Position{from.Line, from.Column}, kind: aNull, wrong: unsupportedTag(from)}
	switch from.Kind {
	case yaml.AliasNode:
		return yamlNode(from.Alias, left, depth+1)
	case yaml.MappingNode:
		n.kind = anObject
		return n, n.addYAMLEntries(from, left, depth)
	case yaml.SequenceNode:
		n.kind = aList
	case yaml.ScalarNode:
		return n, readYAMLScalar(n, from)
	}
	for _, child := range from.Content {
		value, err := yamlNode(child, left, depth+1)
		if err != nil {
			return nil, err
		}
		n.values = append(n.values, value)
	}
	return n, nil
}

// addYAMLEntries takes the entries of a mapping, and after them those of its merge keys (<<)
// that it has not itself. Of several the first one counts.
func (n *node) addYAMLEntries(from *yaml.Node, left *int, depth int) error {
	var merged []*node
	for i := 0; i+1 < len(from.Content); i += 2 {
		name := from.Content[i]
		value, err := yamlNode(from.Content[i+1], left, depth+1)
		if err != nil {
			return err
		}
		if name.ShortTag() != "!!merge" {
			n.addEntry(key{Position{name.Line, name.Column}, name.Value}, value)
			value.wrong = cmp.Or(unsupportedTag(name), value.wrong)
			continue
		}
		sources := []*node{value}
		if value.kind == aList {
			sources = value.values
		}
		for _, source := range sources {
			if source.kind != anObject {
				n.wrong = "merges (<<) what has no keys"
			}
			merged = append(merged, source)
		}
	}
	for _, source := range merged {
		for i, key := range source.keys {
			if *left--; *left < 0 {
				return errTooLarge
			}
			if !slices.ContainsFunc(n.keys, isKeyNamed(key.name)) {
				n.addEntry(key, source.values[i])
			}
		}
	}
	return nil
}

func isKeyNamed(name string) func(key) bool { return func(k key) bool { return k.name == name } }

func (n *node) addEntry(key key, value *node) {
	n.keys, n.values = append(n.keys, key), append(n.values, value)
}

// ownTags are YAML's, as far as a configuration can use them.
var ownTags = []string{"!!null", "!!bool", "!!int", "!!float", "!!str", "!!timestamp", "!!seq", "!!map", "!!merge"}

// unsupportedTag explains a tag that is not YAML's own: most often it was to be a negation,
// and has swallowed the rule.
func unsupportedTag(from *yaml.Node) string {
	tag := from.ShortTag()
	if from.Tag == "!" {
		tag = from.Tag // taken for a text's
	}
	if from.Kind == yaml.AliasNode || from.Kind == yaml.DocumentNode || slices.Contains(ownTags, tag) {
		return ""
	}
	if meant := strings.TrimPrefix(tag, "!") + from.Value; !strings.HasPrefix(tag, "!!") && from.Kind == yaml.ScalarNode {
		return fmt.Sprintf("holds a YAML tag (%s), which YAML takes out of the text; for a negation write: not %s", tag, meant)
	}
	return fmt.Sprintf("holds a YAML tag (%s) that means nothing here", tag)
}

// leadingZero are numbers that YAML reads to the base of eight.
var leadingZero = regexp.MustCompile(`^[-+]?0[0-9_]+$`)

func readYAMLScalar(n *node, from *yaml.Node) error {
	n.kind, n.value, n.style = aText, from.Value, yamlStyle(from.Style)
	var value any
	switch from.ShortTag() {
	case "!!null":
		n.kind = aNull
	case "!!bool", "!!int", "!!float":
		if err := from.Decode(&value); err != nil {
			return err
		}
		n.setScalar(value)
		if leadingZero.MatchString(from.Value) {
			n.wrong = fmt.Sprintf("is %s, which YAML takes for %v; write the number without 0 before it, or in quotes", from.Value, value)
		}
	}
	return nil
}

func (n *node) setScalar(value any) {
	switch value := value.(type) {
	case bool:
		n.kind, n.value = aBool, value
	case int:
		n.kind, n.value = aNumber, float64(value)
	case float64:
		n.kind, n.value = aNumber, value
	}
}

func yamlStyle(style yaml.Style) string {
	switch {
	case style&yaml.DoubleQuotedStyle != 0:
		return double
	case style&yaml.SingleQuotedStyle != 0:
		return single
	case style&yaml.LiteralStyle != 0:
		return literal
	case style&yaml.FoldedStyle != 0:
		return folded
	}
	return plain
}
