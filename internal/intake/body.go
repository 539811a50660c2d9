package intake

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// maxHead is how much is kept of a body that cannot be read.
	maxHead = 64 << 10
	// leastHead is how much memory the beginning of a body gets at first, unless it is shorter.
	leastHead = 8 << 10
	// maxAhead bounds the memory that is set aside for a body before it is there.
	maxAhead = 1 << 20
	// maxReused is how large a text may be for its memory to be used again.
	maxReused = 64 << 10
	// maxDrained bounds what is read of a body only for its sender to get its answer.
	maxDrained = 64 << 20
)

// errNoRoom is for a body that must wait until others have left the memory.
var errNoRoom = errors.New("the bodies in memory have their size already")

// requestBody is a body on its way in. It is read up to a limit; its beginning is kept for
// when the rest makes no sense, until release.
type requestBody struct {
	from      io.Reader
	length    int64  // announced; -1: not
	remaining int64  // to the limit
	text      []byte // its beginning, or all of it
	most      int64  // bytes of text
	cut       bool   // there is more than the limit allows
	broken    error  // it did not come in whole, or there was no room for it
	budget    *memoryBudget
	taken     int64 // of the room
}

// texts are memory of bodies that were dealt with.
var texts = sync.Pool{New: func() any { return new([]byte) }}

func (s *Server) newRequestBody(r *http.Request) *requestBody {
	return &requestBody{from: r.Body, length: r.ContentLength, remaining: s.opts.MaxBody, budget: &s.room, text: (*texts.Get().(*[]byte))[:0], most: maxHead}
}

// Read implements io.Reader.
func (a *requestBody) Read(into []byte) (int, error) {
	if a.remaining == 0 {
		var more [1]byte
		n, err := io.ReadFull(a.from, more[:])
		a.cut = a.cut || n > 0
		if n == 0 && err != io.EOF {
			a.broken = err
		}
		return 0, io.EOF
	}
	n, err := a.from.Read(into[:min(int64(len(into)), a.remaining)])
	a.remaining -= int64(n)
	kept := min(int64(n), a.most-int64(len(a.text)))
	if !a.budget.reserve(kept) {
		a.broken = errNoRoom
		return 0, errNoRoom
	}
	a.taken += kept
	if cap(a.text) == 0 {
		a.text = make([]byte, 0, max(n, int(min(a.length, leastHead))))
	}
	a.text = append(a.text, into[:kept]...)
	if err != nil && err != io.EOF {
		a.broken = err
	}
	return n, err
}

// isCut reports whether there is more of the body than is read.
func (a *requestBody) isCut() bool {
	if a.remaining == 0 && !a.cut && a.broken == nil {
		_, _ = a.Read(nil)
	}
	return a.cut
}

// readAll reads the body into memory, where it stays until release.
func (a *requestBody) readAll() ([]byte, error) {
	a.most = a.remaining
	a.text = slices.Grow(a.text, int(min(max(a.length, 0), a.remaining, maxAhead)))
	_, err := io.Copy(io.Discard, a)
	return a.text, err
}

// drain reads what is left, so that the sender gets to reading its answer.
func (a *requestBody) drain() {
	if a.broken != nil {
		return
	}
	_, err := io.Copy(io.Discard, a)
	if err == nil && a.cut {
		_, _ = io.CopyN(io.Discard, a.from, maxDrained)
	}
}

// releaseMemory gives the room and the memory back.
func (a *requestBody) releaseMemory() {
	a.budget.release(a.taken)
	if text := a.text[:0]; cap(text) <= maxReused {
		texts.Put(&text)
	}
}

// memoryBudget is the memory that bodies may take together.
type memoryBudget struct{ free atomic.Int64 }

func (r *memoryBudget) reserve(n int64) bool {
	if r.free.Add(-n) >= 0 {
		return true
	}
	r.free.Add(n)
	return false
}

func (r *memoryBudget) release(n int64) { r.free.Add(n) }
