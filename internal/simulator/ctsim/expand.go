package ctsim

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// expanded is a document's text with the references along the `expand` parameters
// resolved. A reference whose target is missing, or must not be read, stays as it is. The
// lock is held when wantsExpansion.
func (p *Platform) expanded(doc document, r request) ([]byte, *apiError) {
	if !wantsExpansion(r.URL) {
		return doc.text, nil
	}
	e := newEdit(doc)
	for _, path := range r.URL.Query()["expand"] {
		if !expandable(path) {
			return nil, invalidInput("Malformed parameter: expand: Invalid expansion path '%s'.", path)
		}
		steps := strings.Split(strings.ReplaceAll(path, "[*]", ""), ".")
		if mayHold(doc.raw(steps[0]), steps[1:]) {
			p.expandValue(r, e.get(steps[0]), steps[1:])
		}
	}
	if !e.applyChanges() {
		return doc.text, nil
	}
	return e.document().text, nil
}

func wantsExpansion(u *url.URL) bool { return strings.Contains(u.RawQuery, "expand=") }

func expandable(path string) bool {
	for _, step := range strings.Split(path, ".") {
		name := strings.TrimSuffix(step, "[*]")
		if name == "" || wordLength(name) != len(name) {
			return false
		}
	}
	return true
}

// mayHold spares decoding fields in which the path leads nowhere.
func mayHold(raw []byte, steps []string) bool {
	if raw == nil {
		return false
	}
	for _, step := range steps {
		if !bytes.Contains(raw, []byte(`"`+step+`"`)) {
			return false
		}
	}
	return true
}

func (p *Platform) expandValue(r request, value any, steps []string) {
	switch v := value.(type) {
	case []any:
		for _, entry := range v {
			p.expandValue(r, entry, steps)
		}
	case map[string]any:
		if len(steps) > 0 {
			p.expandValue(r, v[steps[0]], steps[1:])
			return
		}
		typeID, _ := v["typeId"].(string)
		id, _ := v["id"].(string)
		if c := p.collectionOf(typeID); c != nil && c.byID[id] != nil && p.checkScope(r, c.kind.reads) == nil {
			v["obj"] = json.RawMessage(c.byID[id].doc.text)
		}
	}
}
