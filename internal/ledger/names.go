package ledger

import "fftconnect/internal/outcome"

// CommercetoolsID is the kind of name that an order's own id is.
const CommercetoolsID outcome.NameKind = "commercetools id"

// Named is an order and a name of it.
type Named struct {
	Order string
	outcome.Name
}
