package ctsim

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// predicate is a parsed `where` expression over the fields of one object.
type predicate interface {
	matches(field func(name string) any) bool
	// check refuses names of top-level fields that do not exist.
	check(known func(string) bool) error
}

// parsePredicate understands comparisons, in, contains, is [not] defined, is [not]
// empty, and, or, not, nested fields and variables, whose values are the var.*
// parameters.
func parsePredicate(text string, variables url.Values) (predicate, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	parser := &predicateParser{tokens: tokens, variables: variables}
	parsed, err := parser.parseOr()
	if err != nil {
		return nil, err
	}
	if parser.peek().kind != endToken {
		return nil, fmt.Errorf("unexpected %q", parser.peek().text)
	}
	return parsed, nil
}

type predicateParser struct {
	tokens    []token
	at        int
	variables url.Values
}

func (p *predicateParser) peek() token { return p.tokens[p.at] }

func (p *predicateParser) next() token {
	t := p.tokens[p.at]
	if t.kind != endToken {
		p.at++
	}
	return t
}

// acceptWord consumes a keyword or symbol if it comes next.
func (p *predicateParser) acceptWord(text string) bool {
	t := p.peek()
	if t.kind != wordToken && t.kind != symbolToken || !strings.EqualFold(t.text, text) {
		return false
	}
	p.at++
	return true
}

func (p *predicateParser) expect(text string) error {
	if !p.acceptWord(text) {
		return fmt.Errorf("%q expected instead of %q", text, p.peek().text)
	}
	return nil
}

func (p *predicateParser) parseOr() (predicate, error) {
	first, err := p.parseAnd()
	if err != nil {
		return nil, err
	}
	any := anyOf{first}
	for p.acceptWord("or") {
		next, err := p.parseAnd()
		if err != nil {
			return nil, err
		}
		any = append(any, next)
	}
	return any, nil
}

func (p *predicateParser) parseAnd() (predicate, error) {
	first, err := p.parseUnary()
	if err != nil {
		return nil, err
	}
	all := allOf{first}
	for p.acceptWord("and") {
		next, err := p.parseUnary()
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
	return all, nil
}

func (p *predicateParser) parseUnary() (predicate, error) {
	if p.acceptWord("not") {
		inner, err := p.parseGroup()
		return negation{inner}, err
	}
	if t := p.peek(); t.kind == symbolToken && t.text == "(" {
		return p.parseGroup()
	}
	return p.parseComparison()
}

func (p *predicateParser) parseGroup() (predicate, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	inner, err := p.parseOr()
	if err != nil {
		return nil, err
	}
	return inner, p.expect(")")
}

func (p *predicateParser) parseComparison() (predicate, error) {
	name := p.next()
	if name.kind != wordToken {
		return nil, fmt.Errorf("a field name expected instead of %q", name.text)
	}
	switch {
	case p.peek().kind == symbolToken && p.peek().text == "(":
		inner, err := p.parseGroup()
		return nested{name.text, inner}, err
	case p.acceptWord("is"):
		return p.parsePresence(name.text)
	case p.acceptWord("in"):
		return p.parseMembership(name.text, "in")
	case p.acceptWord("not"):
		if err := p.expect("in"); err != nil {
			return nil, err
		}
		return p.parseMembership(name.text, "not in")
	case p.acceptWord("contains"):
		quantity := p.next().text
		if quantity != "any" && quantity != "all" {
			return nil, errors.New("any or all expected after contains")
		}
		return p.parseMembership(name.text, "contains "+quantity)
	}
	operator := p.next()
	if operator.kind != symbolToken || !strings.Contains(" = != <> < > <= >= ", " "+operator.text+" ") {
		return nil, fmt.Errorf("an operator expected instead of %q", operator.text)
	}
	values, err := p.parseValue()
	if err != nil {
		return nil, err
	}
	if len(values) != 1 {
		return nil, fmt.Errorf("one value expected for %q", name.text)
	}
	return comparison{name.text, operator.text, values}, nil
}

func (p *predicateParser) parsePresence(name string) (predicate, error) {
	negative := p.acceptWord("not")
	var parsed predicate
	switch {
	case p.acceptWord("defined"):
		parsed = comparison{name, "defined", nil}
	case p.acceptWord("empty"):
		parsed = comparison{name, "empty", nil}
	default:
		return nil, fmt.Errorf("defined or empty expected instead of %q", p.peek().text)
	}
	if negative {
		return negation{parsed}, nil
	}
	return parsed, nil
}

func (p *predicateParser) parseMembership(name, operator string) (predicate, error) {
	values, err := p.parseValues()
	return comparison{name, operator, values}, err
}

// parseValues is a list in parentheses, or a variable that holds several values.
func (p *predicateParser) parseValues() ([]literal, error) {
	if !p.acceptWord("(") {
		return p.parseValue()
	}
	var all []literal
	for {
		values, err := p.parseValue()
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
		if !p.acceptWord(",") {
			return all, p.expect(")")
		}
	}
}

// literal is a constant of a predicate. A variable's text takes the type of what it
// is compared with.
type literal struct {
	value    any
	variable bool
}

func (p *predicateParser) parseValue() ([]literal, error) {
	t := p.next()
	switch t.kind {
	case stringToken:
		return []literal{{value: t.text}}, nil
	case variableToken:
		return p.parseVariable(t.text)
	case wordToken:
		if t.text == "true" || t.text == "false" {
			return []literal{{value: t.text == "true"}}, nil
		}
		if number, err := strconv.ParseFloat(t.text, 64); err == nil {
			return []literal{{value: number}}, nil
		}
	}
	return nil, fmt.Errorf("a value expected instead of %q", t.text)
}

func (p *predicateParser) parseVariable(name string) ([]literal, error) {
	given, ok := p.variables["var."+name]
	if !ok {
		return nil, fmt.Errorf("missing value for the predicate variable %q", name)
	}
	values := make([]literal, len(given))
	for i, text := range given {
		values[i] = literal{text, true}
	}
	return values, nil
}
