package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Kind is what an expression must result in.
type Kind int

const (
	// Any result will do.
	Any Kind = iota
	// Bool is true or false.
	Bool
	// Text is a string; nil stands for none.
	Text
	// Number is an integer or a fraction.
	Number
)

// Expression is one expression of the configuration. The zero value is none.
type Expression struct {
	source  string
	program *vm.Program
}

// New is an expression that still has to be compiled.
func New(source string) Expression { return Expression{source: source} }

// Given reports whether there is an expression.
func (e Expression) Given() bool { return e.source != "" }

// String is the expression as it was written.
func (e Expression) String() string { return e.source }

// MarshalJSON writes the expression as it was written.
func (e Expression) MarshalJSON() ([]byte, error) { return json.Marshal(e.source) }

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

// maxNodes bounds an expression's size.
const maxNodes = 1000

// Compile checks the expression against the types of scope, one of this package's
// scopes, and against what it must result in. The error is *Error.
func (e *Expression) Compile(scope any, kind Kind) error {
	if !e.Given() {
		return nil
	}
	options := []expr.Option{expr.Env(scope), expr.MaxNodes(maxNodes), expr.DisableBuiltin("now")}
	switch kind {
	case Bool:
		options = append(options, expr.AsBool())
	case Text:
		options = append(options, expr.AsKind(reflect.String))
	case Number:
		options = append(options, expr.AsFloat64())
	}
	program, err := expr.Compile(e.source, options...)
	if err != nil {
		return wrong(err)
	}
	e.program = program
	return nil
}

func wrong(err error) *Error {
	var located *file.Error
	if errors.As(err, &located) {
		return &Error{Line: max(located.Line, 1), Column: located.Column + 1, Message: located.Message}
	}
	return &Error{Line: 1, Column: 1, Message: err.Error()}
}

// Holds evaluates a Bool expression.
func (e Expression) Holds(scope any) (bool, error) {
	value, err := e.Value(scope)
	holds, _ := value.(bool)
	return holds, err
}

// Text evaluates a Text expression; empty when it results in nil.
func (e Expression) Text(scope any) (string, error) {
	value, err := e.Value(scope)
	text, _ := value.(string)
	return text, err
}

// Value evaluates the expression. The error never holds a value of the scope.
func (e Expression) Value(scope any) (any, error) {
	if e.program == nil {
		return nil, fmt.Errorf("expression %q was not compiled", e.source)
	}
	value, err := expr.Run(e.program, scope)
	if err != nil {
		return nil, fmt.Errorf("expression %q failed: %w", e.source, wrong(err))
	}
	return value, nil
}
