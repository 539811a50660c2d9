package commercetools

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// errNotJSON is for a text that is no JSON, or ends too early.
var errNotJSON = errors.New("not JSON")

// stream reads JSON as it comes and keeps nothing of it but what is asked for, so that
// a message costs the same memory whatever its size. It is lenient: what is skipped is
// looked at only as far as it must be to find its end.
type stream struct {
	r    *bufio.Reader
	copy *textCopy // gets what is read; nil: nothing does
	open brackets  // of the value that is read over
}

// streams are those that have ended.
var streams = sync.Pool{New: func() any { return &stream{r: bufio.NewReader(nil)} }}

// newStream reads r. The stream is used again after close.
func newStream(r io.Reader) *stream {
	s := streams.Get().(*stream)
	s.r.Reset(r)
	return s
}

func (s *stream) close() {
	s.r.Reset(nil)
	s.copy = nil
	streams.Put(s)
}

// peekByte is the first byte of what comes, behind white space; it is not consumed.
func (s *stream) peekByte() (byte, error) {
	for {
		next, err := s.r.Peek(1)
		if err != nil {
			return 0, errNotJSON
		}
		if c := next[0]; !isSpace(c) {
			return c, nil
		}
		_, _ = s.r.Discard(1)
	}
}

// readByte consumes a byte.
func (s *stream) readByte() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, errNotJSON
	}
	s.copy.addByte(c)
	return c, nil
}

// atEnd reports whether only white space is left.
func (s *stream) atEnd() bool {
	_, err := s.peekByte()
	return err != nil
}

// readObject calls member for each of an object's members, which must consume its value.
// Anything else is skipped.
func (s *stream) readObject(member func(key string) error) error {
	return s.readBracketed('{', '}', func() error {
		if c, err := s.peekByte(); err != nil || c != '"' {
			return errNotJSON
		}
		key, err := s.readText()
		if err != nil {
			return err
		}
		if c, err := s.peekByte(); err != nil || c != ':' {
			return errNotJSON
		}
		_, _ = s.readByte()
		return member(key)
	})
}

// readArray calls element before each of an array's elements, which must consume it.
// Anything else is skipped.
func (s *stream) readArray(element func() error) error { return s.readBracketed('[', ']', element) }

func (s *stream) readBracketed(opening, closing byte, part func() error) error {
	c, err := s.peekByte()
	if err != nil {
		return err
	}
	if c != opening {
		return s.skipValue()
	}
	_, _ = s.readByte()
	for first := true; ; first = false {
		if c, err = s.peekByte(); err != nil {
			return err
		}
		switch {
		case c == closing:
			_, err = s.readByte()
			return err
		case !first && c != ',':
			return errNotJSON
		case !first:
			_, _ = s.readByte()
		}
		if err := part(); err != nil {
			return err
		}
	}
}

// maxText is how many bytes of a text are kept.
const maxText = 4*maxName + 1

// readText reads a string, of which it keeps the beginning; anything else is skipped, and
// reads as empty.
func (s *stream) readText() (string, error) {
	c, err := s.peekByte()
	if err != nil {
		return "", err
	}
	if c != '"' {
		return "", s.skipValue()
	}
	if text, ok := s.plainText(); ok {
		return strings.ToValidUTF8(text[:min(len(text), maxText)], string(utf8.RuneError)), nil
	}
	inside := s.textReader()
	text, err := io.ReadAll(io.LimitReader(inside, maxText))
	if err == nil {
		_, err = io.Copy(io.Discard, inside)
	}
	return strings.ToValidUTF8(string(text), string(utf8.RuneError)), err
}

// plainText reads the string that comes next if it is here already and has nothing escaped,
// as nearly all are.
func (s *stream) plainText() (text string, ok bool) {
	end := s.plainTextEnd()
	if end < 0 {
		return "", false
	}
	here, _ := s.r.Peek(end + 1)
	text = string(here[1:end])
	_, _ = s.r.Discard(end + 1)
	return text, true
}

func (s *stream) skipPlainText() bool {
	end := s.plainTextEnd()
	if end < 0 {
		return false
	}
	_, _ = s.r.Discard(end + 1)
	return true
}

