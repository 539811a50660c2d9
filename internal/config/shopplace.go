package config

import (
	"strings"
)

// placeIn is where a text's letter stands in the file: the letter at this line and
// column of the text that n is. Where that cannot be told it is where the text begins.
func placeIn(lines []string, n *node, line, column int) Position {
	if n.Line == 0 || n.Line > len(lines) {
		return n.Position
	}
	switch n.style {
	case folded:
		return n.Position
	case literal:
		return placeInBlock(lines, n, line, column)
	}
	raw := []rune(lines[n.Line-1])
	at := n.Column - 1
	if n.style != plain {
		at++
	}
	text, _ := n.value.(string)
	for range letterAt(text, line, column) {
		if at >= len(raw) {
			return n.Position
		}
		at += width(raw[at:], n.style)
	}
	return Position{n.Line, at + 1}
}

// letterAt counts the letters before this line and column.
func letterAt(text string, line, column int) int {
	count := column - 1
	for i, before := range strings.Split(text, "\n") {
		if i == line-1 {
			break
		}
		count += len([]rune(before)) + 1
	}
	return count
}

// width is how many letters of the file stand for the next letter of the text.
func width(raw []rune, style string) int {
	switch {
	case style == double && raw[0] == '\\' && len(raw) > 5 && raw[1] == 'u':
		return 6
	case style == double && raw[0] == '\\', style == single && raw[0] == '\'':
		return 2
	}
	return 1
}

// placeInBlock is for texts that begin on the line after their key's, indented.
func placeInBlock(lines []string, n *node, line, column int) Position {
	for i := n.Line; i < len(lines); i++ {
		if content := strings.TrimLeft(lines[i], " "); content != "" {
			return Position{n.Line + line, len(lines[i]) - len(content) + column}
		}
	}
	return n.Position
}
