package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"fftconnect/internal/export"
	"fftconnect/internal/printable"
)

// usualWidth is that of a terminal of which nothing is known, in letters.
const usualWidth = 80

func widthOf(out io.Writer) int {
	if file, ok := out.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width >= usualWidth {
			return width
		}
	}
	return usualWidth
}

// line of the table; a heading has only a name.
type explainedRow struct{ name, value, from string }

// printExplanation prints a table that is no wider than width, and what is left out.
func printExplanation(out io.Writer, explained export.Explanation, width int) error {
	var text strings.Builder
	rows := append([]explainedRow{{"FIELD", "VALUE", "FROM"}}, explainedRows(explained)...)
	names, values := 0, 0
	for _, row := range rows {
		if n := utf8.RuneCountInString(row.name); n <= 3*width/8 {
			names = max(names, n)
		}
		values = min(max(values, utf8.RuneCountInString(row.value)), width/4)
	}
	for _, row := range rows {
		printRow(&text, row, names, values, width)
	}
	if len(explained.Stays) > 0 {
		text.WriteString("\nLEFT OUT\n")
	}
	for _, staying := range explained.Stays {
		printable.Fprintf(&text, "%s: %s\n", staying.Line, staying.Reason)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// printRow shortens values; a name that is too long has a line of its own, and where it
// comes from goes on below.
func printRow(text *strings.Builder, row explainedRow, names, values, width int) {
	row = explainedRow{printable.Line(row.name), printable.Line(row.value), printable.Line(row.from)}
	if row.value == "" && row.from == "" {
		fmt.Fprintln(text, row.name)
		return
	}
	name := row.name
	if utf8.RuneCountInString(name) > names {
		fmt.Fprintln(text, name)
		name = ""
	}
	indent := names + 2 + values + 2
	for i, part := range wrapped(row.from, width-indent) {
		if i == 0 {
			line := fmt.Sprintf("%s  %s  %s", padded(name, names), padded(row.value, values), part)
			fmt.Fprintln(text, strings.TrimRight(line, " "))
		} else {
			fmt.Fprintln(text, strings.Repeat(" ", indent)+part)
		}
	}
}

// explainedRows are the fields under headings for what has fields of its own, with
// attributes, prices and texts in several languages folded.
func explainedRows(explained export.Explanation) (rows []explainedRow) {
	heading := ""
	folds := map[string]int{} // index of the row
	for _, field := range explained.Fields {
		part, name := partOf(field.Field)
		if part != heading {
			heading = part
			rows = append(rows, explainedRow{name: headed(part, field.Of)})
			clear(folds)
		}
		if part != "" {
			name = "  " + name
		}
		folded, adds := foldOf(name, field)
		if folded == "" {
			rows = append(rows, explainedRow{name, oneLine(field.Value), field.From})
			continue
		}
		at, known := folds[folded]
		if !known {
			at = len(rows)
			folds[folded] = at
			rows = append(rows, explainedRow{name: folded, from: field.From})
		}
		row := &rows[at]
		row.value = joinedWords(row.value, oneLine(adds))
		if !strings.Contains(row.from, field.From) {
			row.from += "; " + field.From
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

func headed(part, of string) string {
	if part == "" || of == "" {
		return part
	}
	return part + "  from " + of
}

// foldOf is the one row that stands for many fields, and what this one adds to its value.
func foldOf(name string, field export.Explained) (folded, adds string) {
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

func joinedWords(words, word string) string {
	if word == "" || slices.Contains(strings.Split(words, ", "), word) {
		return words
	}
	return strings.TrimPrefix(words+", "+word, ", ")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// padded is the text in exactly so many letters.
func padded(text string, width int) string {
	runes := []rune(text)
	if len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text + strings.Repeat(" ", width-len(runes))
}

// wrapped divides a text at blanks into lines of at most so many letters; there is at
// least one.
func wrapped(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		for utf8.RuneCountInString(word) > width {
			lines = append(lines, string([]rune(word)[:width]))
			word = string([]rune(word)[width:])
		}
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	if lines[0] == "" && len(lines) > 1 {
		lines = lines[1:]
	}
	return lines
}
