package ctsim

import (
	"encoding/json"
	"slices"
	"strconv"
)

// change is what happened to a resource.
type change struct {
	kind       string // ResourceCreated, ResourceUpdated or ResourceDeleted
	oldVersion int64  // for ResourceUpdated
	messages   []message
	actions    []string
	client     string
}

// changeOutcome is a stored change and who is to hear of it.
type changeOutcome struct {
	change
	doc         document
	typeID, id  string
	version     int64
	when        string
	subscribers []*subscriber
	watchers    []func(string, Revision)
	revision    revision
	released    []releasedNotification
}

// recordChange follows up on a stored change. The platform's lock is held; announce must
// be called after it is released.
func (p *Platform) recordChange(c *collection, r *storedResource, ch change) changeOutcome {
	o := changeOutcome{
		change: ch, doc: r.doc, typeID: c.kind.typeID, id: r.id, version: r.version,
		when: stamp(p.opts.Clock.Now()), subscribers: p.subscribers,
	}
	switch {
	case c.kind.typeID == "subscription":
		o.released = p.resubscribe()
	case c.kind.typeID == "type":
		delete(p.definitions, r.id)
	case c.kind.typeID == "order" && ch.kind != "ResourceDeleted":
		o.revision = p.recordRevision(r, ch.client, ch.actions)
		o.watchers = p.watchers
	}
	return o
}

// announce tells the watchers and subscribers of a change.
func (p *Platform) announce(o changeOutcome) {
	for _, m := range o.messages {
		p.notify(o, func(s *subscriber) bool { return s.wantsMessage(o.typeID, m.name) },
			func() notification { return p.messageNotification(o, m) })
	}
	if o.kind != "" {
		p.notify(o, func(s *subscriber) bool { return slices.Contains(s.changes, o.typeID) },
			func() notification { return p.changeNotification(o) })
	}
	for _, r := range o.released {
		p.deliver(r.subscriber, r.notification)
	}
	for _, watch := range o.watchers {
		watch(o.id, o.revision.decoded())
	}
}

func (p *Platform) notify(o changeOutcome, wanted func(*subscriber) bool, make func() notification) {
	var made *notification
	for _, s := range o.subscribers {
		if !wanted(s) {
			continue
		}
		if made == nil {
			n := make()
			made = &n
		}
		p.deliver(s, *made)
	}
}

// notification is what a subscriber is told, with what the CloudEvents format adds.
type notification struct {
	id       string
	event    string // com.commercetools.… type
	resource string // path of the resource
	dataref  string
	sequence int64
	time     string
	body     json.RawMessage
}

func (p *Platform) messageNotification(o changeOutcome, m message) notification {
	id, when := p.ids.next(), o.when
	envelope := []field{
		{"notificationType", "Message"},
		{"projectKey", p.opts.ProjectKey},
		{"id", id},
		{"version", 1},
		{"sequenceNumber", m.sequence},
		{"resource", map[string]any{"typeId": o.typeID, "id": o.id}},
		{"resourceVersion", m.version},
		{"resourceUserProvidedIdentifiers", identifiers(o)},
		{"createdAt", when},
		{"lastModifiedAt", when},
		{"createdBy", modifier(o.client)},
		{"lastModifiedBy", modifier(o.client)},
	}
	body := object(append(slices.Clip(envelope), append([]field{{"type", m.name}}, m.fields...)...)...)
	if p.opts.PayloadLimit > 0 && len(body) > p.opts.PayloadLimit {
		reason := map[string]any{"reason": "The payload is too large for the destination.", "payloadType": m.name}
		body = object(append(envelope, field{"payloadNotIncluded", reason})...)
	}
	return notification{
		id: id, event: "com.commercetools." + o.typeID + ".message." + m.name, resource: o.resourcePath(p),
		dataref: "/" + p.opts.ProjectKey + "/messages/" + id, sequence: m.sequence, time: when, body: body,
	}
}

func (p *Platform) changeNotification(o changeOutcome) notification {
	when := o.when
	fields := []field{
		{"notificationType", o.kind},
		{"projectKey", p.opts.ProjectKey},
		{"resource", map[string]any{"typeId": o.typeID, "id": o.id}},
		{"resourceUserProvidedIdentifiers", identifiers(o)},
		{"version", o.version},
	}
	if o.kind == "ResourceUpdated" {
		fields = append(fields, field{"oldVersion", o.oldVersion})
	}
	fields = append(fields, field{"modifiedAt", when})
	return notification{
		id: p.ids.next(), event: "com.commercetools." + o.typeID + ".change." + o.kind, resource: o.resourcePath(p),
		sequence: o.version, time: when, body: object(fields...),
	}
}

func (o changeOutcome) resourcePath(p *Platform) string {
	if c := p.collectionOf(o.typeID); c != nil {
		return "/" + p.opts.ProjectKey + "/" + c.kind.path + "/" + o.id
	}
	return "/" + p.opts.ProjectKey + "/" + o.typeID + "/" + o.id
}

// identifiers are the names that the merchant gave the resource; nil when none.
func identifiers(o changeOutcome) any {
	if o.typeID == "key-value-document" {
		return map[string]any{"containerAndKey": map[string]any{
			"container": o.doc.string("container"), "key": o.doc.string("key"),
		}}
	}
	name := "key"
	if o.typeID == "order" {
		name = "orderNumber"
	}
	if value := o.doc.string(name); value != "" {
		return map[string]any{name: value}
	}
	return nil
}

// cloudEvent puts a notification into the CloudEvents format.
func (p *Platform) cloudEvent(n notification) json.RawMessage {
	fields := []field{
		{"specversion", "1.0"},
		{"id", n.id},
		{"type", n.event},
		{"source", "/" + p.opts.ProjectKey},
		{"subject", n.resource},
		{"time", n.time},
		{"sequence", strconv.FormatInt(n.sequence, 10)},
		{"sequencetype", "Integer"},
	}
	if n.dataref != "" {
		fields = append(fields, field{"dataref", n.dataref})
	}
	return object(append(fields, field{"data", n.body})...)
}
