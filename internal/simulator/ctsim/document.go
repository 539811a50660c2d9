package ctsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// document is a JSON object that never changes. It keeps its text and where each
// top-level field lies in it, so that reading it costs nothing and changing one
// field does not touch the others.
type document struct {
	text  []byte
	spans []span
}

type span struct {
	name       string
	start, end int
}

// raw is the JSON of a top-level field, nil when the document lacks it.
func (d document) raw(name string) []byte {
	i, found := slices.BinarySearchFunc(d.spans, name, func(s span, name string) int { return strings.Compare(s.name, name) })
	if !found {
		return nil
	}
	return d.text[d.spans[i].start:d.spans[i].end]
}

func (d document) value(name string) any { return decode(d.raw(name)) }

func (d document) string(name string) string {
	text, _ := d.value(name).(string)
	return text
}

// decodeAll decodes the whole document; the caller owns the result.
func (d document) decodeAll() map[string]any {
	value, _ := decode(d.text).(map[string]any)
	return value
}

// newDocumentFromFields makes a document of encoded fields.
func newDocumentFromFields(fields map[string][]byte) document {
	names := make([]string, 0, len(fields))
	size := 2
	for name, raw := range fields {
		if raw != nil {
			names = append(names, name)
			size += len(name) + len(raw) + 4
		}
	}
	slices.Sort(names)
	d := document{text: make([]byte, 0, size), spans: make([]span, 0, len(names))}
	d.text = append(d.text, '{')
	for i, name := range names {
		if i > 0 {
			d.text = append(d.text, ',')
		}
		d.text = appendName(d.text, name)
		start := len(d.text)
		d.text = append(d.text, fields[name]...)
		d.spans = append(d.spans, span{name, start, len(d.text)})
	}
	d.text = append(d.text, '}')
	return d
}

func newDocument(value map[string]any) document {
	fields := make(map[string][]byte, len(value))
	for name, v := range value {
		if v != nil {
			fields[name] = encode(v)
		}
	}
	return newDocumentFromFields(fields)
}

func appendName(text []byte, name string) []byte {
	text = append(text, '"')
	text = append(text, name...)
	return append(text, '"', ':')
}

func encode(value any) []byte {
	if raw, ok := value.(json.RawMessage); ok {
		return raw
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("ctsim: encoding %T: %v", value, err))
	}
	return text
}

func decode(text []byte) any {
	if text == nil {
		return nil
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		panic(fmt.Sprintf("ctsim: decoding a stored value: %v", err))
	}
	return value
}

// copyOf is a deep copy in the types that encoding/json decodes into, without nulls.
func copyOf(draft map[string]any) map[string]any {
	if draft == nil {
		return map[string]any{}
	}
	value, _ := decode(encode(draft)).(map[string]any)
	withoutNulls(value)
	return value
}

// withoutNulls drops object members without a value, as the platform does.
func withoutNulls(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if member == nil {
				delete(v, name)
			} else {
				withoutNulls(member)
			}
		}
	case []any:
		for _, entry := range v {
			withoutNulls(entry)
		}
	}
}

// field is one field of an object whose fields keep their order.
type field struct {
	name  string
	value any
}

// object encodes fields in the given order; fields without a value are left out.
func object(fields ...field) json.RawMessage {
	text := []byte{'{'}
	for _, f := range fields {
		if f.value == nil {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = appendName(text, f.name)
		text = append(text, encode(f.value)...)
	}
	return append(text, '}')
}

// edit is a document in the making: fields are decoded when they are first asked
// for and encoded again when they may have changed.
type edit struct {
	base    document
	values  map[string]any
	dirty   map[string]bool
	encoded map[string][]byte
}

func newEdit(base document) *edit {
	return &edit{base: base, values: map[string]any{}, dirty: map[string]bool{}, encoded: map[string][]byte{}}
}

// peekValue is a field's value, for reading only.
func (e *edit) peekValue(name string) any {
	value, known := e.values[name]
	if !known {
		value = e.base.value(name)
		e.values[name] = value
	}
	return value
}

// get is a field's value, which the caller may change in place.
func (e *edit) get(name string) any {
	e.dirty[name] = true
	return e.peekValue(name)
}

// set replaces a field; nil removes it.
func (e *edit) set(name string, value any) {
	e.dirty[name] = true
	e.values[name] = value
}

// applyChanges reports whether anything differs from the last time it was called.
func (e *edit) applyChanges() bool {
	changed := false
	for name := range e.dirty {
		var text []byte
		if value := e.values[name]; value != nil {
			text = encode(value)
		}
		before, known := e.encoded[name]
		if !known {
			before = e.base.raw(name)
		}
		if !bytes.Equal(before, text) {
			e.encoded[name] = text
			changed = true
		}
	}
	clear(e.dirty)
	return changed
}

// document is the edited document; settle must have been called.
func (e *edit) document() document {
	fields := make(map[string][]byte, len(e.base.spans)+len(e.encoded))
	for _, s := range e.base.spans {
		fields[s.name] = e.base.text[s.start:s.end]
	}
	for name, text := range e.encoded {
		fields[name] = text
	}
	return newDocumentFromFields(fields)
}
