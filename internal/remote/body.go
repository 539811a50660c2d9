package remote

import (
	"bytes"
	"io"
)

// maxAhead bounds the memory that is set aside for a body before it is there.
const maxAhead = 1 << 20

// readBody reads a body to its end. length is what was announced of it, -1 for
// nothing: memory for so much is taken at once instead of growing towards it.
func readBody(body io.Reader, length int64) ([]byte, error) {
	var buffer bytes.Buffer
	if length > 0 {
		// A buffer grows when less than MinRead is left, even at the end.
		buffer.Grow(int(min(length, maxAhead)) + bytes.MinRead)
	}
	_, err := buffer.ReadFrom(body)
	return buffer.Bytes(), err
}
