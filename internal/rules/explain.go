package rules

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// explainError says what is wrong with an expression without speaking of Go, and what was
// probably meant. wrong is the parser's or the checker's word on it.
func explainError(wrong *Error, source string, scope any) string {
	for _, known := range explanations {
		if found := known.says.FindStringSubmatch(wrong.Message); found != nil {
			if text := known.explain(found, sourceFrom(source, wrong), scope); text != "" {
				return text
			}
		}
	}
	return strings.NewReplacer("interface {}", "any", "*rules.", "", "rules.", "").Replace(wrong.Message)
}

// sourceFrom is what the expression has from the mistake on.
func sourceFrom(source string, wrong *Error) string {
	lines := strings.Split(source, "\n")
	line := []rune(lines[min(wrong.Line, len(lines))-1])
	return string(line[min(wrong.Column-1, len(line)):])
}

// explanation turns a message into words of ours; no words leave it to the next one. rest
// is what the expression has from the mistake on.
type explanation struct {
	says    *regexp.Regexp
	explain func(found []string, rest string, scope any) string
}

var explanations = []explanation{
	{regexp.MustCompile(`^unknown name (\w+)$`), explainUnknownName},
	{regexp.MustCompile(`^type \*?rules\.(\w+) has no (?:field|method) (\w+)$`), explainUnknownField},
	{regexp.MustCompile(`^type string has no method (startsWith|endsWith|contains)$`), explainCalledOperator},
	{regexp.MustCompile(`^unexpected token Operator\("(startsWith|endsWith|contains|matches)"\)`), explainCalledOperator},
	{regexp.MustCompile(`^unexpected token (\w+)(?:\("(.*)"\))?`), explainUnexpected},
	{regexp.MustCompile(`^a map key must be`), func([]string, string, any) string {
		return "{ begins an object; an expression stands by itself, without braces"
	}},
	{regexp.MustCompile(`^unrecognized character: U\+\w+ '(.)'`), explainStrangeCharacter},
	{regexp.MustCompile(`^literal not terminated`), func([]string, string, any) string {
		return "the text has no closing quotation mark"
	}},
	{regexp.MustCompile(`^array elements can only be selected using an integer`), func([]string, string, any) string {
		return "a list has no such field: any(…) and map(…) go through its elements, [0] takes the first"
	}},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types? (\S+)(?: and (\S+))?\)$`), explainMismatch},
	{regexp.MustCompile(`^non-bool expression \(type (\S+)\) used as condition$`), func(found []string, _ string, _ any) string {
		return "before ? stands true or false, not " + typeInWords(found[1]) + hintForType(found[1])
	}},
	{regexp.MustCompile(`^predicate should return boolean \(got (\S+)\)$`), func(found []string, _ string, _ any) string {
		return "here stands what is true or false of each element, not " + typeInWords(found[1]) + hintForType(found[1])
	}},
}

// otherLanguages have other words for what Expr has.
var otherLanguages = map[string]string{
	"null": "nil", "undefined": "nil", "None": "nil", "NULL": "nil", "AND": "and", "OR": "or", "NOT": "not", "True": "true", "False": "false", "TRUE": "true", "FALSE": "false",
	"is": "==", "equals": "==", "eq": "==", "=": "==", "===": "==", "&": "and", "|": "or", "<>": "!=", "!==": "!=", "like": "contains",
}

func explainUnknownName(found []string, _ string, scope any) string {
	name := found[1]
	if name == "line" {
		return "line is known only to what is evaluated for each line; within any(order.lineItems, …) and the like its fields begin with a dot: .quantity"
	}
	if meant := otherLanguages[name]; meant != "" {
		return fmt.Sprintf("unknown name %s; write %s", name, meant)
	}
	known := namesOf(reflect.TypeOf(scope))
	if meant := DidYouMean(name, slices.Concat(known, functions)); meant != "" {
		return "unknown name " + name + meant
	}
	return fmt.Sprintf("unknown name %s; a text stands in quotes: %q, a field after what it is of: %s.%s", name, name, known[0], name)
}

func explainUnknownField(found []string, _ string, _ any) string {
	for _, t := range []reflect.Type{
		reflect.TypeFor[Order](), reflect.TypeFor[Reference](), reflect.TypeFor[ByID](), reflect.TypeFor[ByKey](), reflect.TypeFor[Method](), reflect.TypeFor[Custom](),
		reflect.TypeFor[Line](), reflect.TypeFor[Variant](), reflect.TypeFor[Money](), reflect.TypeFor[Address](), reflect.TypeFor[Payload](),
	} {
		if t.Name() != found[1] {
			continue
		}
		if names := namesOf(t); len(names) < 5 {
			return fmt.Sprintf("there is no %s here, only %s", found[2], strings.Join(names, ", "))
		}
		return "there is no " + found[2] + " here" + DidYouMean(found[2], namesOf(t))
	}
	return "there is no " + found[2] + " here"
}

func explainCalledOperator(found []string, _ string, _ any) string {
	return fmt.Sprintf(`%s stands between two texts: order.orderNumber %s "DE-"`, found[1], found[1])
}

// wrongOperator are letters that mean an operator in another language; the parser may
// stop within them.
var wrongOperator = regexp.MustCompile(`^(===?|!==|<>|=|&|\|)`)

func explainUnexpected(found []string, rest string, _ any) string {
	kind, token := found[1], found[2]
	written := wrongOperator.FindString(rest)
	switch {
	case kind == "EOF":
		return "the expression ends too early: a value or a bracket is missing (in YAML a # after a blank begins a comment: put the expression in quotes)"
	case token == "=" || written == "=":
		return "= is nothing here: == compares"
	case token == ">" && strings.HasPrefix(rest, ">"):
		return "unexpected >: != means unequal, and >= greater or equal"
	case otherLanguages[token] != "":
		return fmt.Sprintf("unexpected %s: write %s", token, otherLanguages[token])
	case kind == "Identifier":
		return fmt.Sprintf("unexpected %s: an operator is missing before it, or quotes around a text", token)
	}
	return ""
}

func explainStrangeCharacter(found []string, _ string, _ any) string {
	if strings.ContainsAny(found[1], "“”„‟‘’‚«»") {
		return fmt.Sprintf(`%s is no quotation mark of expressions: write "`, found[1])
	}
	return found[1] + " is nothing here: a text stands in quotes"
}

