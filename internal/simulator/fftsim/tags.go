package fftsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"fftconnect/internal/simulator"
)

// tag is a label with the values it may have. Orders may carry only such ones.
type tag struct {
	ID string `json:"id"`
	versioned
	AllowedValues []string `json:"allowedValues"`
}

// AddTag allows values of a tag, which it creates when there is none.
func (p *Platform) AddTag(id string, values ...string) {
	_ = p.inTransaction(func(n *news) error {
		next := tag{ID: id, versioned: newVersioned(n.now)}
		if before := p.tags.get(id); before != nil {
			next = *before
			next.bumpVersion(n.now)
		}
		next.AllowedValues = slices.Concat(next.AllowedValues, values)
		p.tags.put(id, &next, n.now)
		return nil
	})
}

// tagsExist is called with the lock held.
func (p *Platform) tagsExist(o *order) error {
	if err := p.allowed("tags", o.Tags); err != nil {
		return err
	}
	for i, line := range o.OrderLineItems {
		if err := p.allowed(fmt.Sprintf("orderLineItems[%d].tags", i), line.Tags); err != nil {
			return err
		}
	}
	return nil
}

func (p *Platform) allowed(path string, text json.RawMessage) error {
	if text == nil {
		return nil
	}
	var references []struct{ ID, Value string }
	if err := json.Unmarshal(text, &references); err != nil {
		return errInvalid("%s: %v", path, err)
	}
	for _, reference := range references {
		known := p.tags.get(reference.ID)
		if known == nil {
			return errInvalid("%s: tag %q does not exist", path, reference.ID)
		}
		if !slices.Contains(known.AllowedValues, reference.Value) {
			return errInvalid("%s: %q is not a value of tag %q", path, reference.Value, reference.ID)
		}
	}
	return nil
}

func tagRules() rule {
	return objectWithOnly(fields{"id*": textRule(1, 0), "allowedValues*": listRule(1, 500, textRule(0, 0))})
}

func tagPatchRules() rule {
	return objectWithAtLeast(fields{"version*": integerRule(0, noLimit), "actions*": listRule(1, 500, objectWithOnly(fields{
		"action*": oneOf("AddAllowedValueToTag"), "allowedValue*": textRule(0, 0),
	}))})
}

func (p *Platform) listTags(w http.ResponseWriter, r *http.Request) {
	if q, ok := readFilter(w, r); ok {
		serveList(p, w, "tags", q, p.tags, nil, matchesAll, asIs)
	}
}

func (p *Platform) createTag(w http.ResponseWriter, r *http.Request) {
	var t tag
	if !decodeBody(w, r, p.tagRule, &t) {
		return
	}
	err := p.inTransaction(func(n *news) error {
		if p.tags.get(t.ID) != nil {
			return errInvalid("id: tag %q exists already", t.ID)
		}
		t.versioned = newVersioned(n.now)
		p.tags.put(t.ID, &t, n.now)
		return nil
	})
	if err != nil {
		refuseError(w, err)
		return
	}
	writeCreated(w, "/api/tags/"+t.ID, t)
}

var errNoTag = errors.New("no such tag")

func (p *Platform) patchTag(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Version int64
		Actions []struct{ AllowedValue string }
	}
	if !decodeBody(w, r, p.tagPatchRule, &body) {
		return
	}
	var next tag
	err := p.inTransaction(func(n *news) error {
		before := p.tags.get(r.PathValue("id"))
		if before == nil {
			return errNoTag
		}
		if before.Version != body.Version {
			return versionConflict{body.Version, before.Version}
		}
		next = *before
		next.bumpVersion(n.now)
		next.AllowedValues = slices.Clone(next.AllowedValues)
		for _, action := range body.Actions {
			next.AllowedValues = append(next.AllowedValues, action.AllowedValue)
		}
		p.tags.put(next.ID, &next, n.now)
		return nil
	})
	var stale versionConflict
	switch {
	case errors.Is(err, errNoTag):
		notFound(w, r.URL.Path)
	case errors.As(err, &stale):
		conflict(w, stale.sent, stale.current)
	case err != nil:
		refuseError(w, err)
	default:
		simulator.WriteJSON(w, http.StatusOK, next)
	}
}
