package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"fftconnect/internal/simulator"
)

// Violation is an exchange that breaks the contract. Whoever sends bad requests on
// purpose looks at Answer only.
type Violation struct {
	Operation string // platform, method and path as the vendor's file writes it
	Request   Problems
	Answer    Problems
}

func (v *Violation) Error() string {
	text := v.Operation
	if len(v.Request) > 0 {
		text += "; request: " + v.Request.Error()
	}
	if len(v.Answer) > 0 {
		text += "; answer: " + v.Answer.Error()
	}
	return text
}

// Exchange holds a request and its answer against the operation that they belong
// to; what is wrong comes back as a *Violation. It needs a log that keeps bodies.
// The answer of a request that met a fault is not judged, and neither are requests
// for tokens, which no file describes.
func (v *Validator) Exchange(e simulator.Exchange) error {
	if isSignIn(e.Path) {
		return nil
	}
	p, err := v.of(e.Platform)
	if err != nil {
		return err
	}
	d, err := p.inUse()
	if err != nil {
		return err
	}
	if e.Header == nil {
		return errors.New("the exchange has no headers and bodies: its log must keep them")
	}
	o, template := d.find(e.Method, e.Path)
	if o == nil {
		return fmt.Errorf("%s has no operation %s %s among the paths in quirks.go", e.Platform, e.Method, e.Path)
	}
	violation := &Violation{
		Operation: e.Platform + " " + e.Method + " " + template,
		Request:   append(o.checkQuery(e.Query), d.checkRequest(o, e)...),
	}
	if !e.Faulted {
		violation.Answer = d.checkAnswer(o, e)
	}
	if len(violation.Request)+len(violation.Answer) == 0 {
		return nil
	}
	return violation
}

func isSignIn(path string) bool {
	return path == "/oauth/token" || strings.HasPrefix(path, "/v1/")
}

func (d *description) checkRequest(o *operation, e simulator.Exchange) Problems {
	var problems Problems
	if !strings.HasPrefix(e.Header.Get("Authorization"), "Bearer ") && e.Status != http.StatusUnauthorized {
		problems = append(problems, Problem{Reason: "no bearer token"})
	}
	switch {
	case len(e.Request) == 0 && o.needsBody:
		return append(problems, Problem{Reason: "no body"})
	case len(e.Request) == 0:
		return problems
	case !o.takesBody:
		return append(problems, Problem{Reason: "a body that the operation does not take"})
	}
	if kind, _, _ := mime.ParseMediaType(e.Header.Get("Content-Type")); kind != "application/json" {
		problems = append(problems, Problem{Reason: "content type is " + strconv.Quote(kind)})
	}
	return append(problems, d.checkBody(o.body, e.Request)...)
}

func (d *description) checkAnswer(o *operation, e simulator.Exchange) Problems {
	schema, documented := o.answers[strconv.Itoa(e.Status)]
	switch {
	case !documented && !d.undocumented(e.Status, o.takesBody):
		return Problems{{Reason: fmt.Sprintf("status %d is not documented", e.Status)}}
	case e.Status == http.StatusUnauthorized:
		schema = d.unauthorized
	case schema == nil && e.Status >= 400:
		schema = d.failure
	}
	switch {
	case e.Method == http.MethodHead && len(e.Response) > 0:
		return Problems{{Reason: "a body in answer to HEAD"}}
	case schema == nil || e.Method == http.MethodHead:
		return nil
	case len(e.Response) == 0:
		return Problems{{Reason: fmt.Sprintf("status %d without a body", e.Status)}}
	}
	return d.checkBody(schema, e.Response)
}

func (d *description) checkBody(schema *openapi3.Schema, body []byte) Problems {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return Problems{{Reason: "body is not JSON: " + err.Error()}}
	}
	if schema == nil {
		return nil
	}
	return check(schema, value)
}

func (o *operation) checkQuery(raw string) Problems {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Problems{{Reason: "query " + err.Error()}}
	}
	var problems Problems
	for name, texts := range values {
		problems = append(problems, o.checkParameter(name, texts)...)
	}
	for _, p := range o.query {
		if p.required && !values.Has(p.name) {
			problems = append(problems, Problem{Reason: fmt.Sprintf("query parameter %q is missing", p.name)})
		}
	}
	return problems
}

func (o *operation) checkParameter(name string, texts []string) Problems {
	for _, p := range o.query {
		if !p.names(name) {
			continue
		}
		var problems Problems
		for _, problem := range check(p.schema, decode(p.schema, texts)) {
			problems = append(problems, Problem{Reason: fmt.Sprintf("query parameter %q%s: %s", name, problem.Pointer, problem.Reason)})
		}
		return problems
	}
	return Problems{{Reason: fmt.Sprintf("query parameter %q is unknown", name)}}
}

// decode gives a parameter's texts the type that its schema wants, if they can have
// it; the check tells otherwise.
func decode(schema *openapi3.Schema, texts []string) any {
	if schema.Type.Is(openapi3.TypeArray) {
		items := make([]any, len(texts))
		for i, text := range texts {
			items[i] = text
			if schema.Items != nil {
				items[i] = decode(schema.Items.Value, []string{text})
			}
		}
		return items
	}
	text := texts[len(texts)-1]
	switch {
	case schema.Type.Is(openapi3.TypeNumber), schema.Type.Is(openapi3.TypeInteger):
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			return number
		}
	case schema.Type.Is(openapi3.TypeBoolean):
		if truth, err := strconv.ParseBool(text); err == nil {
			return truth
		}
	}
	return text
}
