// Package printable keeps what others chose (ids, names, reasons, bodies) from doing anything
// to a terminal or a log but be read: control characters and escapes could clear the screen or
// forge lines, and bidirectional marks show a text as another.
package printable

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Writer passes text on with everything written out that is not to be printed, such as \u001b;
// line breaks and tabs stay. What is written out is good JSON inside of a JSON text. A write
// must not end within a character.
func Writer(to io.Writer) io.Writer { return writer{to} }

type writer struct{ to io.Writer }

// Write implements io.Writer.
func (w writer) Write(text []byte) (int, error) {
	layout := func(r rune) bool { return r == '\n' || r == '\t' }
	if !bytes.ContainsFunc(text, func(r rune) bool { return isActive(r) && !layout(r) }) {
		return w.to.Write(text)
	}
	if _, err := io.WriteString(w.to, keepAllowed(string(text), layout)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Line is the text as a part of one line: line breaks and tabs are written out too.
func Line(text string) string { return keepAllowed(text, func(rune) bool { return false }) }

func keepAllowed(text string, allowed func(rune) bool) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return isActive(r) && !allowed(r) }) {
		return text
	}
	var clean strings.Builder
	for _, r := range text {
		if isActive(r) && !allowed(r) {
			fmt.Fprintf(&clean, `\u%04x`, r)
		} else {
			clean.WriteRune(r)
		}
	}
	return clean.String()
}

// isActive reports a character that does something instead of being seen: control characters, line
// and paragraph separators, marks that change the direction of what follows, and what is no
// character at all. Those that only join or hide letters (emoji, Persian) are harmless.
func isActive(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == utf8.RuneError ||
		unicode.Is(unicode.Bidi_Control, r)
}

// Fprintf is fmt.Fprintf for what its arguments must not break: texts in them, errors and
// named texts included, are each a Line.
func Fprintf(to io.Writer, format string, args ...any) {
	lines := make([]any, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			lines[i] = Line(arg)
		case error:
			lines[i] = Line(arg.Error())
		default:
			if lines[i] = arg; reflect.ValueOf(arg).Kind() == reflect.String {
				lines[i] = Line(fmt.Sprint(arg))
			}
		}
	}
	fmt.Fprintf(to, format, lines...)
}
