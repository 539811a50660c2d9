package fftsim

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// newID is called with the lock held. Equal seeds give equal ids.
func (p *Platform) newID() string {
	var id uuid.UUID
	binary.LittleEndian.PutUint64(id[:8], p.random.Uint64())
	binary.LittleEndian.PutUint64(id[8:], p.random.Uint64())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id.String()
}

func (p *Platform) uuid() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newID()
}

// newShortID is the handle that staff call a job by.
func (p *Platform) newShortID() string {
	const letters, digits = "ABCDEFGHJKLMNPQRSTUVWXYZ", "0123456789"
	short := make([]byte, 4)
	for i := range short {
		from := letters
		if i >= 2 {
			from = digits
		}
		short[i] = from[p.random.IntN(len(from))]
	}
	return string(short)
}

// newTrackingNumber has 20 digits, as a parcel carrier's.
func (p *Platform) newTrackingNumber() string {
	number := []byte("00340434")
	for len(number) < 20 {
		number = append(number, byte('0'+p.random.IntN(10)))
	}
	return string(number)
}
