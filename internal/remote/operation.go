package remote

import (
	"context"
	"net/http"
	"time"
)

// Operation names one kind of API call, for errors and metrics.
type Operation struct {
	Name string // in plain words: "read order"
	// Repeatable marks a call that does no harm when it is carried out twice. GET,
	// HEAD and DELETE always are. A call that is not repeatable is sent again only
	// when it certainly was not carried out.
	Repeatable bool
	// Resource is the id or key of the one thing that is asked for, which a platform's
	// word that it does not exist has to name; empty when it need not.
	Resource string
}

type operationKey struct{}

// WithOperation names the calls that are made with the returned context.
func WithOperation(ctx context.Context, op Operation) context.Context {
	return context.WithValue(ctx, operationKey{}, op)
}

// OperationOf is what the request is for; its method when nobody said.
func OperationOf(r *http.Request) Operation {
	op, _ := r.Context().Value(operationKey{}).(Operation)
	if op.Name == "" {
		op.Name = r.Method
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodDelete:
		op.Repeatable = true
	}
	return op
}

// Call is one attempt at an API call, for those who measure.
type Call struct {
	Platform  string
	Operation string
	Status    int // 0: no answer
	Took      time.Duration
}

type tallyKey struct{}

// WithTally counts every API call that is made with the returned context in tally,
// repetitions included and token requests left out.
func WithTally(ctx context.Context, tally *Tally) context.Context {
	return context.WithValue(ctx, tallyKey{}, tally)
}

func tallyOf(ctx context.Context) *Tally {
	tally, _ := ctx.Value(tallyKey{}).(*Tally)
	return tally
}
