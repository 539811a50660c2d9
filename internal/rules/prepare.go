package rules

import (
	"errors"
	"reflect"
	"regexp/syntax"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Functions that only prepared expressions call: no name in the configuration may begin
// with their first letter.
const (
	reserved    = "$"
	spendName   = reserved + "spend"
	stepName    = reserved + "step"
	truthName   = reserved + "truth"
	budgetField = reserved + "budget" // of the scopes
)

// preparation changes the syntax tree of a checked expression from its leaves up: what
// could take long pays for it out of the order's budget, and where true or false is
// wanted, nil is false.
type preparation struct{}

// conditional are the functions whose predicate is true or false.
var conditional = []string{"all", "none", "any", "one", "filter", "find", "findIndex", "findLast", "count"}

// looping are those, and the others that evaluate a part of the expression for each
// element, which pays for itself.
var looping = append([]string{"map", "sum", "sortBy"}, conditional...)

func (preparation) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		wrapInCall(&n.Node, stepName, &ast.IdentifierNode{Value: budgetField}, n.Node, &ast.IntegerNode{Value: stepsOf(n.Node)})
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			wrapAsBool(&n.Node)
		}
	case *ast.ConditionalNode:
		wrapAsBool(&n.Cond)
	case *ast.BinaryNode:
		prepareBinaryNode(node, n)
	case *ast.BuiltinNode:
		prepareBuiltinNode(node, n)
	case *ast.CallNode:
		for i := range n.Arguments {
			chargeFor(&n.Arguments[i], 1)
		}
		chargeFor(node, 1)
	case *ast.SliceNode:
		chargeFor(&n.Node, 1)
	case *ast.ArrayNode, *ast.MapNode:
		chargeFor(node, 1)
	}
}

func prepareBinaryNode(node *ast.Node, n *ast.BinaryNode) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		wrapAsBool(&n.Left)
		wrapAsBool(&n.Right)
	case "==", "!=":
		if !isLiteral(n.Left) && !isLiteral(n.Right) {
			chargeFor(&n.Left, whole)
			chargeFor(&n.Right, whole)
		}
	case "in", "not in":
		if !isLiteral(n.Left) {
			chargeFor(&n.Left, whole)
		}
		if n.Right.Type().Kind() != reflect.Map {
			chargeFor(&n.Right, whole)
		}
	case "matches":
		if pattern, ok := n.Right.(*ast.StringNode); ok {
			chargeFor(&n.Left, regexpInstructions(pattern))
		}
	case "+", "..":
		chargeFor(node, 1)
	case "contains", "startsWith", "endsWith", "<", "<=", ">", ">=":
		chargeFor(&n.Left, 1)
		chargeFor(&n.Right, 1)
	}
}

// Costs of functions, where it is not once each element.
var costs = map[string]int{
	"string": whole, "uniq": pairs, "mean": whole, "median": whole, "min": whole, "max": whole,
	"sort": 16, "sortBy": 16, "fromJSON": 64, "replace": 4,
}

// constantTime are the functions that take no longer for a long list.
var constantTime = []string{"len", "first", "last", "get", "take", "type"}

func prepareBuiltinNode(node *ast.Node, n *ast.BuiltinNode) {
	cost := max(costs[n.Name], 1)
	if costs[n.Name] < 0 {
		cost = costs[n.Name]
	}
	for i := range n.Arguments {
		predicate, ok := n.Arguments[i].(*ast.PredicateNode)
		switch {
		case ok && slices.Contains(conditional, n.Name):
			wrapAsBool(&predicate.Node)
		case ok, i == 0 && len(n.Arguments) > 1 && slices.Contains(looping, n.Name) && n.Name != "sortBy":
		case slices.Contains(constantTime, n.Name) && n.Arguments[i].Type().Kind() == reflect.Slice:
		default:
			chargeFor(&n.Arguments[i], cost)
		}
	}
	if n.Name == "findLast" {
		searchFromEnd(n)
	}
	chargeFor(node, 1)
}

// searchFromEnd makes findLast a find in the list turned round: Expr's own leaves a value too
// many behind, so that [1, findLast([2], # > 5)] is [false, nil].
func searchFromEnd(n *ast.BuiltinNode) {
	reversed := &ast.BuiltinNode{Name: "reverse", Arguments: []ast.Node{n.Arguments[0]}}
	reversed.SetType(reflect.TypeFor[[]any]())
	reversed.SetLocation(n.Location())
	n.Name, n.Arguments[0] = "find", reversed
	chargeFor(&n.Arguments[0], 1)
}

// chargeFor has the node's value paid for, if it can be a long one.
func chargeFor(node *ast.Node, cost int) {
	switch (*node).Type().Kind() {
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return
	}
	if !isLiteral(*node) {
		wrapInCall(node, spendName, &ast.IdentifierNode{Value: budgetField}, *node, &ast.IntegerNode{Value: cost})
	}
}

// wrapAsBool has nil for false, where it is not known before that it is true or false.
func wrapAsBool(node *ast.Node) {
	if (*node).Type().Kind() != reflect.Bool {
		wrapInCall(node, truthName, *node)
		(*node).SetType(reflect.TypeFor[bool]())
	}
}

// wrapInCall puts a call of one of our functions in the node's place, of the same type.
func wrapInCall(node *ast.Node, function string, arguments ...ast.Node) {
	call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: function}, Arguments: arguments}
	for _, argument := range arguments {
		if argument != *node {
			argument.SetLocation((*node).Location())
		}
	}
	call.SetNature(*(*node).Nature())
	ast.Patch(node, call)
}

func isLiteral(node ast.Node) bool {
	switch node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NilNode, *ast.ConstantNode:
		return true
	}
	return false
}

// stepsOf is what evaluating a part of an expression costs by its size alone.
func stepsOf(node ast.Node) int {
	var size treeSize
	ast.Walk(&node, &size)
	return 1 + int(size)/16
}

type treeSize int

func (s *treeSize) Visit(*ast.Node) { *s++ }

// regexpInstructions is what a pattern costs for each part of a text.
func regexpInstructions(pattern *ast.StringNode) int {
	parsed, err := syntax.Parse(pattern.Value, syntax.Perl)
	if err != nil {
		return 1 // it was checked before
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 1
	}
	return len(program.Inst)
}

var errNoTruth = errors.New("something else stands where true or false is wanted")

// toBool is the function $truth of prepared expressions.
func toBool(given ...any) (any, error) {
	switch value := given[0].(type) {
	case nil:
		return false, nil
	case bool:
		return value, nil
	}
	return nil, errNoTruth
}