func explainMismatch(found []string, _ string, _ any) string {
	operator, left, right := found[1], found[2], found[3]
	if right == "" {
		return fmt.Sprintf("%s takes true or false, or a number, not %s%s", operator, typeInWords(left), hintForType(left))
	}
	hint := hintForType(left)
	if hint == "" {
		hint = hintForType(right)
	}
	return fmt.Sprintf("%s does not go with %s and %s%s", operator, typeInWords(left), typeInWords(right), hint)
}

// typeInWords names a type of Go in the words of JSON.
func typeInWords(goType string) string {
	goType = strings.TrimPrefix(strings.TrimPrefix(goType, "*"), "rules.")
	words := map[string]string{
		"string": "a text", "int": "a number", "float64": "a number", "bool": "true or false", "time.Time": "a time", "time.Duration": "a duration",
		"Money": "an amount of money", "Address": "an address", "Reference": "a reference", "ByID": "a reference", "ByKey": "a reference",
		"Method": "a shipping method", "any": "any value", "unknown": "nil", "nil": "nil",
	}
	switch word := words[goType]; {
	case word != "":
		return word
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	}
	return "an object"
}

// hintForType says how to get at what can be compared.
func hintForType(goType string) string {
	switch goType = strings.TrimPrefix(goType, "rules."); {
	case goType == "Money":
		return ": compare its centAmount, as in order.totalPrice.centAmount > 10000 for 100 euros"
	case goType == "Reference", goType == "ByKey":
		return ": compare its key, as in order.store.key"
	case goType == "ByID":
		return ": compare its id"
	case goType == "Method":
		return ": compare its key or name"
	case goType == "time.Time", goType == "time.Duration":
		return `: date(…) makes a time of a text, duration("24h") a duration`
	case strings.HasPrefix(goType, "[]"):
		return ": any(…) and all(…) go through a list, len(…) counts it"
	}
	return ""
}

// namesOf are the fields of a struct as expressions name them.
func namesOf(t reflect.Type) (names []string) {
	for _, field := range reflect.VisibleFields(t) {
		if name := field.Tag.Get("expr"); !strings.HasPrefix(name, reserved) {
			names = append(names, name)
		}
	}
	return names
}
