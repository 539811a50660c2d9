package ledger

import "fmt"

// OpenOrderFilter says which open orders are meant; a zero field leaves all in.
type OpenOrderFilter struct {
	Late      bool   // only those that are late, the longest late first
	Abandoned bool   // only those that are not visited any more
	After     string // only those behind the order of this id, which is in the list
	Limit     int    // 100 when zero
}

// NotInList says that a list cannot go on behind an order.
func NotInList(after string) error {
	return fmt.Errorf("order %s is not in the list any more: begin anew without --after", after)
}
