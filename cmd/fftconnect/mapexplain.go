package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"fftconnect/internal/export"
	"fftconnect/internal/printable"
)

// usualWidth is that of a terminal of which nothing is known, in letters.
const usualWidth = 80

func terminalWidth(out io.Writer) int {
	if file, ok := out.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width >= usualWidth {
			return width
		}
	}
	return usualWidth
}

// printExplanation prints a table that is no wider than width, and what is left out.
func printExplanation(out io.Writer, explained export.Explanation, width int) error {
	var text strings.Builder
	rows := append([]export.ExplainedRow{{Name: "FIELD", Value: "VALUE", From: "FROM"}}, explained.Rows()...)
	names, values := 0, 0
	for _, row := range rows {
		if n := utf8.RuneCountInString(row.Name); n <= 3*width/8 {
			names = max(names, n)
		}
		values = min(max(values, utf8.RuneCountInString(row.Value)), width/4)
	}
	for _, row := range rows {
		printRow(&text, row, names, values, width)
	}
	if len(explained.Excluded) > 0 {
		text.WriteString("\nLEFT OUT\n")
	}
	for _, staying := range explained.Excluded {
		printable.Fprintf(&text, "%s: %s\n", staying.Line, staying.Reason)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// printRow shortens values; a name that is too long has a line of its own, and where it
// comes from goes on below.
func printRow(text *strings.Builder, row export.ExplainedRow, names, values, width int) {
	row = export.ExplainedRow{Name: printable.Line(row.Name), Value: printable.Line(row.Value), From: printable.Line(row.From)}
	if row.Value == "" && row.From == "" {
		fmt.Fprintln(text, row.Name)
		return
	}
	name := row.Name
	if utf8.RuneCountInString(name) > names {
		fmt.Fprintln(text, name)
		name = ""
	}
	indent := names + 2 + values + 2
	for i, part := range wrapText(row.From, width-indent) {
		if i == 0 {
			line := fmt.Sprintf("%s  %s  %s", padRight(name, names), padRight(row.Value, values), part)
			fmt.Fprintln(text, strings.TrimRight(line, " "))
		} else {
			fmt.Fprintln(text, strings.Repeat(" ", indent)+part)
		}
	}
}

func inOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// padRight is the text in exactly so many letters.
func padRight(text string, width int) string {
	runes := []rune(text)
	if len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text + strings.Repeat(" ", width-len(runes))
}

// wrapText divides a text at blanks into lines of at most so many letters; there is at
// least one.
func wrapText(text string, width int) []string {
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
