package export

import (
	"slices"
	"strings"
)

// ExplainedRow is a line of the table that explains a mapping; a heading has only a name.
type ExplainedRow struct{ Name, Value, From string }

// Rows are the fields under headings for what has fields of its own, with
// attributes, prices and texts in several languages folded.
func (explained Explanation) Rows() (rows []ExplainedRow) {
	heading := ""
	folds := map[string]int{} // index of the row
	for _, field := range explained.Fields {
		part, name := partOf(field.Field)
		if part != heading {
			heading = part
			rows = append(rows, ExplainedRow{Name: partHeading(part, field.Of)})
			clear(folds)
		}
		if part != "" {
			name = "  " + name
		}
		folded, adds := foldedRow(name, field)
		if folded == "" {
			rows = append(rows, ExplainedRow{name, inOneLine(field.Value), field.From})
			continue
		}
		at, known := folds[folded]
		if !known {
			at = len(rows)
			folds[folded] = at
			rows = append(rows, ExplainedRow{Name: folded, From: field.From})
		}
		row := &rows[at]
		row.Value = appendWord(row.Value, inOneLine(adds))
		if !strings.Contains(row.From, field.From) {
			row.From += "; " + field.From
		}
	}
	return rows
}

// partOf divides orderLineItems[0].quantity into what it is of and its name there.
func partOf(field string) (part, name string) {
	if at := strings.Index(field, "]."); at >= 0 && !strings.HasPrefix(field, "pricing.") {
		return field[:at+1], field[at+2:]
	}
	return "", field
}

func partHeading(part, of string) string {
	if part == "" || of == "" {
		return part
	}
	return part + "  from " + of
}

// foldedRow is the one row that stands for many fields, and what this one adds to its value.
func foldedRow(name string, field Explained) (folded, adds string) {
	place, _, list := strings.Cut(name, "[")
	said := func(suffix string) string {
		if strings.HasSuffix(name, suffix) {
			return field.Value
		}
		return ""
	}
	switch {
	case list && strings.HasSuffix(place, "article.attributes") && strings.HasPrefix(field.From, "variant.attributes"):
		return place, said("].key")
	case list && strings.HasSuffix(place, "article.attributes"):
		return place + " (prices)", said("].category")
	case list && strings.HasSuffix(place, "commercetoolsShipTo"):
		return place, said("].addressKey")
	case strings.HasPrefix(name, "pricing."):
		part, _, _ := strings.Cut(strings.TrimPrefix(place, "pricing."), ".")
		return "pricing", part
	}
	if place, language, localized := strings.Cut(name, "titleLocalized."); localized {
		return place + "titleLocalized", language
	}
	return "", ""
}

func appendWord(words, word string) string {
	if word == "" || slices.Contains(strings.Split(words, ", "), word) {
		return words
	}
	return strings.TrimPrefix(words+", "+word, ", ")
}

func inOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
