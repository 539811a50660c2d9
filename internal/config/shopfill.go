package config

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

// filler puts a tree into the configuration's structs, and notes everything that does
// not fit instead of stopping at it. What fields take is in their tags: enum lists the
// values that they may have, required says that they must have one, and expression
// names what an expression reads and must result in.
type filler struct {
	lines     []string // of the file
	problems  []ShopProblem
	warnings  []ShopProblem
	fields    []fieldUse
	positions map[string]Position // by path
}

// place is what is known of a value beside the value.
type place struct {
	path   string
	tag    reflect.StructTag
	strict bool // an unknown key is a problem
}

func (p place) child(name string) place {
	return place{path: strings.TrimPrefix(p.path+"."+name, "."), strict: p.strict}
}

// mayNameBeEmpty reports a setting of its own, not an element of a list or an entry, that may
// be left out. The existing connector's object may hold empty ones.
func (p place) mayNameBeEmpty() bool {
	return p.tag.Get("jsonschema") != "" && p.tag.Get("required") == "" && !strings.HasSuffix(p.path, "]")
}

func (f *filler) addProblem(at Position, path, message string, args ...any) {
	f.problems = append(f.problems, ShopProblem{at, path, path + fmt.Sprintf(message, args...)})
}

// fill reports whether the node was of the right kind.
func (f *filler) fill(to reflect.Value, n *node, p place) {
	f.positions[p.path] = n.Position
	isExpression := to.Type() == reflect.TypeFor[rules.Expression]()
	switch {
	case n.wrong != "":
		f.addProblem(n.Position, p.path, " %s", n.wrong)
	case isExpression && (n.kind == aNull || n.value == ""):
		f.addProblem(n.Position, p.path, " is empty: write an expression, or leave the key out")
	case to.Kind() == reflect.String && p.strict && p.mayNameBeEmpty() && (n.kind == aNull || n.value == ""):
		f.addProblem(n.Position, p.path, " is empty: write a text, or leave the key out")
	case n.kind == aNull:
	case isExpression:
		f.fillExpression(to.Addr().Interface().(*rules.Expression), n, p)
	case to.Kind() == reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		f.fill(to.Elem(), n, p)
	case to.Kind() == reflect.Struct && n.kind == anObject:
		f.fillObject(to, n, p)
	case to.Kind() == reflect.Map && n.kind == anObject:
		f.fillMap(to, n, p)
	case to.Kind() == reflect.Slice && n.kind == aList:
		f.fillList(to, n, p)
	case to.Kind() == reflect.String && n.kind == aText:
		to.SetString(n.value.(string))
		f.checkEnum(n, p)
	case to.Kind() == reflect.Bool && n.kind == aBool:
		to.SetBool(n.value.(bool))
	case to.Kind() == reflect.Int && n.kind == aNumber && n.value == math.Trunc(n.value.(float64)):
		to.SetInt(int64(n.value.(float64)))
	case p.path == "":
		f.problems = append(f.problems, ShopProblem{Position: n.Position, Message: "must be a JSON object, not " + n.kind})
	default:
		f.addTypeProblem(n, p, to.Kind())
	}
}

func (f *filler) addTypeProblem(n *node, p place, wanted reflect.Kind) {
	kinds := map[reflect.Kind]rules.Kind{
		reflect.Bool: rules.Bool, reflect.String: rules.Text, reflect.Int: rules.Number,
		reflect.Slice: rules.List, reflect.Map: rules.Object, reflect.Struct: rules.Object,
	}
	f.addProblem(n.Position, p.path, " holds the wrong type (%s), must be %s", n.kind, kinds[wanted])
}

func (f *filler) fillObject(to reflect.Value, n *node, p place) {
	given := map[string]*node{}
	for i, key := range n.keys {
		if given[key.name] != nil {
			f.addProblem(key.Position, p.child(key.name).path, " is given twice")
			continue
		}
		given[key.name] = n.values[i]
		field, ok := fieldByKey(to.Type(), key.name)
		if !ok {
			f.addUnknownKey(to.Type(), key, p)
			continue
		}
		below := p.child(key.name)
		below.tag = field.Tag
		below.strict = p.strict || p.path == "" && slices.Contains(ownBlocks, key.name)
		f.fill(to.FieldByIndex(field.Index), n.values[i], below)
	}
	for field := range fieldsOf(to.Type()) {
		value := given[keyOf(field)]
		if field.Tag.Get("required") != "" && (value == nil || value.kind == aNull) {
			f.addMissing(n, p.child(keyOf(field)).path, field.Tag)
		}
	}
}

// ownBlocks are our part of the configuration: nobody else keeps keys there.
var ownBlocks = []string{"export", "feedback", "facilities"}

// schemaKey lets editors find the JSON Schema.
const schemaKey = "$schema"

// apartPrefix begins keys at the top of a file that are nobody's: a place for what
// aliases and merge keys refer to.
const apartPrefix = "x-"

func (f *filler) addUnknownKey(t reflect.Type, key key, p place) {
	if p.path == "" && (key.name == schemaKey || p.strict && strings.HasPrefix(key.name, apartPrefix)) {
		return
	}
	var known []string
	for field := range fieldsOf(t) {
		known = append(known, keyOf(field))
	}
	path := p.child(key.name).path
	problem := ShopProblem{key.Position, path, path + " is unknown" + rules.DidYouMean(key.name, known)}
	if p.strict {
		f.problems = append(f.problems, problem)
		return
	}
	f.warnings = append(f.warnings, problem)
}

