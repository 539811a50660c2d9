package export

import (
	"fmt"
	"strings"
)

// notes collects the fallbacks that a mapping took, each naming the field and what
// was done, never a value that concerns a person.
type notes []string

func (n *notes) add(format string, args ...any) {
	*n = append(*n, fmt.Sprintf(format, args...))
}

// Unmappable is an order that no rule can turn into one that fulfillmenttools
// takes. It lists every problem at once.
type Unmappable struct {
	Problems []string
}

func (u *Unmappable) Error() string {
	return "the order cannot be mapped: " + strings.Join(u.Problems, "; ")
}

// Hint is what to do about it.
func (u *Unmappable) Hint() string {
	return "complete the order or the shop's configuration, then have it exported again"
}
