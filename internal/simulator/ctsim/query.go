package ctsim

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query is what the parameters of a list request ask for.
type query struct {
	where         []predicate
	sort          []sorting
	limit, offset int
	total         bool
}

type sorting struct {
	path       []string
	descending bool
}

func parseQuery(values url.Values, known func(string) bool) (query, *apiError) {
	q := query{limit: 20, total: values.Get("withTotal") != "false"}
	var err *apiError
	if q.limit, err = bounded(values, "limit", 20, 500); err != nil {
		return q, err
	}
	if q.offset, err = bounded(values, "offset", 0, 10000); err != nil {
		return q, err
	}
	for _, text := range values["where"] {
		parsed, err := parsePredicate(text, values)
		if err == nil {
			err = parsed.check(known)
		}
		if err == nil {
			err = checkTypes(parsed)
		}
		if err != nil {
			return q, invalidInput("Malformed parameter: where: %v", err)
		}
		q.where = append(q.where, parsed)
	}
	for _, text := range values["sort"] {
		s, ok := parseSort(text)
		if !ok || !known(s.path[0]) {
			return q, invalidInput("Malformed parameter: sort: Invalid sort expression '%s'.", text)
		}
		q.sort = append(q.sort, s)
	}
	return q, nil
}

func bounded(values url.Values, name string, missing, most int) (int, *apiError) {
	text := values.Get(name)
	if text == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, invalidInput("Malformed parameter: %s: '%s' is not a number from 0 to %d.", name, text, most)
	}
	return n, nil
}

func parseSort(text string) (sorting, bool) {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > 2 {
		return sorting{}, false
	}
	s := sorting{path: strings.Split(words[0], ".")}
	if len(words) == 2 {
		s.descending = words[1] == "desc"
		return s, s.descending || words[1] == "asc"
	}
	return s, true
}

// serveQuery answers a list request; keep narrows it further.
func (p *Platform) serveQuery(r request, c *collection, keep func(document) bool) (int, []byte, *apiError) {
	values := r.URL.Query()
	q, err := parseQuery(values, c.kind.hasField)
	if err != nil {
		return 0, nil, err
	}
	p.mu.Lock()
	docs := c.documentsVisibleAt(p.opts.Clock.Now())
	p.mu.Unlock()
	docs = slices.DeleteFunc(docs, func(d document) bool {
		return keep != nil && !keep(d) || !q.matches(d)
	})
	q.sortDocuments(docs)
	text, err := p.page(q, docs, r)
	return http.StatusOK, text, err
}

func (k *kind) hasField(name string) bool {
	return slices.Contains(baseFields(), name) || slices.Contains(k.fields, name)
}

func (q query) matches(d document) bool {
	for _, where := range q.where {
		if !where.matches(func(name string) any { return d.value(name) }) {
			return false
		}
	}
	return true
}

func (q query) sortDocuments(docs []document) {
	if len(q.sort) == 0 {
		return
	}
	type sortable struct {
		doc  document
		keys []any
	}
	all := make([]sortable, len(docs))
	for i, d := range docs {
		keys := make([]any, len(q.sort))
		for j, s := range q.sort {
			keys[j] = d.value(s.path[0])
			if rest := s.path[1:]; len(rest) > 0 {
				nested, _ := keys[j].(map[string]any)
				keys[j] = valueAt(nested, rest...)
			}
		}
		all[i] = sortable{d, keys}
	}
	slices.SortStableFunc(all, func(a, b sortable) int { return q.compare(a.keys, b.keys) })
	for i, s := range all {
		docs[i] = s.doc
	}
}

func (q query) compare(a, b []any) int {
	for i, s := range q.sort {
		order := compareValues(a[i], b[i])
		if s.descending {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// compareValues orders values of one type; missing ones come first.
func compareValues(a, b any) int {
	switch left := a.(type) {
	case string:
		if right, ok := b.(string); ok {
			return cmp.Compare(left, right)
		}
	case float64:
		if right, ok := b.(float64); ok {
			return cmp.Compare(left, right)
		}
	}
	return cmp.Compare(presenceRank(a), presenceRank(b))
}

func presenceRank(value any) int {
	if value == nil {
		return 0
	}
	return 1
}

func (p *Platform) page(q query, docs []document, r request) ([]byte, *apiError) {
	first := min(q.offset, len(docs))
	shown := docs[first:min(first+q.limit, len(docs))]
	text := []byte(`{"limit":` + strconv.Itoa(q.limit) + `,"offset":` + strconv.Itoa(q.offset) + `,"count":` + strconv.Itoa(len(shown)))
	if q.total {
		text = append(text, `,"total":`+strconv.Itoa(len(docs))...)
	}
	text = append(text, `,"results":[`...)
	if wantsExpansion(r.URL) {
		p.mu.Lock()
		defer p.mu.Unlock()
	}
	for i, d := range shown {
		if i > 0 {
			text = append(text, ',')
		}
		expanded, err := p.expanded(d, r)
		if err != nil {
			return nil, err
		}
		text = append(text, expanded...)
	}
	return append(text, "]}"...), nil
}
