package ctsim

// kind is what the resources of one endpoint have in common.
type kind struct {
	typeID   string // of references
	path     string // segment of the endpoint
	title    string // in error messages
	keyField string
	fields   []string // known top-level fields, besides those of every resource
	reads    []string // scopes any of which allows reading
	writes   []string // scopes any of which allows writing
	actions  map[string]action
	// complete turns a draft, which it may change, into a resource without the
	// fields that every resource has.
	complete func(p *Platform, draft map[string]any) *apiError
	// messages tells whether changes produce messages besides change notifications.
	messages bool
}

func (k *kind) keyOf(doc document) string {
	if k.typeID == "key-value-document" {
		return objectKey(doc.string("container"), doc.string("key"))
	}
	return doc.string(k.keyField)
}

func baseFields() []string {
	return []string{"id", "version", "createdAt", "lastModifiedAt", "createdBy", "lastModifiedBy", "key", "custom"}
}

func kinds() []*kind {
	return []*kind{
		orderKind(), channelKind(), storeKind(), shippingMethodKind(),
		stateKind(), customerGroupKind(), typeKind(), subscriptionKind(), customObjectKind(), editKind(),
	}
}

// action is one update action: the fields it must have, and what it does.
type action struct {
	required []string
	apply    func(t *turn, a map[string]any) *apiError
}

// assign is an action that puts one of its fields into a field of the resource,
// removing that when the action's field is absent.
func assign(from, to string, required ...string) action {
	return action{required, func(t *turn, a map[string]any) *apiError {
		t.set(to, a[from])
		return nil
	}}
}

// rename is an action that changes the resource's unique key.
func rename(from string) action {
	return action{[]string{from}, func(t *turn, a map[string]any) *apiError {
		key, _ := a[from].(string)
		if err := t.checkKeyFree(key); err != nil {
			return err
		}
		t.set(t.kind.keyField, key)
		return nil
	}}
}

func (t *turn) checkKeyFree(key string) *apiError {
	other := t.p.collections[t.kind.path].byKey[key]
	if other != nil && other != t.rec {
		return duplicateField(t.kind.keyField, key)
	}
	return nil
}
