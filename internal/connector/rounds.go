package connector

import (
	"context"
	"encoding/json"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
)

// roundsContainer holds a custom object for each deployment that has no store: the last
// round of its visits.
const roundsContainer = "fftconnect-visits"

// objectRounds is rounds in commercetools, which outlive the process.
type objectRounds struct {
	ct  *commercetools.Client
	key string
}

// rounds is nil where a store remembers the open orders, or nothing is to be kept.
func (c *Connector) rounds() reconcile.Rounds {
	if c.objectClaims == nil {
		return nil
	}
	return objectRounds{c.Commercetools, c.env.Deployment}
}

// Round implements reconcile.Rounds. A note that makes no sense is none.
func (o objectRounds) Round(ctx context.Context) (round reconcile.Round, err error) {
	object, err := o.ct.Object(ctx, roundsContainer, o.key)
	if remote.Is(err, remote.NotFound) {
		return round, nil
	}
	if err != nil {
		return round, err
	}
	if json.Unmarshal(object.Value, &round) != nil || round.Part < 0 {
		return reconcile.Round{}, nil
	}
	return round, nil
}

// SaveRound implements reconcile.Rounds.
func (o objectRounds) SaveRound(ctx context.Context, round reconcile.Round) error {
	_, err := o.ct.PutObject(ctx, roundsContainer, o.key, round)
	return err
}
