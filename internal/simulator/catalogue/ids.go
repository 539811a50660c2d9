package catalogue

import (
	"fmt"
	"math/rand/v2"
)

// fixedID is the id of fixture n of a kind; kinds are told apart by their first digit.
func fixedID(kind byte, n int) string {
	return fmt.Sprintf("%c0000000-0000-4000-8000-%012x", kind, n)
}

func channelID(n int) string { return fixedID('1', n) }
func typeID(n int) string    { return fixedID('2', n) }

const (
	stateID       = "30000000-0000-4000-8000-000000000000"
	taxCategoryID = "40000000-0000-4000-8000-000000000000"
	productTypeID = "80000000-0000-4000-8000-000000000000"
	discountID    = "90000000-0000-4000-8000-000000000000"
)

// randomID is UUID-shaped.
func randomID(r *rand.Rand) string {
	const digits = "0123456789abcdef"
	high, low := r.Uint64()&^0xf000|0x4000, r.Uint64()&^(3<<62)|1<<63
	var text [36]byte
	at := 0
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			text[at] = '-'
			at++
		}
		word := high
		if i >= 16 {
			word = low
		}
		text[at] = digits[word>>(60-4*(i%16))&0xf]
		at++
	}
	return string(text[:])
}

func reference(typeID, id string) map[string]any {
	return map[string]any{"typeId": typeID, "id": id}
}

// localized takes a locale and a text, as often as needed.
func localized(pairs ...string) map[string]any {
	texts := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		texts[pairs[i]] = pairs[i+1]
	}
	return texts
}
