package export

import "strings"

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
	return "complete the order in commercetools: it is exported then; or correct the shop's configuration, and retry"
}
