package contract

import (
	"cmp"
	"net/http"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// route is one path of an interface. The vendors' paths mix text and parameters
// within a segment ("order-number={orderNumber}"), which is why they are matched
// here.
type route struct {
	template   string
	segments   []segment
	operations map[string]*operation
}

type segment struct {
	literal   string // before the parameter, or the whole segment
	parameter bool
}

// operation is what one method of a path takes and answers. A nil schema means that
// the file promises nothing about a body.
type operation struct {
	query     []parameter
	takesBody bool
	needsBody bool
	body      *openapi3.Schema
	answers   map[string]*openapi3.Schema // by status
}

type parameter struct {
	name     string
	pattern  *regexp.Regexp // matches the names, where the file gives a pattern
	required bool
	schema   *openapi3.Schema
}

func newRoute(path string, item *openapi3.PathItem, w *rewriter, quirks quirks) route {
	r := route{template: path, segments: segmentsOf(path), operations: map[string]*operation{}}
	for method, from := range item.Operations() {
		r.operations[method] = newOperation(item, from, w, quirks)
	}
	return r
}

func segmentsOf(path string) []segment {
	var all []segment
	for text := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		literal, _, parameter := strings.Cut(text, "{")
		all = append(all, segment{literal, parameter})
	}
	return all
}

func newOperation(item *openapi3.PathItem, from *openapi3.Operation, w *rewriter, quirks quirks) *operation {
	o := &operation{answers: map[string]*openapi3.Schema{}}
	for _, parameters := range []openapi3.Parameters{item.Parameters, from.Parameters} {
		for _, ref := range parameters {
			if ref.Value.In == openapi3.ParameterInQuery {
				o.query = append(o.query, newParameter(ref.Value, w, quirks))
			}
		}
	}
	if from.RequestBody != nil {
		o.takesBody, o.needsBody = true, from.RequestBody.Value.Required
		o.body = bodySchema(from.RequestBody.Value.Content, w)
	}
	for status, answer := range from.Responses.Map() {
		o.answers[status] = bodySchema(answer.Value.Content, w)
	}
	return o
}

func newParameter(from *openapi3.Parameter, w *rewriter, quirks quirks) parameter {
	p := parameter{name: from.Name, required: from.Required}
	if from.Schema != nil {
		p.schema = w.rewritten(from.Schema).Value
	}
	if quirks.isKeyPattern(from.Name) {
		p.pattern = regexp.MustCompile(strings.Trim(from.Name, "/"))
	}
	return p
}

func (p parameter) names(name string) bool {
	return p.name == name || p.pattern != nil && p.pattern.MatchString(name)
}

func bodySchema(content openapi3.Content, w *rewriter) *openapi3.Schema {
	media := content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	return w.rewritten(media.Schema).Value
}

// matches reports whether path is one of this route's. The last parameter may hold
// slashes when text precedes it: an order number can, and the simulators log paths
// decoded.
func (r route) matches(path string) bool {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	last := len(r.segments) - 1
	if len(parts) < len(r.segments) {
		return false
	}
	if len(parts) > len(r.segments) {
		if end := r.segments[last]; !end.parameter || end.literal == "" {
			return false
		}
		parts = append(parts[:last:last], strings.Join(parts[last:], "/"))
	}
	for i, s := range r.segments {
		if !s.matches(parts[i]) {
			return false
		}
	}
	return true
}

func (s segment) matches(text string) bool {
	if s.parameter {
		return strings.HasPrefix(text, s.literal) && len(text) > len(s.literal)
	}
	return text == s.literal
}

// mostSpecificFirst puts routes with more text before those with more parameters.
func mostSpecificFirst(a, b route) int {
	if c := cmp.Compare(b.literalLength(), a.literalLength()); c != 0 {
		return c
	}
	return strings.Compare(a.template, b.template)
}

func (r route) literalLength() int {
	n := 0
	for _, s := range r.segments {
		n += len(s.literal)
	}
	return n
}

// find is the operation for a request, with the path as the file writes it. HEAD is
// answered like GET where the file does not list it.
func (d *description) find(method, path string) (*operation, string) {
	for _, r := range d.routes {
		if !r.matches(path) {
			continue
		}
		o := r.operations[method]
		if o == nil && method == http.MethodHead {
			o = r.operations[http.MethodGet]
		}
		if o != nil {
			return o, r.template
		}
	}
	return nil, ""
}