// plainTextEnd is where the string that comes next has its closing quote; -1 when that must
// be found character by character.
func (s *stream) plainTextEnd() int {
	if s.copy != nil {
		return -1
	}
	here, _ := s.r.Peek(s.r.Buffered())
	end := bytes.IndexByte(here[1:], '"') + 1
	if end == 0 || bytes.IndexByte(here[:end], '\\') >= 0 {
		return -1
	}
	return end
}

// readNumber reads a whole number, also one written 2.0; anything else reads as 0.
func (s *stream) readNumber() (int, error) {
	c, err := s.peekByte()
	if err != nil {
		return 0, err
	}
	if c != '-' && (c < '0' || c > '9') {
		return 0, s.skipValue()
	}
	word, err := s.readLiteral()
	n, notNumber := strconv.ParseFloat(word, 64)
	if notNumber != nil || n != float64(int(n)) {
		n = 0
	}
	return int(n), err
}

// skipValue reads over a value.
func (s *stream) skipValue() error {
	s.open = s.open[:0]
	for {
		if s.copy == nil {
			if over, err := s.skipBuffered(); over || err != nil {
				return err
			}
		}
		c, err := s.peekByte()
		if err != nil {
			return err
		}
		switch {
		case c == '"' && !s.skipPlainText():
			_, err = io.Copy(io.Discard, s.textReader())
		case c == '"':
		case isPunctuation(c):
			if err = s.open.add(c); err == nil {
				_, err = s.readByte()
			}
		default:
			_, err = s.readLiteral()
		}
		if err != nil || len(s.open) == 0 {
			return err
		}
	}
}

