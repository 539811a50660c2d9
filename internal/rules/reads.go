package rules

import (
	"reflect"

	"github.com/expr-lang/expr/ast"
)

// Resources whose custom fields expressions read, as commercetools' types name them.
const (
	OfOrder    = "order"
	OfLine     = "line-item" // or custom-line-item
	OfAddress  = "address"
	customName = "custom"
	fieldsName = "fields"
)

// FieldRead is a custom field that an expression reads by its name, and where. Lines and
// columns begin at 1.
type FieldRead struct {
	Of, Name     string
	Line, Column int
}

// FieldsRead are the custom fields that a compiled expression reads.
func (e Expression) FieldsRead() []FieldRead { return e.fields }

// fieldReads visits a checked syntax tree, and finds order.custom.fields.name and the like.
type fieldReads struct {
	source string
	found  []FieldRead
}

func (r *fieldReads) Visit(node *ast.Node) {
	field, ok := (*node).(*ast.MemberNode)
	if !ok {
		return
	}
	name, literal := field.Property.(*ast.StringNode)
	owner := ownerOf(field.Node)
	if !literal || owner == "" {
		return
	}
	line, column := position(r.source, name.Location().From)
	r.found = append(r.found, FieldRead{owner, name.Value, line, column})
}

// ownerOf is whose custom fields these are; empty when they are none.
func ownerOf(fields ast.Node) string {
	outer, ok := fields.(*ast.MemberNode)
	if !ok || !isNamed(outer.Property, fieldsName) {
		return ""
	}
	inner, ok := outer.Node.(*ast.MemberNode)
	if !ok || !isNamed(inner.Property, customName) {
		return ""
	}
	t := inner.Node.Type()
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[Order]():
		return OfOrder
	case reflect.TypeFor[Line]():
		return OfLine
	case reflect.TypeFor[Address]():
		return OfAddress
	}
	return ""
}

func isNamed(property ast.Node, name string) bool {
	text, ok := property.(*ast.StringNode)
	return ok && text.Value == name
}
