package fftsim

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"

	"fftconnect/internal/simulator"
)

// orderQuery is the part of the platform's query language that is understood here.
type orderQuery struct {
	TenantOrderID    *textFilter
	Status           *textFilter
	CustomAttributes map[string]valueFilter
	And, Or          []orderQuery
}

type textFilter struct {
	Eq, NotEq *string
	In, NotIn []string
}

type valueFilter struct{ Eq, NotEq any }

type orderSearch struct {
	Size    int
	After   string
	Query   orderQuery
	Options struct{ WithTotal bool }
}

func searchRules() rule {
	filter := objectWithOnly(fields{
		"eq": textRule(0, 256), "notEq": textRule(0, 256), "in": listRule(0, 25, textRule(0, 256)), "notIn": listRule(0, 25, textRule(0, 256)),
	})
	var query rule
	nested := func(c *check, path string, value any) { listRule(0, 500, query)(c, path, value) }
	attribute := objectWithOnly(fields{"eq": scalar, "notEq": scalar})
	attributes := func(c *check, path string, value any) {
		object, ok := value.(map[string]any)
		if !ok {
			c.fail(path, "must be an object")
		}
		for key, value := range object {
			attribute(c, join(path, key), value)
		}
	}
	query = objectWithOnly(fields{"tenantOrderId": filter, "status": filter, "customAttributes": attributes, "and": nested, "or": nested})
	return objectWithAtLeast(fields{
		"query*": query, "size": integerRule(1, 250), "after": textRule(1, 0), "options": objectWithAtLeast(fields{"withTotal": boolean}),
	})
}

// searchOrders finds whole orders, in order of creation. The cursor is the id of
// the last order of a page.
func (p *Platform) searchOrders(w http.ResponseWriter, r *http.Request) {
	search := orderSearch{Size: 20}
	if !decodeBody(w, r, p.searchRule, &search) {
		return
	}
	p.mu.RLock()
	page, total := p.orders.page(p.searchIDs(search.Query), search.Query.matches, search.After, search.Size+1, p.clock.Now())
	p.mu.RUnlock()
	more := len(page) > search.Size
	page = page[:min(len(page), search.Size)]
	first, last := "", ""
	if len(page) > 0 {
		first, last = page[0].ID, page[len(page)-1].ID
	}
	answer := map[string]any{"orders": page, "pageInfo": map[string]any{
		"startCursor": first, "endCursor": last, "hasNextPage": more, "hasPreviousPage": search.After != "",
	}}
	if search.Options.WithTotal {
		answer["total"] = total
	}
	simulator.WriteJSON(w, http.StatusOK, answer)
}

// searchIDs narrows a search down by what orders are filed under; nil means all.
func (p *Platform) searchIDs(q orderQuery) []string {
	if id, ok := q.CustomAttributes["commercetoolsId"].Eq.(string); ok {
		return append([]string{}, p.byCommerce[id]...)
	}
	if q.TenantOrderID == nil || q.TenantOrderID.Eq == nil && q.TenantOrderID.In == nil {
		return nil
	}
	wanted := q.TenantOrderID.In
	if q.TenantOrderID.Eq != nil {
		wanted = []string{*q.TenantOrderID.Eq}
	}
	ids := []string{}
	for _, id := range wanted {
		ids = append(ids, p.byTenant[id]...)
	}
	slices.SortFunc(ids, func(a, b string) int { return p.orders.byID[a].index - p.orders.byID[b].index })
	return ids
}

func (q orderQuery) matches(o *order) bool {
	if !q.TenantOrderID.matches(o.TenantOrderID) || !q.Status.matches(o.Status) || !q.attributesMatch(o) {
		return false
	}
	for _, part := range q.And {
		if !part.matches(o) {
			return false
		}
	}
	return len(q.Or) == 0 || slices.ContainsFunc(q.Or, func(part orderQuery) bool { return part.matches(o) })
}

func (f *textFilter) matches(value string) bool {
	return f == nil || (f.Eq == nil || *f.Eq == value) && (f.NotEq == nil || *f.NotEq != value) &&
		(f.In == nil || slices.Contains(f.In, value)) && !slices.Contains(f.NotIn, value)
}

func (q orderQuery) attributesMatch(o *order) bool {
	if len(q.CustomAttributes) == 0 {
		return true
	}
	var attributes map[string]any
	_ = json.Unmarshal(o.CustomAttributes, &attributes)
	for key, filter := range q.CustomAttributes {
		value, present := attributes[key]
		if filter.Eq != nil && (!present || !reflect.DeepEqual(filter.Eq, value)) {
			return false
		}
		if filter.NotEq != nil && reflect.DeepEqual(filter.NotEq, value) {
			return false
		}
	}
	return true
}
