package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"

	"fftconnect/internal/connector"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
)

// storedEvents is where the events commands find events: in the store or, without one,
// with the running connector.
type storedEvents interface {
	Events(ctx context.Context, filter ledger.Filter) ([]ledger.Event, error)
	Event(ctx context.Context, id int64) (event ledger.Event, ok bool, err error)
	Timeline(ctx context.Context, orderID string) ([]ledger.JournalRow, error)
	Retry(ctx context.Context, filter ledger.Filter) (int, error)
	Discard(ctx context.Context, filter ledger.Filter) (int, error)
	FindOrders(ctx context.Context, text string) ([]ledger.Named, error)
	Close(ctx context.Context) error
}

var (
	_ storedEvents = (*durable.Ledger)(nil)
	_ storedEvents = unreadables{}
)

// openEvents opens the store; without one, what is asked is the running connector.
func (p program) openEvents() (storedEvents, error) {
	store, err := p.openStore()
	if !errors.Is(err, errNoStore) {
		return store, err
	}
	env, err := p.loadEnvironment(0)
	if err != nil {
		return nil, err
	}
	signer := intake.TokenOf(env).ForEndpoint(connector.UnreadablePath)
	signer.Lifetime = 2 * connector.UnreadableTimeout // for this one command
	token, err := signer.Sign()
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(env.AdminAddr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = ""
	}
	return unreadables{"http://" + net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port), "Bearer " + token}, nil
}

// FindOrders is none: what cannot be read is of no order.
func (unreadables) FindOrders(context.Context, string) ([]ledger.Named, error) { return nil, nil }

// unreadables are what a connector without a store could not read, at its admin listener.
type unreadables struct{ url, authorization string }

// errAdminUnreachable is why they cannot be asked for.
func (u unreadables) errAdminUnreachable(why error) error {
	return fmt.Errorf("%w. What could not be read is in the memory of the running connector, whose admin listener cannot be asked (%w): run this where serve runs and with its ADMIN_ADDR; where nobody reaches that listener, as on commercetools Connect, give the connector a store", errNoStore, why)
}

// Events implements storedEvents.
func (u unreadables) Events(ctx context.Context, filter ledger.Filter) ([]ledger.Event, error) {
	answer, err := u.postAction(ctx, "list", filter)
	return answer.Events, err
}

// Event implements storedEvents.
func (u unreadables) Event(ctx context.Context, id int64) (event ledger.Event, ok bool, err error) {
	found, err := u.Events(ctx, ledger.Filter{IDs: []int64{id}})
	if err != nil || len(found) == 0 {
		return event, false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s%s/%d", u.url, connector.UnreadablePath, id), nil)
	if err != nil {
		return event, false, err
	}
	return event, true, u.request(request, &event)
}

// Timeline implements storedEvents: what could not be read is about no order.
func (unreadables) Timeline(context.Context, string) ([]ledger.JournalRow, error) { return nil, nil }

// Retry implements storedEvents: they are handled before it returns. The error tells of
// the first that is still there.
func (u unreadables) Retry(ctx context.Context, filter ledger.Filter) (int, error) {
	answer, err := u.postAction(ctx, "retry", filter)
	if err == nil && len(answer.Events) > 0 {
		first := answer.Events[0]
		err = fmt.Errorf("%s handled, %s not: event %d: %s", countOf(answer.Done, "event"), countOf(len(answer.Events), "event"), first.ID, first.Reason)
	}
	return answer.Done, err
}

// Discard implements storedEvents.
func (u unreadables) Discard(ctx context.Context, filter ledger.Filter) (int, error) {
	answer, err := u.postAction(ctx, "discard", filter)
	return answer.Done, err
}

// Close implements storedEvents.
func (unreadables) Close(context.Context) error { return nil }

func (u unreadables) postAction(ctx context.Context, what string, filter ledger.Filter) (answer connector.UnreadableAnswer, err error) {
	body, err := json.Marshal(filter)
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.url+connector.UnreadablePath+"/"+what, bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/json")
	return answer, u.request(request, &answer)
}

func (u unreadables) request(request *http.Request, into any) error {
	request.Header.Set("Authorization", u.authorization)
	client := http.Client{Timeout: 2 * connector.UnreadableTimeout}
	response, err := client.Do(request)
	if err != nil {
		return u.errAdminUnreachable(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return u.errAdminUnreachable(fmt.Errorf("%s %s answers %s", request.Method, request.URL, response.Status))
	}
	return json.NewDecoder(response.Body).Decode(into)
}
