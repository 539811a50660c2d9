package commercetools

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
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
}

func newStream(r io.Reader) *stream { return &stream{r: bufio.NewReader(r)} }

// next is the first byte of what comes, behind white space; it is not consumed.
func (s *stream) next() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		switch {
		case err != nil:
			return 0, errNotJSON
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		default:
			return c, s.r.UnreadByte()
		}
	}
}

// take consumes a byte.
func (s *stream) take() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, errNotJSON
	}
	s.copy.add(c)
	return c, nil
}

// ended reports whether only white space is left.
func (s *stream) ended() bool {
	_, err := s.next()
	return err != nil
}

// object calls member for each of an object's members, which must consume its value.
// Anything else is skipped.
func (s *stream) object(member func(key string) error) error {
	return s.bracketed('{', '}', func() error {
		if c, err := s.next(); err != nil || c != '"' {
			return errNotJSON
		}
		key, err := s.text()
		if err != nil {
			return err
		}
		if c, err := s.next(); err != nil || c != ':' {
			return errNotJSON
		}
		_, _ = s.take()
		return member(key)
	})
}

// array calls element before each of an array's elements, which must consume it.
// Anything else is skipped.
func (s *stream) array(element func() error) error { return s.bracketed('[', ']', element) }

func (s *stream) bracketed(opening, closing byte, part func() error) error {
	c, err := s.next()
	if err != nil {
		return err
	}
	if c != opening {
		return s.skip()
	}
	_, _ = s.take()
	for first := true; ; first = false {
		if c, err = s.next(); err != nil {
			return err
		}
		switch {
		case c == closing:
			_, err = s.take()
			return err
		case !first && c != ',':
			return errNotJSON
		case !first:
			_, _ = s.take()
		}
		if err := part(); err != nil {
			return err
		}
	}
}

// maxText is how many bytes of a text are kept.
const maxText = 4*maxName + 1

// text reads a string, of which it keeps the beginning; anything else is skipped, and
// reads as empty.
func (s *stream) text() (string, error) {
	c, err := s.next()
	if err != nil {
		return "", err
	}
	if c != '"' {
		return "", s.skip()
	}
	if text, ok := s.plain(); ok {
		return strings.ToValidUTF8(text[:min(len(text), maxText)], string(utf8.RuneError)), nil
	}
	inside := s.quoted()
	text, err := io.ReadAll(io.LimitReader(inside, maxText))
	if err == nil {
		_, err = io.Copy(io.Discard, inside)
	}
	return strings.ToValidUTF8(string(text), string(utf8.RuneError)), err
}

// plain reads the string that comes next if it is here already and has nothing escaped,
// as nearly all are.
func (s *stream) plain() (text string, ok bool) {
	end := s.plainEnd()
	if end < 0 {
		return "", false
	}
	here, _ := s.r.Peek(end + 1)
	text = string(here[1:end])
	_, _ = s.r.Discard(end + 1)
	return text, true
}

func (s *stream) skipPlain() bool {
	end := s.plainEnd()
	if end < 0 {
		return false
	}
	_, _ = s.r.Discard(end + 1)
	return true
}