// skipBuffered reads over what is here already, up to what only more of the text can tell,
// or the end of the value.
func (s *stream) skipBuffered() (over bool, err error) {
	here, _ := s.r.Peek(s.r.Buffered())
	at := 0
	defer func() { _, _ = s.r.Discard(at) }()
	for at < len(here) {
		switch c := here[at]; {
		case isSpace(c):
			at++
			continue
		case c == '"':
			length := bytes.IndexByte(here[at+1:], '"')
			if length < 0 || bytes.IndexByte(here[at+1:at+1+length], '\\') >= 0 {
				return false, nil
			}
			at += length + 2
		case isPunctuation(c):
			if err := s.open.add(c); err != nil {
				return false, err
			}
			at++
		default:
			length := slices.IndexFunc(here[at:], endsLiteral)
			if length < 0 {
				return false, nil
			}
			if !isLiteral(here[at : at+length]) {
				return false, errNotJSON
			}
			at += length
		}
		if len(s.open) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// brackets are those that are open.
type brackets []byte

// add takes the next punctuation of a value.
func (b *brackets) add(c byte) error {
	switch c {
	case '{', '[':
		if *b = append(*b, c); len(*b) > maxDepth {
			return errNotJSON
		}
	case '}', ']':
		if len(*b) == 0 || (*b)[len(*b)-1] != c-2 { // ASCII: { }, [ ]
			return errNotJSON
		}
		*b = (*b)[:len(*b)-1]
	default:
		if len(*b) == 0 {
			return errNotJSON
		}
	}
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isPunctuation(c byte) bool {
	switch c {
	case '{', '}', '[', ']', ',', ':':
		return true
	}
	return false
}

func endsLiteral(c byte) bool { return isSpace(c) || c == ',' || c == ':' || c == ']' || c == '}' }

// isLiteral reports a number, true, false or null.
func isLiteral(text []byte) bool {
	switch string(text) {
	case "true", "false", "null":
		return true
	}
	if len(text) > maxName {
		return false
	}
	if len(text) > 0 && bytes.Trim(text, "0123456789") == nil {
		return true
	}
	_, wrong := strconv.ParseFloat(string(text), 64)
	return wrong == nil || errors.Is(wrong, strconv.ErrRange)
}

// maxDepth is how deep objects and arrays may lie in one another, as in encoding/json.
const maxDepth = 10000

// readLiteral reads a number, true, false or null.
func (s *stream) readLiteral() (string, error) {
	var memory [32]byte
	word := memory[:0]
	for {
		c, err := s.r.ReadByte()
		if err == nil && !endsLiteral(c) {
			s.copy.addByte(c)
			if word = append(word, c); len(word) > maxName {
				return "", errNotJSON
			}
			continue
		}
		if err == nil {
			if err := s.r.UnreadByte(); err != nil {
				return "", err
			}
		}
		if !isLiteral(word) {
			return "", errNotJSON
		}
		return string(word), nil
	}
}

// copyValue copies a value; nil when it is longer than limit bytes.
func (s *stream) copyValue(limit int) ([]byte, error) {
	s.copy = &textCopy{limit: limit}
	err := s.skipValue()
	text := s.copy.text
	if s.copy.over {
		text = nil
	}
	s.copy = nil
	return text, err
}

// textCopy keeps a text up to a limit.
type textCopy struct {
	text  []byte
	limit int
	over  bool
}

func (c *textCopy) addByte(b byte) {
	if c != nil {
		c.add([]byte{b})
	}
}

func (c *textCopy) add(text []byte) {
	if c == nil {
		return
	}
	kept := min(len(text), c.limit-len(c.text))
	c.text, c.over = append(c.text, text[:kept]...), c.over || kept < len(text)
}

// textReader reads what is inside the string that comes next.
func (s *stream) textReader() io.Reader {
	_, err := s.readByte()
	return &quotedReader{s: s, err: err}
}

type quotedReader struct {
	s      *stream
	rest   []byte // of an escaped character
	memory [utf8.UTFMax]byte
	err    error // io.EOF behind the closing quote
}

// Read implements io.Reader.
func (q *quotedReader) Read(into []byte) (n int, err error) {
	for n < len(into) {
		if len(q.rest) > 0 {
			taken := copy(into[n:], q.rest)
			n, q.rest = n+taken, q.rest[taken:]
			continue
		}
		if q.err != nil {
			break
		}
		n += q.s.copyUnescaped(into[n:])
		if n == len(into) {
			break
		}
		switch c, err := q.s.readByte(); {
		case err != nil || c < ' ':
			q.err = errNotJSON
		case c == '"':
			q.err = io.EOF
		case c == '\\':
			q.rest, q.err = q.readEscape()
		default:
			into[n] = c
			n++
		}
	}
	if n == 0 {
		return 0, q.err
	}
	return n, nil
}

// copyUnescaped takes what is here already and means itself.
func (s *stream) copyUnescaped(into []byte) int {
	here, _ := s.r.Peek(min(s.r.Buffered(), len(into)))
	n := 0
	for n < len(here) && here[n] != '"' && here[n] != '\\' && here[n] >= ' ' {
		n++
	}
	s.copy.add(here[:n])
	copy(into, here[:n])
	_, _ = s.r.Discard(n)
	return n
}

// escapes are the characters that a backslash may stand before, and what they mean.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// readEscape is the character behind a backslash.
func (q *quotedReader) readEscape() ([]byte, error) {
	c, err := q.s.readByte()
	if err != nil {
		return nil, err
	}
	if plain, ok := escapes[c]; ok {
		return append(q.memory[:0], plain), nil
	}
	if c != 'u' {
		return nil, errNotJSON
	}
	r, err := q.readHex()
	if err != nil || !utf16.IsSurrogate(r) {
		return utf8.AppendRune(q.memory[:0], r), err
	}
	// Half of a character; encoding/json takes one alone for an unknown character too.
	following, err := q.s.r.Peek(2)
	if err != nil || string(following) != `\u` {
		return utf8.AppendRune(q.memory[:0], utf8.RuneError), nil
	}
	_, _ = q.s.readByte()
	_, _ = q.s.readByte()
	low, err := q.readHex()
	return utf8.AppendRune(q.memory[:0], utf16.DecodeRune(r, low)), err
}

func (q *quotedReader) readHex() (rune, error) {
	var digits [4]byte
	for i := range digits {
		c, err := q.s.readByte()
		if err != nil {
			return 0, err
		}
		digits[i] = c
	}
	n, err := strconv.ParseUint(string(digits[:]), 16, 16)
	if err != nil {
		return 0, errNotJSON
	}
	return rune(n), nil
}
