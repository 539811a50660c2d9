package ctsim

import (
	"encoding/json"
	"time"
)

// turn is one update of one resource. Its actions change the edit and leave
// messages; nothing of it counts until the platform stores the result.
type turn struct {
	*edit
	p        *Platform
	kind     *kind
	rec      *storedResource
	now      time.Time
	at       string
	version  int64
	sequence int64
	messages []message
}

// message tells what one action did.
type message struct {
	name     string
	fields   []field
	sequence int64
	version  int64
}

func (p *Platform) newTurn(c *collection, r *storedResource) *turn {
	now := p.opts.Clock.Now()
	return &turn{
		edit: newEdit(r.doc), p: p, kind: c.kind, rec: r, now: now, at: stamp(now),
		version: r.version, sequence: r.sequence,
	}
}

// emitMessage leaves a message, with its fields as they are now.
func (t *turn) emitMessage(name string, fields ...field) {
	if !t.kind.messages {
		return
	}
	encoded := make([]field, 0, len(fields))
	for _, f := range fields {
		if f.value != nil {
			encoded = append(encoded, field{f.name, json.RawMessage(encode(f.value))})
		}
	}
	t.sequence++
	t.messages = append(t.messages, message{name, encoded, t.sequence, t.version + 1})
}

// updateRequest is the body of every update.
type updateRequest struct {
	version int64
	actions []map[string]any
}

func (u updateRequest) names() []string {
	names := make([]string, len(u.actions))
	for i, a := range u.actions {
		names[i], _ = a["action"].(string)
	}
	return names
}

// update carries out all actions or none. The version rises by one for every
// action that changes something. The platform's lock is held.
func (p *Platform) update(c *collection, r *storedResource, u updateRequest, client string) (changeOutcome, *apiError) {
	if u.version != r.version {
		return changeOutcome{}, versionConflictError(c.kind.title, r.id, u.version, r.version)
	}
	t := p.newTurn(c, r)
	for i, name := range u.names() {
		before := len(t.messages)
		if err := c.kind.actions[name].apply(t, u.actions[i]); err != nil {
			return changeOutcome{}, err
		}
		if t.applyChanges() || len(t.messages) > before {
			t.version++
		}
	}
	if t.version == r.version {
		return changeOutcome{doc: r.doc}, nil
	}
	return p.storeTurn(c, t, u.names(), client), nil
}

func (p *Platform) storeTurn(c *collection, t *turn, actions []string, client string) changeOutcome {
	t.set("version", t.version)
	t.set("lastModifiedAt", t.at)
	t.set("lastModifiedBy", modifier(client))
	if t.sequence > 0 {
		t.set("lastMessageSequenceNumber", t.sequence)
	}
	t.applyChanges()
	r, doc, old := t.rec, t.document(), t.rec.version
	r.sequence = t.sequence
	c.replace(r, doc, t.version, t.now)
	return p.recordChange(c, r, change{kind: "ResourceUpdated", oldVersion: old, messages: t.messages, actions: actions, client: client})
}

func modifier(client string) map[string]any {
	return map[string]any{"clientId": client, "isPlatformClient": false}
}

// create stores a new resource made of a draft, which it takes over, and leaves a
// message of the given name unless that is empty. The platform's lock is held.
func (p *Platform) create(c *collection, draft map[string]any, client, messageName string) (changeOutcome, *apiError) {
	if err := c.kind.complete(p, draft); err != nil {
		return changeOutcome{}, err
	}
	now := p.opts.Clock.Now()
	fillDefaults(draft, map[string]any{
		"id": p.ids.next(), "createdAt": stamp(now), "lastModifiedAt": stamp(now),
		"createdBy": modifier(client), "lastModifiedBy": modifier(client),
	})
	draft["version"] = int64(1)
	r := &storedResource{version: 1, at: now}
	if messageName != "" {
		r.sequence = 1
		draft["lastMessageSequenceNumber"] = r.sequence
	}
	r.doc = newDocument(draft)
	r.id, r.key = r.doc.string("id"), c.kind.keyOf(r.doc)
	if r.key != "" && c.byKey[r.key] != nil {
		return changeOutcome{}, duplicateField(c.kind.keyField, r.doc.string(c.kind.keyField))
	}
	if c.byID[r.id] != nil {
		return changeOutcome{}, duplicateField("id", r.id)
	}
	c.add(r)
	ch := change{kind: "ResourceCreated", client: client}
	if messageName != "" {
		ch.messages = []message{creationMessage(messageName, r)}
	}
	return p.recordChange(c, r, ch), nil
}

func creationMessage(name string, r *storedResource) message {
	fields := []field{{"order", json.RawMessage(r.doc.text)}}
	if reference := r.doc.raw("recurringOrder"); name == "OrderCreatedFromRecurringOrder" && reference != nil {
		fields = append(fields, field{"recurringOrderRef", json.RawMessage(reference)})
	}
	return message{name, fields, r.sequence, r.version}
}

// delete removes a resource. The platform's lock is held.
func (p *Platform) delete(c *collection, r *storedResource, client string) (changeOutcome, *apiError) {
	if c.kind.typeID == "type" && p.typeInUse(r.id) {
		return changeOutcome{}, badRequest("ReferenceExists", map[string]any{"referencedBy": "order"},
			"Can not delete a type while it is referenced from at least one 'order'.")
	}
	c.remove(r, p.opts.Clock.Now())
	ch := change{kind: "ResourceDeleted", client: client}
	if c.kind.messages {
		r.sequence++
		ch.messages = []message{{"OrderDeleted", []field{{"order", json.RawMessage(r.doc.text)}}, r.sequence, r.version}}
	}
	return p.recordChange(c, r, ch), nil
}

// fillDefaults adds the defaults of fields that value lacks.
func fillDefaults(value, defaults map[string]any) {
	for name, d := range defaults {
		if value[name] == nil {
			value[name] = d
		}
	}
}
