package printable_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"fftconnect/internal/printable"
)

var hostile = map[string]string{
	"\x1b[2J":               `\u001b[2J`,
	"\x1b]0;title\a":        `\u001b]0;title\u0007`,
	"A\rB":                  `A\u000dB`,
	"A\bB":                  `A\u0008B`,
	"A\x00B":                `A\u0000B`,
	"\u009b31m":             `\u009b31m`, // an escape in one character
	"\u202eevil\u202c":      `\u202eevil\u202c`,
	"\u2066a\u2069\u200f":   `\u2066a\u2069\u200f`,
	"\u061c\u200e":          `\u061c\u200e`,
	"a\u2028b\u2029c\ufeff": `a\u2028b\u2029c\ufeff`,
	"\xff\xfe":              `\ufffd\ufffd`,
	"\x7f":                  `\u007f`,
}

func TestWhatActsIsWrittenOut(t *testing.T) {
	t.Parallel()
	for text, want := range hostile {
		var out bytes.Buffer
		n, err := printable.Writer(&out).Write([]byte(text))
		if err != nil || n != len(text) || out.String() != want {
			t.Errorf("%q: wrote %q, %d of %d, %v", text, out.String(), n, len(text), err)
		}
		if got := printable.Line(text); got != want {
			t.Errorf("%q in a line: %q", text, got)
		}
	}
}

func TestWhatPeopleWriteStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Köln", "山田 太郎", "שלום", "naïve 👩\u200d👩\u200d👧", "می\u200cخواهم", "a\u00a0b"} {
		if got := printable.Line(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	const table = "A\tB\nC\n"
	var out bytes.Buffer
	if _, err := printable.Writer(&out).Write([]byte(table)); err != nil || out.String() != table {
		t.Errorf("%q, %v", out.String(), err)
	}
	if got := printable.Line(table); got != `A\u0009B\u000aC\u000a` {
		t.Errorf("a line of several: %q", got)
	}
}

// TestJSONStaysTheSame: programs read the same texts out of what people can look at safely.
func TestJSONStaysTheSame(t *testing.T) {
	t.Parallel()
	for text := range hostile {
		text = strings.ToValidUTF8(text, "")
		var out bytes.Buffer
		if err := json.NewEncoder(printable.Writer(&out)).Encode(text); err != nil {
			t.Fatal(err)
		}
		var read string
		if err := json.Unmarshal(out.Bytes(), &read); err != nil || read != text {
			t.Errorf("%q became %q, %v", text, read, err)
		}
		if strings.ContainsFunc(strings.TrimSuffix(out.String(), "\n"), func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Errorf("raw: %q", out.String())
		}
	}
}

func FuzzWriter(f *testing.F) {
	for text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		_, _ = printable.Writer(&out).Write([]byte(text))
		if strings.ContainsFunc(out.String(), func(r rune) bool {
			return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
		}) {
			t.Errorf("%q became %q", text, out.String())
		}
		if again := printable.Line(printable.Line(text)); again != printable.Line(text) {
			t.Errorf("%q is not clean at once: %q", text, again)
		}
	})
}
