package rules

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Expression is one expression of the configuration. The zero value is none.
type Expression struct {
	source  string
	program *vm.Program
	kind    Kind
	steps   int         // that it takes by its size alone
	fields  []FieldRead // custom fields that it names
}

// New is an expression that still has to be compiled.
func New(source string) Expression { return Expression{source: source} }

// Compiled is a compiled expression, for code and tests that have no configuration.
func Compiled(source string, scope any, kind Kind) (Expression, error) {
	e := New(source)
	return e, e.Compile(scope, kind)
}

// IsSet reports whether there is an expression.
func (e Expression) IsSet() bool { return e.source != "" }

// String is the expression as it was written.
func (e Expression) String() string { return e.source }

// MarshalText writes the expression as it was written.
func (e Expression) MarshalText() ([]byte, error) { return []byte(e.source), nil }

// UnmarshalJSON keeps the text; Compile checks it.
func (e *Expression) UnmarshalJSON(text []byte) error {
	e.program = nil
	return json.Unmarshal(text, &e.source)
}

// Error is an expression that is wrong, and where. Lines and columns begin at 1.
type Error struct {
	Line, Column int
	Message      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Compile checks the expression against the types of scope, one of this package's
// scopes, and against what it must result in. The error is *Error.
func (e *Expression) Compile(scope any, kind Kind) error {
	if !e.IsSet() {
		return nil
	}
	config := sandboxConfig(scope)
	tree, err := checker.ParseCheck(e.source, config)
	if err != nil {
		wrong := asError(err)
		wrong.Message = explainError(wrong, e.source, scope)
		return wrong
	}
	refused := &refusalVisitor{source: e.source}
	if ast.Walk(&tree.Node, refused); refused.problem != nil {
		return refused.problem
	}
	if result := tree.Node.Type(); !kind.accepts(result) {
		return &Error{Line: 1, Column: 1, Message: fmt.Sprintf("results in %s, must be %s", plainTypeOf(result), kind)}
	}
	reads := &fieldReads{source: e.source}
	ast.Walk(&tree.Node, reads)
	e.fields, e.steps = reads.found, stepsOf(tree.Node)
	ast.Walk(&tree.Node, preparation{})
	program, err := compiler.Compile(tree, config)
	if err != nil {
		return asError(err)
	}
	e.program, e.kind = program, kind
	return nil
}

func asError(err error) *Error {
	var located *file.Error
	if errors.As(err, &located) {
		return &Error{Line: max(located.Line, 1), Column: located.Column + 1, Message: located.Message}
	}
	return &Error{Line: 1, Column: 1, Message: err.Error()}
}

// EvalBool evaluates a Bool expression.
func (e Expression) EvalBool(scope any) (bool, error) {
	value, err := e.EvalValue(scope)
	holds, _ := value.(bool)
	return holds, err
}

// EvalText evaluates a Text expression; empty when it results in nil.
func (e Expression) EvalText(scope any) (string, error) {
	value, err := e.EvalValue(scope)
	text, _ := value.(string)
	return text, err
}

// EvalValue evaluates the expression; what it results in is of the kind that it was
// compiled for, or nil. The error never holds a value of the scope, which may be
// somebody's personal data.
func (e Expression) EvalValue(scope any) (any, error) {
	if e.program == nil {
		return nil, fmt.Errorf("expression %q was not compiled", e.source)
	}
	scope, budget := withBudget(scope)
	if err := cmp.Or(budget.errIfSpent(), budget.spend(e.steps)); err != nil {
		return nil, fmt.Errorf("expression %q: %w", e.source, err)
	}
	machine := vm.VM{MemoryBudget: memoryBudget}
	value, err := machine.Run(e.program, scope)
	if err != nil {
		return nil, fmt.Errorf("expression %q failed at %w", e.source, toError(err))
	}
	if value != nil && !e.kind.accepts(reflect.TypeOf(value)) {
		return nil, fmt.Errorf("expression %q results in %s, must be %s", e.source, plainType(value), e.kind)
	}
	if err := budget.spendWhole(reflect.ValueOf(value)); err != nil {
		return nil, fmt.Errorf("expression %q: %w", e.source, err)
	}
	return toPlain(value), nil
}
