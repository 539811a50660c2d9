package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	return r.node(r.next()), Position{}, nil
}

// jsonReader reads text that is known to be JSON.
type jsonReader struct {
	text    []byte
	decoder *json.Decoder
}

func (r *jsonReader) next() (json.Token, Position) {
	from := int(r.decoder.InputOffset())
	for from < len(r.text) && strings.IndexByte(" \t\r\n:,", r.text[from]) >= 0 {
		from++
	}
	token, _ := r.decoder.Token()
	return token, positionOf(r.text, from)
}

func (r *jsonReader) node(token json.Token, at Position) *node {
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
				name, at := r.next()
				n.keys = append(n.keys, key{at, name.(string)})
			}
			n.values = append(n.values, r.node(r.next()))
		}
		r.next()
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
	if !saysSomething(text) {
		return nil, Position{}, nil
	}
	if err := yaml.Load(text, &document); err != nil {
		var wrong *yaml.LoadError
		if errors.As(err, &wrong) {
			return nil, Position{wrong.Mark.Line, wrong.Mark.Column}, errors.New("is not YAML: " + wrong.Message)
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

// saysSomething reports whether there is more than comments.
func saysSomething(text []byte) bool {
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

// yamlNode takes what an alias stands for in its place. left is how many more nodes
// there may be.
func yamlNode(from *yaml.Node, left *int, depth int) (*node, error) {
	if *left--; *left < 0 || depth > maxDepth {
		return nil, errors.New("is nested too deeply, or too large")
	}
	n := &node{Position: Position{from.Line, from.Column}, kind: aNull}
	switch from.Kind {
	case yaml.AliasNode:
		return yamlNode(from.Alias, left, depth+1)
	case yaml.MappingNode:
		n.kind = anObject
	case yaml.SequenceNode:
		n.kind = aList
	case yaml.ScalarNode:
		return n, yamlScalar(n, from)
	}
	for i, child := range from.Content {
		if n.kind == anObject && i%2 == 0 {
			n.keys = append(n.keys, key{Position{child.Line, child.Column}, child.Value})
			continue
		}
		value, err := yamlNode(child, left, depth+1)
		if err != nil {
			return nil, err
		}
		n.values = append(n.values, value)
	}
	return n, nil
}

func yamlScalar(n *node, from *yaml.Node) error {
	n.kind, n.value, n.style = aText, from.Value, yamlStyle(from.Style)
	var value any
	switch from.ShortTag() {
	case "!!null":
		n.kind = aNull
	case "!!bool", "!!int", "!!float":
		if err := from.Decode(&value); err != nil {
			return err
		}
		n.scalar(value)
	}
	return nil
}

func (n *node) scalar(value any) {
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