func (f *filler) addMissing(n *node, path string, tag reflect.StructTag) {
	if allowed := allowedValues(tag); len(allowed) > 0 {
		f.addProblem(n.Position, path, " is \"\", must be %s", joinWithOr(allowed))
		return
	}
	f.addProblem(n.Position, path, " is missing")
}

func (f *filler) checkEnum(n *node, p place) {
	value := n.value.(string)
	allowed := allowedValues(p.tag)
	switch {
	case len(allowed) == 0 && value == "" && p.tag.Get("required") != "":
		f.addProblem(n.Position, p.path, " is empty")
	case len(allowed) == 0, slices.Contains(allowed, value), value == "" && p.tag.Get("required") == "":
	case len(allowed) > 8:
		f.addProblem(n.Position, p.path, " is %q, which is unknown%s", value, rules.DidYouMean(value, allowed))
	default:
		f.addProblem(n.Position, p.path, " is %q, must be %s", value, joinWithOr(allowed))
	}
}

// allowedValues lists the values that a field, or each element of a list, may have.
func allowedValues(tag reflect.StructTag) []string {
	switch values := tag.Get("enum"); values {
	case "":
		return nil
	case "events":
		return fulfillmenttools.Events
	default:
		return strings.Split(values, "|")
	}
}

func joinWithOr(values []string) string {
	last := len(values) - 1
	if last == 0 {
		return values[0]
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

func (f *filler) fillMap(to reflect.Value, n *node, p place) {
	to.Set(reflect.MakeMap(to.Type()))
	for i, key := range n.keys {
		below := p.child(key.name)
		if to.MapIndex(reflect.ValueOf(key.name)).IsValid() {
			f.addProblem(key.Position, below.path, " is given twice")
		}
		value := reflect.New(to.Type().Elem()).Elem()
		if p.tag.Get("expression") == "target" {
			f.fillTarget(value.Addr().Interface().(*rules.Expression), key, n.values[i], below)
		} else {
			f.fill(value, n.values[i].orEmptyObject(value.Type()), below)
		}
		to.SetMapIndex(reflect.ValueOf(key.name), value)
	}
}

// orEmptyObject takes nothing for an object without keys, where there must be one.
func (n *node) orEmptyObject(as reflect.Type) *node {
	if n.kind == aNull && as.Kind() == reflect.Struct && as != reflect.TypeFor[rules.Expression]() {
		return &node{Position: n.Position, kind: anObject}
	}
	return n
}

func (f *filler) fillList(to reflect.Value, n *node, p place) {
	to.Set(reflect.MakeSlice(to.Type(), len(n.values), len(n.values)))
	for i, value := range n.values {
		path := fmt.Sprintf("%s[%d]", p.path, i)
		if value.value == "" || value.kind == aNull && to.Type().Elem().Kind() == reflect.String {
			f.addProblem(value.Position, path, " is empty")
		}
		f.fill(to.Index(i), value.orEmptyObject(to.Type().Elem()), place{path: path, tag: p.tag, strict: p.strict})
	}
}

// fillTarget is an expression whose key says what it sets.
func (f *filler) fillTarget(to *rules.Expression, key key, n *node, p place) {
	target, err := rules.TargetOf(key.name)
	if err != nil {
		f.addProblem(key.Position, p.path, ": %v", err)
		return
	}
	var scope any = rules.OrderScope{}
	if target.PerLine {
		scope = rules.LineScope{}
	}
	f.positions[p.path] = key.Position
	switch {
	case n.wrong != "":
		f.addProblem(n.Position, p.path, " %s", n.wrong)
		return
	case n.kind == aNull || n.value == "":
		f.addProblem(n.Position, p.path, " is empty")
		return
	}
	f.compileExpression(to, n, p, scope, target.Kind)
}

func (f *filler) fillExpression(to *rules.Expression, n *node, p place) {
	reads, results, _ := strings.Cut(p.tag.Get("expression"), " ")
	scope := map[string]any{"order": rules.OrderScope{}, "line": rules.LineScope{}, "event": rules.EventScope{}}[reads]
	kind := map[string]rules.Kind{"": rules.Any, "bool": rules.Bool, "text": rules.Text}[results]
	f.compileExpression(to, n, p, scope, kind)
}

// compileExpression also takes true, false and numbers for the expressions that they are.
func (f *filler) compileExpression(to *rules.Expression, n *node, p place, scope any, kind rules.Kind) {
	switch value := n.value.(type) {
	case string:
		*to = rules.New(value)
	case bool:
		*to = rules.New(strconv.FormatBool(value))
	case float64:
		*to = rules.New(strconv.FormatFloat(value, 'f', -1, 64))
	default:
		f.addProblem(n.Position, p.path, " holds the wrong type (%s), must be an expression", n.kind)
		return
	}
	err := to.Compile(scope, kind)
	if wrong, ok := err.(*rules.Error); ok {
		f.addProblem(positionInScalar(f.lines, n, wrong.Line, wrong.Column), p.path, ": %v", wrong)
	}
	for _, read := range to.FieldsRead() {
		f.fields = append(f.fields, fieldUse{positionInScalar(f.lines, n, read.Line, read.Column), p.path, read.Of, read.Name})
	}
}
