package contract

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Problem is one place where a body or a parameter breaks the contract.
type Problem struct {
	Pointer string // JSON pointer into the body; empty: the whole of it
	Reason  string
}

func (p Problem) String() string {
	if p.Pointer == "" {
		return p.Reason
	}
	return p.Pointer + ": " + p.Reason
}

// Problems are everything that is wrong with one body, in no particular order.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "; ")
}

func check(schema *openapi3.Schema, value any) Problems {
	return problemsOf(validateValue(schema, value), nil)
}

func validateValue(schema *openapi3.Schema, value any) error {
	return schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails(),
		openapi3.WithStringFormatValidators(formats()))
}

// problemsOf turns the library's errors into problems with pointers below at.
func problemsOf(err error, at []string) Problems {
	switch e := err.(type) {
	case nil:
		return nil
	case *openapi3.SchemaError:
		return problemsOfOne(e, at)
	case openapi3.MultiError:
		var all Problems
		for _, part := range e {
			all = append(all, problemsOf(part, at)...)
		}
		return all
	}
	return Problems{{jsonPointer(at), err.Error()}}
}

func problemsOfOne(e *openapi3.SchemaError, at []string) Problems {
	path := append(at[:len(at):len(at)], e.JSONPointer()...)
	if best := closestAlternative(e, path); len(best) > 0 {
		return best
	}
	reason := e.Reason
	if e.SchemaField == "discriminator" {
		reason = fmt.Sprintf("%s: %v", reason, e.Value)
	}
	return Problems{{jsonPointer(path), reason}}
}

// closestAlternative explains a value that fits none of several alternatives by the
// alternative that it misses least.
func closestAlternative(e *openapi3.SchemaError, path []string) Problems {
	var best Problems
	lowest := 0
	for _, branch := range alternatives(e) {
		problems := problemsOf(validateValue(branch, e.Value), path)
		if miss := errorDistance(problems, len(path)); best == nil || miss < lowest {
			best, lowest = problems, miss
		}
	}
	return best
}

func alternatives(e *openapi3.SchemaError) []*openapi3.Schema {
	refs := e.Schema.AnyOf
	if e.SchemaField == "oneOf" {
		refs = e.Schema.OneOf
	} else if e.SchemaField != "anyOf" {
		return nil
	}
	wanted := ""
	if d := e.Schema.Discriminator; d != nil {
		if body, ok := e.Value.(map[string]any); ok {
			name, _ := body[d.PropertyName].(string)
			wanted = d.Mapping[name].Ref
		}
	}
	var branches []*openapi3.Schema
	for _, ref := range refs {
		if wanted == "" || ref.Ref == wanted {
			branches = append(branches, ref.Value)
		}
	}
	return branches
}

// errorDistance weighs problems near the root of an alternative most: a wrong kind there
// means that another alternative was meant.
func errorDistance(problems Problems, depth int) int {
	miss := 0
	for _, p := range problems {
		switch strings.Count(p.Pointer, "/") - depth {
		case 0:
			miss += 20
		case 1:
			miss += 5
		default:
			miss++
		}
	}
	return miss
}

func jsonPointer(path []string) string {
	var b strings.Builder
	for _, key := range path {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
	}
	return b.String()
}

// formats are the string formats that both files use; a format unknown here is not
// checked.
func formats() map[string]openapi3.StringFormatValidator {
	instant := timeLayout("a point in time", time.RFC3339Nano)
	day := timeLayout("a date", time.DateOnly)
	return map[string]openapi3.StringFormatValidator{
		"date-time": instant, "datetime": instant,
		"date": day, "date-only": day,
		"time-only": timeLayout("a time of day", "15:04:05.999999999", "15:04"),
		"email":     openapi3.NewCallbackValidator(email),
	}
}

func timeLayout(what string, layouts ...string) openapi3.StringFormatValidator {
	return openapi3.NewCallbackValidator(func(text string) error {
		for _, l := range layouts {
			if _, err := time.Parse(l, text); err == nil {
				return nil
			}
		}
		return fmt.Errorf("%q is not %s", text, what)
	})
}

func email(text string) error {
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text {
		return fmt.Errorf("%q is not an e-mail address", text)
	}
	return nil
}
