package main

import (
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"fftconnect/internal/printable"
)

const (
	columnGap = "  "
	// leastLast is the room that the last column of a table needs beside the others; with less it goes below them.
	leastLast   = 24
	foldedStart = 4 // where a line begins that goes on with the one before
)

// printTable prints rows below their heading. No column is wider than what is in it, and on a terminal the last one, which
// holds sentences, is folded to fit. What is piped has a line for each row.
func (p program) printTable(heading []string, rows [][]string) {
	width, last := p.terminalWidth(), len(heading)-1
	all := append([][]string{heading}, rows...)
	sizes := make([]int, last)
	start := 0 // of the last column
	for column := range sizes {
		for _, row := range all {
			sizes[column] = max(sizes[column], utf8.RuneCountInString(row[column]))
		}
		start += sizes[column] + len(columnGap)
	}
	for _, row := range all {
		cells := make([]string, last)
		for column, size := range sizes {
			cell := strings.ReplaceAll(row[column], "\n", " ")
			cells[column] = cell + strings.Repeat(" ", max(0, size-utf8.RuneCountInString(cell)))
		}
		text := strings.Join(append(cells, row[last]), columnGap)
		switch {
		case width == 0:
			text = strings.ReplaceAll(text, "\n", " ")
		case width-start >= leastLast:
			text = strings.Join(cells, columnGap) + columnGap + folded(strings.Fields(row[last]), " ", start, start, width)
		default:
			text = folded(cells, columnGap, 0, foldedStart, width)
			at := foldedStart
			if _, rest, begun := strings.Cut(text, "\n"); begun { // the line that goes on has room
				text += columnGap
				at = utf8.RuneCountInString(rest[strings.LastIndexByte(rest, '\n')+1:]) + len(columnGap)
			} else {
				text += "\n" + strings.Repeat(" ", foldedStart)
			}
			text += folded(strings.Fields(row[last]), " ", at, foldedStart, width)
		}
		for line := range strings.SplitSeq(text, "\n") {
			printable.Fprintf(p.out, "%s\n", strings.TrimRight(line, " "))
		}
	}
}

// folded are words behind each other, from the column first on; what does not fit the width goes to the next line, from
// the column next on.
func folded(words []string, gap string, first, next, width int) string {
	text, used := "", first
	for n, word := range words {
		size := utf8.RuneCountInString(word)
		switch {
		case n == 0:
		case used+len(gap)+size > width:
			text += "\n" + strings.Repeat(" ", next)
			used = next
		default:
			text += gap
			used += len(gap)
		}
		text += word
		used += size
	}
	return text
}

// terminalWidth is how many characters a line of the terminal has: COLUMNS, or what the terminal says; 0 when standard
// output is none.
func (p program) terminalWidth() int {
	if text, ok := p.lookup("COLUMNS"); ok {
		if columns, err := strconv.Atoi(text); err == nil && columns > 0 {
			return columns
		}
	}
	if file, ok := p.stdout.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			return columns
		}
	}
	return 0
}
