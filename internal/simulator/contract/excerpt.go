package contract

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// file is a vendor's file, cut into its paths and components. Most of it is of no concern
// to whoever asks, and to understand all of it takes ten times as long as to cut it.
type file map[part]string

// part is one path, or one component of a kind.
type part struct{ kind, name string }

const (
	pathKind   = "paths"
	schemaKind = "schemas"
)

// cutFile relies on how both files are indented, by two.
func cutFile(text []byte) file {
	parts := file{}
	var current part
	section, kind, start, at := "", "", 0, 0
	finish := func() {
		if current.name != "" {
			parts[current] = string(text[start:at])
		}
		current = part{}
	}
	for line := range bytes.Lines(text) {
		trimmed := strings.TrimSpace(string(line))
		depth := len(line) - len(bytes.TrimLeft(line, " "))
		key := strings.Trim(strings.TrimSuffix(trimmed, ":"), `"'`)
		switch {
		case depth > 4 || trimmed == "" || trimmed[0] == '#':
		case depth == 0:
			finish()
			section, _, _ = strings.Cut(trimmed, ":")
		case depth == 2 && section == "components":
			finish()
			kind = key
		case depth == 2 && section == pathKind:
			finish()
			current, start = part{pathKind, key}, at
		case depth == 4 && section == "components":
			finish()
			current, start = part{kind, key}, at
		}
		at += len(line)
	}
	finish()
	return parts
}

var componentRef = regexp.MustCompile(`#/components/(\w+)/([\w.-]+)`)

// references are the components that a part names.
func references(text string) []part {
	var all []part
	for _, found := range componentRef.FindAllStringSubmatch(text, -1) {
		all = append(all, part{found[1], found[2]})
	}
	return all
}

// excerpt is a file with what is wanted and all that its meaning depends on: what it names,
// in turn, the heirs of the bases that do not list them, and whatever has one of them in its
// mapping, which says what an heir's discriminator holds; that one without its other heirs,
// and so it is not whole.
func (f file) excerpt(wanted func(part) bool, quirks quirks) (text []byte, whole map[part]bool) {
	kept := map[part]bool{}
	whole = map[part]bool{}
	var keep func(p part)
	keepNamed := func(p part, text string) {
		kept[p] = true
		for _, named := range references(text) {
			keep(named)
		}
	}
	keep = func(p part) {
		text, there := f[p]
		if !there || whole[p] {
			return
		}
		whole[p] = true
		keepNamed(p, text)
		if suffix := quirks.suffixes[p.name]; suffix != "" && p.kind == schemaKind {
			for heir := range f {
				if heir.kind == schemaKind && strings.HasSuffix(heir.name, suffix) {
					keep(heir)
				}
			}
		}
	}
	bases := map[part][]part{}
	for p, text := range f {
		if wanted(p) || p.kind == schemaKind && (p.name == quirks.failure || p.name == quirks.unauthorized) {
			keep(p)
		}
		if p.kind == schemaKind && strings.Contains(text, " mapping:") {
			bases[p] = references(text)
		}
	}
	for before := -1; before < len(kept); {
		before = len(kept)
		for p, named := range bases {
			if !kept[p] && slices.ContainsFunc(named, func(n part) bool { return kept[n] }) {
				keepNamed(p, withoutMapping(f[p]))
			}
		}
	}
	return f.assemble(kept), whole
}

// withoutMapping is the text without what is below its mappings.
func withoutMapping(text string) string {
	var rest strings.Builder
	below := -1 // the mapping's depth
	for line := range strings.Lines(text) {
		depth := len(line) - len(strings.TrimLeft(line, " "))
		if below >= 0 && depth > below {
			continue
		}
		below = -1
		if strings.TrimSpace(line) == "mapping:" {
			below = depth
		}
		rest.WriteString(line)
	}
	return rest.String()
}

// assemble writes the parts as one file.
func (f file) assemble(kept map[part]bool) []byte {
	byKind := map[string][]string{}
	for p := range kept {
		byKind[p.kind] = append(byKind[p.kind], f[p])
	}
	var text bytes.Buffer
	text.WriteString("openapi: 3.0.1\ninfo: {title: excerpt, version: v1}\n")
	write := func(heading, kind string) {
		text.WriteString(heading)
		for _, part := range byKind[kind] {
			text.WriteString(part)
		}
	}
	if len(byKind[pathKind]) == 0 {
		text.WriteString("paths: {}\n")
	} else {
		write("paths:\n", pathKind)
	}
	text.WriteString("components:\n")
	for kind := range byKind {
		if kind != pathKind {
			write("  "+kind+":\n", kind)
		}
	}
	return text.Bytes()
}
