package fulfillmenttools

import "fftconnect/internal/remote"

// errIncompleteAnswer is the error of a call whose answer lacks what every such answer has, as an
// empty object does: what the platform meant is not known.
func errIncompleteAnswer(operation string, err error, shaped bool) error {
	if err != nil || shaped {
		return err
	}
	return &remote.Error{
		Platform: Platform, Operation: operation, Kind: remote.Transient, Ambiguous: true,
		Message: "the answer lacks what every such answer has",
	}
}
