package export

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// sent is a fingerprint of what an order's counterpart was sent, field by field: eight
// bytes each, from which nobody reads an address. A field's number holds its kind.
type sent map[uint32]uint32

// refusedAt is the number of what fulfillmenttools refused last; no field has it.
const refusedAt = 0

func fieldNumber(orderID, path string) uint32 {
	return fingerprint(orderID, path)>>3<<3 | uint32(kindOfPath(path)) + 1
}

func fingerprint(orderID, text string) uint32 {
	sum := sha256.Sum256([]byte(orderID + "\x00" + text))
	return binary.BigEndian.Uint32(sum[:])
}

// sentValues is the fingerprint of values.
func sentValues(orderID string, values values) sent {
	s := make(sent, len(values))
	for path, value := range values {
		s[fieldNumber(orderID, path)] = fingerprint(orderID, value)
	}
	return s
}

// encode is what parseSent reads.
func (s sent) encode() string {
	type pair struct{ number, value uint32 }
	pairs := make([]pair, 0, len(s))
	for number, value := range s {
		pairs = append(pairs, pair{number, value})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.number, b.number) })
	bytes := make([]byte, 0, 8*len(pairs))
	for _, p := range pairs {
		bytes = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(bytes, p.number), p.value)
	}
	return base64.RawStdEncoding.EncodeToString(bytes)
}

// parseSent gives nil for what is none.
func parseSent(text string) sent {
	bytes, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(bytes) == 0 || len(bytes)%8 != 0 {
		return nil
	}
	s := make(sent, len(bytes)/8)
	for ; len(bytes) > 0; bytes = bytes[8:] {
		s[binary.BigEndian.Uint32(bytes)] = binary.BigEndian.Uint32(bytes[4:])
	}
	return s
}

// wasSentAs reports whether a field was sent with this value.
func (s sent) wasSentAs(orderID, path, value string) bool {
	known, ok := s[fieldNumber(orderID, path)]
	return ok && known == fingerprint(orderID, value)
}

// wasSent reports whether a field was sent at all.
func (s sent) wasSent(orderID, path string) bool {
	_, ok := s[fieldNumber(orderID, path)]
	return ok
}

// isSameFor reports whether the values of these kinds are what was sent.
func (s sent) isSameFor(orderID string, now values, counts func(changeKind) bool) bool {
	n := 0
	for path, value := range now {
		if counts(kindOfPath(path)) {
			n++
			if !s.wasSentAs(orderID, path, value) {
				return false
			}
		}
	}
	for number := range s {
		if number != refusedAt && counts(changeKind(number&7-1)) {
			n--
		}
	}
	return n == 0
}
