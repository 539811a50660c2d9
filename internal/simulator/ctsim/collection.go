package ctsim

import (
	"slices"
	"time"
)

// storedResource is one resource: its current state and, while queries lag behind, the
// states before it.
type storedResource struct {
	id, key  string
	version  int64
	doc      document
	at       time.Time // since when this state holds
	past     []state
	gone     bool
	sequence int64      // of the last message
	history  []revision // orders only
}

type state struct {
	doc document
	at  time.Time
}

// collection holds the resources of one kind.
type collection struct {
	kind     *kind
	byID     map[string]*storedResource
	byKey    map[string]*storedResource
	all      []*storedResource
	buried   int           // records in all that are gone
	queryLag time.Duration // how long queries take to see a change
}

func newCollection(k *kind, lag time.Duration) *collection {
	return &collection{kind: k, byID: map[string]*storedResource{}, byKey: map[string]*storedResource{}, queryLag: lag}
}

func (c *collection) find(id, key string) *storedResource {
	if id != "" {
		return c.byID[id]
	}
	return c.byKey[key]
}

func (c *collection) add(r *storedResource) {
	c.byID[r.id] = r
	if r.key != "" {
		c.byKey[r.key] = r
	}
	c.all = append(c.all, r)
}

// replace gives a record its next state.
func (c *collection) replace(r *storedResource, doc document, version int64, now time.Time) {
	c.rememberState(r, now)
	r.doc, r.version, r.at = doc, version, now
	if key := c.kind.keyOf(doc); key != r.key {
		delete(c.byKey, r.key)
		r.key = key
		if key != "" {
			c.byKey[key] = r
		}
	}
}

func (c *collection) remove(r *storedResource, now time.Time) {
	delete(c.byID, r.id)
	if r.key != "" {
		delete(c.byKey, r.key)
	}
	if c.queryLag == 0 {
		i := slices.Index(c.all, r)
		c.all = slices.Delete(c.all, i, i+1)
		return
	}
	c.rememberState(r, now)
	r.at, r.gone = now, true
	c.buried++
	if c.buried > 100 {
		c.all = slices.DeleteFunc(c.all, func(r *storedResource) bool { return r.gone && now.Sub(r.at) >= c.queryLag })
		c.buried = 0
	}
}

// rememberState keeps the current state as long as a lagging query may need it.
func (c *collection) rememberState(r *storedResource, now time.Time) {
	if c.queryLag == 0 {
		return
	}
	horizon := now.Add(-c.queryLag)
	r.past = append(r.past, state{r.doc, r.at})
	for len(r.past) > 1 && !r.past[1].at.After(horizon) {
		r.past = slices.Delete(r.past, 0, 1)
	}
}

// documentsVisibleAt lists the documents that a query sees now.
func (c *collection) documentsVisibleAt(now time.Time) []document {
	docs := make([]document, 0, len(c.all))
	for _, r := range c.all {
		if doc, ok := r.seenAt(now.Add(-c.queryLag)); ok {
			docs = append(docs, doc)
		}
	}
	return docs
}

func (r *storedResource) seenAt(moment time.Time) (document, bool) {
	if !r.at.After(moment) {
		return r.doc, !r.gone
	}
	for i := len(r.past) - 1; i >= 0; i-- {
		if !r.past[i].at.After(moment) {
			return r.past[i].doc, true
		}
	}
	return document{}, false
}
