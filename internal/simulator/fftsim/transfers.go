package fftsim

import (
	"errors"
	"fmt"
)

// Transfer gives an order that is not routed yet and will be collected two pick jobs: what
// is picked for the first goes to the facility of the second, which hands all of it over
// to the consumer.
func (p *Platform) Transfer(orderID string) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		switch {
		case len(f.strands) > 0:
			return fmt.Errorf("order %s is routed already", orderID)
		case f.channel != "COLLECT":
			return errors.New("goods are brought to a facility for orders that are collected there")
		}
		f.split, f.transfer = true, true
		return nil
	})
}

// transfers are the sides of transfers that a part has. Both sides have the same id.
func (s *strand) transfers() []transfer {
	switch {
	case s.supplies:
		return []transfer{{"transfer-" + s.pickJob, "SUPPLIER"}}
	case s.supplier != nil:
		return []transfer{{"transfer-" + s.supplier.pickJob, "RECEIVER"}}
	default:
		return nil
	}
}
