package commercetools

import (
	"bytes"
	"encoding/base64"
	"io"
	"sync"
)

// base64Reader decodes what it reads, as base64.NewDecoder does, but its memory is used
// again: a message of a few lines needs no more than one that is megabytes long.
type base64Reader struct {
	from   io.Reader
	coded  [1024]byte
	length int // of what is coded and not decoded yet
	plain  [768]byte
	rest   []byte // of plain
	err    error
}

var base64Readers = sync.Pool{New: func() any { return new(base64Reader) }}

func newBase64Reader(from io.Reader) *base64Reader {
	r := base64Readers.Get().(*base64Reader)
	r.from, r.length, r.rest, r.err = from, 0, nil, nil
	return r
}

func (r *base64Reader) close() {
	r.from = nil
	base64Readers.Put(r)
}

// Read implements io.Reader.
func (r *base64Reader) Read(into []byte) (int, error) {
	for len(r.rest) == 0 && r.err == nil {
		r.fill()
	}
	if len(r.rest) == 0 {
		return 0, r.err
	}
	n := copy(into, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// fill decodes whole groups of four characters, and at the end what is left.
func (r *base64Reader) fill() {
	n, err := r.from.Read(r.coded[r.length:])
	n = withoutLineBreaks(r.coded[r.length : r.length+n])
	r.length += n
	whole := r.length / 4 * 4
	if err == io.EOF {
		whole = r.length
	}
	decoded, wrong := base64.StdEncoding.Decode(r.plain[:], r.coded[:whole])
	r.rest = r.plain[:decoded]
	r.length = copy(r.coded[:], r.coded[whole:r.length])
	if r.err = err; wrong != nil {
		r.err = wrong
	}
}

// withoutLineBreaks removes them, and gives the new length.
func withoutLineBreaks(text []byte) int {
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return len(text)
	}
	kept := text[:0]
	for _, c := range text {
		if c != '\n' && c != '\r' {
			kept = append(kept, c)
		}
	}
	return len(kept)
}
