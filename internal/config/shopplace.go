package config

import (
	"strings"
	"unicode"
)

// positionInScalar is where a text's letter stands in the file: the letter at this line and
// column of the text that n is. Where that cannot be told it is where the text begins.
func positionInScalar(lines []string, n *node, line, column int) Position {
	text, _ := n.value.(string)
	letters := []rune(text + "\n")
	wanted := runeColumn(text, line, column)
	if n.Line == 0 || n.Line > len(lines) || wanted >= len(letters) {
		return n.Position
	}
	c := cursorAt(lines, n, text)
	for _, next := range letters[1 : wanted+1] {
		c.advance(next)
	}
	if wanted < len(letters)-1 && !c.isNext(letters[wanted]) {
		return n.Position
	}
	return Position{c.line + 1, c.column + 1}
}

// runeColumn counts the letters before this line and column.
func runeColumn(text string, line, column int) int {
	count := column - 1
	for i, before := range strings.Split(text, "\n") {
		if i == line-1 {
			break
		}
		count += len([]rune(before)) + 1
	}
	return count
}

// cursor goes through the file letter by letter of a text, however that is written.
type cursor struct {
	lines        []string
	line, column int    // from 0
	letters      []rune // of the line
	style        string
	indent       int // of a block
}

func cursorAt(lines []string, n *node, text string) *cursor {
	c := &cursor{lines: lines, line: n.Line - 1, column: n.Column - 1, style: n.style}
	switch n.style {
	case literal, folded:
		c.line = n.Line // a block begins on the line after its key's
		c.indent = c.blockIndent(text)
		c.column = c.indent
	case single, double:
		c.column++
	}
	c.letters = c.runesOfLine()
	return c
}

// blockIndent is what the first line with content has before the text's own space.
func (c *cursor) blockIndent(text string) int {
	own := strings.TrimLeft(text, "\n")
	for _, line := range c.lines[min(c.line, len(c.lines)):] {
		if strings.TrimSpace(line) != "" {
			return max(leadingSpaces(line)-leadingSpaces(own), 0)
		}
	}
	return 0
}

func leadingSpaces(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// advance goes past a letter, to the next one.
func (c *cursor) advance(next rune) {
	rest := c.remainingRunes()
	block := c.style == literal || c.style == folded
	switch {
	case len(rest) == 0, !block && unicode.IsSpace(rest[0]) && strings.TrimSpace(string(rest)) == "":
		c.moveToNextLine(block)
		for c.style != literal && next != '\n' && c.line < len(c.lines) && len(c.remainingRunes()) == 0 {
			c.moveToNextLine(block) // the first line break before blank lines is none of the text's
		}
	case block:
		c.column++
	default:
		c.column += rawWidth(rest, c.style)
	}
}

func (c *cursor) moveToNextLine(block bool) {
	c.line++
	c.letters = c.runesOfLine()
	c.column = c.indent
	for !block && len(c.remainingRunes()) > 0 && unicode.IsSpace(c.remainingRunes()[0]) {
		c.column++
	}
}

func (c *cursor) runesOfLine() []rune {
	if c.line >= len(c.lines) {
		return nil
	}
	return []rune(strings.TrimSuffix(c.lines[c.line], "\r"))
}

// remainingRunes is what the line has from the cursor on.
func (c *cursor) remainingRunes() []rune { return c.letters[min(c.column, len(c.letters)):] }

// isNext reports whether the file has this letter, or an escape, at the cursor.
func (c *cursor) isNext(letter rune) bool {
	rest := c.remainingRunes()
	return len(rest) > 0 && (rest[0] == letter || c.style == double && rest[0] == '\\')
}

// rawWidth is how many letters of the file stand for the next letter of the text.
func rawWidth(raw []rune, style string) int {
	switch {
	case style == single && raw[0] == '\'':
		return 2
	case style != double || raw[0] != '\\' || len(raw) < 2:
		return 1
	}
	switch raw[1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}
