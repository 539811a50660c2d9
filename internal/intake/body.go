package intake

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"

	"fftconnect/internal/remote"
)

const (
	// maxHead is how much is kept of a body that cannot be read.
	maxHead = 64 << 10
	// maxDrained bounds what is read of a body only for its sender to get its answer.
	maxDrained = 64 << 20
)

// errNoRoom is for a body that must wait until others have left the memory.
var errNoRoom = errors.New("the bodies in memory have their size already")

// arrival is a body on its way in. It is read up to a limit; its beginning is kept for
// when the rest makes no sense.
type arrival struct {
	from   io.Reader
	length int64 // announced; -1: not
	left   int64 // to the limit
	head   []byte
	cut    bool  // there is more than the limit allows
	broken error // it did not come in whole, or there was no room for it
	room   *room
	taken  int64 // of the room
	held   bool  // it is in memory as a whole, so that head is not needed
}

func (s *Server) receive(r *http.Request) *arrival {
	return &arrival{from: r.Body, length: r.ContentLength, left: s.opts.MaxBody, room: &s.room}
}

// Read implements io.Reader.
func (a *arrival) Read(into []byte) (int, error) {
	if a.left == 0 {
		var more [1]byte
		n, err := io.ReadFull(a.from, more[:])
		a.cut = a.cut || n > 0
		if n == 0 && err != io.EOF {
			a.broken = err
		}
		return 0, io.EOF
	}
	n, err := a.from.Read(into[:min(int64(len(into)), a.left)])
	a.left -= int64(n)
	if !a.held {
		kept := min(n, maxHead-len(a.head))
		if !a.room.take(int64(kept)) {
			a.broken = errNoRoom
			return 0, errNoRoom
		}
		a.taken += int64(kept)
		a.head = append(a.head, into[:kept]...)
	}
	if err != nil && err != io.EOF {
		a.broken = err
	}
	return n, err
}

// isCut reports whether there is more of the body than is read.
func (a *arrival) isCut() bool {
	if a.left == 0 && !a.cut && a.broken == nil {
		_, _ = a.Read(nil)
	}
	return a.cut
}

// whole reads the body into memory. It takes its room first.
func (a *arrival) whole() ([]byte, error) {
	a.held = true
	text, err := remote.ReadBody(roomy{a}, a.length)
	if err != nil {
		a.broken = err
	}
	return text, err
}

// roomy reads what there is room for.
type roomy struct{ *arrival }

// Read implements io.Reader.
func (r roomy) Read(into []byte) (int, error) {
	n, err := r.arrival.Read(into)
	if !r.room.take(int64(n)) {
		return 0, errNoRoom
	}
	r.taken += int64(n)
	return n, err
}

// finish reads what is left, so that the sender gets to reading its answer.
func (a *arrival) finish() {
	if a.broken != nil {
		return
	}
	_, err := io.Copy(io.Discard, a)
	if err == nil && a.cut {
		_, _ = io.CopyN(io.Discard, a.from, maxDrained)
	}
}

// release gives the room back.
func (a *arrival) release() { a.room.give(a.taken) }

// room is the memory that bodies may take together.
type room struct{ left atomic.Int64 }

func (r *room) take(n int64) bool {
	if r.left.Add(-n) >= 0 {
		return true
	}
	r.left.Add(n)
	return false
}

func (r *room) give(n int64) { r.left.Add(n) }
