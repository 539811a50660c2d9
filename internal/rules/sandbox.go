package rules

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
)

// What one expression may take, beside the budget that it shares with the order's others.
const (
	maxNodes     = 500      // of its syntax tree
	maxText      = 64 << 10 // bytes that one function may join together
	memoryBudget = 200_000  // list elements that it may make, over all
)

// functions are what expressions may call. Left out is what reads the clock and what
// lets a short expression grow a value beyond all bounds.
var functions = []string{
	"all", "none", "any", "one", "filter", "map", "find", "findIndex", "findLast", "count", "sum", "sortBy",
	"len", "type", "abs", "ceil", "floor", "round", "int", "float", "string", "min", "max", "mean", "median",
	"trim", "trimPrefix", "trimSuffix", "upper", "lower", "split", "indexOf", "lastIndexOf", "hasPrefix", "hasSuffix",
	"fromJSON", "duration", "date", "timezone", "first", "last", "get", "take", "reverse", "uniq", "sort",
}

// sandboxConfig is how expressions over a scope are read.
func sandboxConfig(scope any) *conf.Config {
	options := []expr.Option{expr.Env(scope), expr.MaxNodes(maxNodes), expr.Optimize(false), expr.DisableAllBuiltins()}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	options = append(options,
		expr.Function("replace", replaceAll, new(func(text, old, with string) string)),
		expr.Function("join", joinAll, new(func(texts []string, between string) string), new(func(texts []any, between string) string),
			new(func(texts []string) string), new(func(texts []any) string)),
		expr.Function("keys", sortedKeys, new(func(object map[string]any) []any), new(func(object map[string]string) []any)),
		expr.Function(spendName, spendOnValue, new(func(budget *Budget, value any, cost int) any)),
		expr.Function(stepName, spendOneStep, new(func(budget *Budget, value any, cost int) any)),
		expr.Function(truthName, toBool, new(func(value any) bool)),
		expr.Function("values", sortedValues, new(func(object map[string]any) []any), new(func(object map[string]string) []any)),
	)
	config := conf.CreateNew()
	for _, option := range options {
		option(config)
	}
	for name := range config.Disabled {
		delete(config.Builtins, name)
	}
	config.Check()
	return config
}

// sortedKeys keeps an expression's result the same every time: objects have no order.
func sortedKeys(given ...any) (any, error) {
	object := reflect.ValueOf(given[0])
	if object.Kind() != reflect.Map || object.Type().Key().Kind() != reflect.String {
		return nil, errors.New("invalid operation: not an object")
	}
	keys := make([]any, 0, object.Len())
	for _, key := range object.MapKeys() {
		keys = append(keys, key.String())
	}
	slices.SortFunc(keys, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	return keys, nil
}

// sortedValues are in the order of their keys.
func sortedValues(given ...any) (any, error) {
	keys, err := sortedKeys(given...)
	if err != nil {
		return nil, err
	}
	values := keys.([]any)
	for i, key := range values {
		values[i] = reflect.ValueOf(given[0]).MapIndex(reflect.ValueOf(key)).Interface()
	}
	return values, nil
}

var errTooLong = errors.New("text too long")

func replaceAll(given ...any) (any, error) {
	text, old, with := given[0].(string), given[1].(string), given[2].(string)
	if len(text)+strings.Count(text, old)*len(with) > maxText {
		return nil, errTooLong
	}
	return strings.ReplaceAll(text, old, with), nil
}

func joinAll(given ...any) (any, error) {
	between := ""
	if len(given) > 1 {
		between = given[1].(string)
	}
	texts, ok := given[0].([]string)
	if !ok {
		for _, part := range given[0].([]any) {
			text, ok := part.(string)
			if !ok {
				return nil, errors.New("join takes texts")
			}
			texts = append(texts, text)
		}
	}
	length := 0
	for _, text := range texts {
		if length += len(text) + len(between); length > maxText {
			return nil, errTooLong
		}
	}
	return strings.Join(texts, between), nil
}

// refusalVisitor visits a checked syntax tree, and finds what is not available.
type refusalVisitor struct {
	source  string
	problem *Error
}

func (r *refusalVisitor) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BuiltinNode:
		if !slices.Contains(functions, n.Name) {
			r.refuse(n, n.Name+" is not available")
		}
	case *ast.VariableDeclaratorNode:
		r.refuse(n, "let is not available")
	case *ast.IdentifierNode:
		if strings.HasPrefix(n.Value, reserved) {
			r.refuse(n, n.Value+" is not available")
		}
	case *ast.BinaryNode:
		if _, literal := n.Right.(*ast.StringNode); n.Operator == "matches" && !literal {
			r.refuse(n.Right, "the pattern of matches must be written out")
		}
	}
}

func (r *refusalVisitor) refuse(node ast.Node, why string) {
	if r.problem == nil {
		line, column := position(r.source, node.Location().From)
		r.problem = &Error{Line: line, Column: column, Message: why}
	}
}

// position is the line and column of the n-th letter.
func position(text string, n int) (line, column int) {
	before := string([]rune(text)[:n])
	return strings.Count(before, "\n") + 1, len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
}

// toError says in words of its own why an expression could not be evaluated: those of
// the evaluator may quote values.
func toError(err error) *Error {
	failed := asError(err)
	reason := "it cannot be evaluated for these values"
	for _, known := range []struct{ begins, reason string }{
		{"cannot fetch", "it reads a field of something that has none (?. reads what may be absent)"},
		{"cannot get", "it reads a field of something that has none (?. reads what may be absent)"},
		{"index out of range", "it reads beyond the end of a list"},
		{"memory budget exceeded", "it makes too long a list"},
		{"runtime error: integer divide by zero", "it divides by zero"},
		{"invalid operation", "it computes with values of the wrong types"},
		{"interface conversion", "it computes with values of the wrong types"},
		{errTooLong.Error(), "it makes too long a text"},
		{errNoTruth.Error(), errNoTruth.Error()},
		{ErrBudget.Error(), ErrBudget.Error()},
	} {
		if strings.HasPrefix(failed.Message, known.begins) {
			reason = known.reason
		}
	}
	failed.Message = reason
	return failed
}