// plainEnd is where the string that comes next has its closing quote; -1 when that must
// be found character by character.
func (s *stream) plainEnd() int {
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

// number reads a whole number, also one written 2.0; anything else reads as 0.
func (s *stream) number() (int, error) {
	c, err := s.next()
	if err != nil {
		return 0, err
	}
	if c != '-' && (c < '0' || c > '9') {
		return 0, s.skip()
	}
	word, err := s.word()
	n, notNumber := strconv.ParseFloat(word, 64)
	if notNumber != nil || n != float64(int(n)) {
		n = 0
	}
	return int(n), err
}

// skip reads over a value.
func (s *stream) skip() error {
	var open []byte
	for {
		c, err := s.next()
		if err != nil {
			return err
		}
		switch c {
		case '"':
			if !s.skipPlain() {
				_, err = io.Copy(io.Discard, s.quoted())
			}
		case '{', '[':
			open = append(open, c)
			_, err = s.take()
		case '}', ']':
			if len(open) == 0 || open[len(open)-1] != c-2 { // ASCII: { }, [ ]
				return errNotJSON
			}
			open = open[:len(open)-1]
			_, err = s.take()
		case ',', ':':
			if len(open) == 0 {
				return errNotJSON
			}
			_, err = s.take()
		default:
			_, err = s.word()
		}
		if err != nil || len(open) == 0 {
			return err
		}
		if len(open) > maxDepth {
			return errNotJSON
		}
	}
}

// maxDepth is how deep objects and arrays may lie in one another, as in encoding/json.
const maxDepth = 10000

// word reads a number, true, false or null.
func (s *stream) word() (string, error) {
	var word []byte
	for {
		c, err := s.r.ReadByte()
		if err == nil && !strings.ContainsRune(" \t\r\n,:]}", rune(c)) {
			s.copy.add(c)
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
		switch text := string(word); text {
		case "true", "false", "null":
			return text, nil
		default:
			if _, wrong := strconv.ParseFloat(text, 64); wrong != nil && !errors.Is(wrong, strconv.ErrRange) {
				return "", errNotJSON
			}
			return text, nil
		}
	}
}

// raw copies a value; nil when it is longer than limit bytes.
func (s *stream) raw(limit int) ([]byte, error) {
	s.copy = &textCopy{limit: limit}
	err := s.skip()
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

func (c *textCopy) add(b byte) {
	switch {
	case c == nil:
	case len(c.text) == c.limit:
		c.over = true
	default:
		c.text = append(c.text, b)
	}
}

// quoted reads what is inside the string that comes next.
func (s *stream) quoted() io.Reader {
	_, err := s.take()
	return &quoted{s: s, err: err}
}

type quoted struct {
	s      *stream
	rest   []byte // of an escaped character
	memory [utf8.UTFMax]byte
	err    error // io.EOF behind the closing quote
}

// Read implements io.Reader.
func (q *quoted) Read(into []byte) (n int, err error) {
	for n < len(into) {
		if len(q.rest) > 0 {
			taken := copy(into[n:], q.rest)
			n, q.rest = n+taken, q.rest[taken:]
			continue
		}
		if q.err != nil {
			break
		}
		n += q.s.span(into[n:])
		if n == len(into) {
			break
		}
		switch c, err := q.s.take(); {
		case err != nil || c < ' ':
			q.err = errNotJSON
		case c == '"':
			q.err = io.EOF
		case c == '\\':
			q.rest, q.err = q.escaped()
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

// span takes what is here already and means itself.
func (s *stream) span(into []byte) int {
	here, _ := s.r.Peek(min(s.r.Buffered(), len(into)))
	n := 0
	for n < len(here) && here[n] != '"' && here[n] != '\\' && here[n] >= ' ' {
		s.copy.add(here[n])
		n++
	}
	copy(into, here[:n])
	_, _ = s.r.Discard(n)
	return n
}

// escapes are the characters that a backslash may stand before, and what they mean.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped is the character behind a backslash.
func (q *quoted) escaped() ([]byte, error) {
	c, err := q.s.take()
	if err != nil {
		return nil, err
	}
	if plain, ok := escapes[c]; ok {
		return append(q.memory[:0], plain), nil
	}
	if c != 'u' {
		return nil, errNotJSON
	}
	r, err := q.hex()
	if err != nil || !utf16.IsSurrogate(r) {
		return utf8.AppendRune(q.memory[:0], r), err
	}
	// Half of a character; encoding/json takes one alone for an unknown character too.
	following, err := q.s.r.Peek(2)
	if err != nil || string(following) != `\u` {
		return utf8.AppendRune(q.memory[:0], utf8.RuneError), nil
	}
	_, _ = q.s.take()
	_, _ = q.s.take()
	low, err := q.hex()
	return utf8.AppendRune(q.memory[:0], utf16.DecodeRune(r, low)), err
}

func (q *quoted) hex() (rune, error) {
	var digits [4]byte
	for i := range digits {
		c, err := q.s.take()
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
