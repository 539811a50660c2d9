// Package world runs both simulated platforms on this machine, with a shop and its
// orders: what the demo, the `simulate` command, the benchmark and the end-to-end
// tests have in common.
package world

import (
	"cmp"
	"errors"
	"fmt"
	"log"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/network"
)

// Options make a World. The zero value is calm and quick.
type Options struct {
	Seed       uint64
	CTAddr     string // where commercetools listens; a free port of 127.0.0.1 when empty
	FFTAddr    string // where fulfillmenttools listens; a free port of 127.0.0.1 when empty
	KeepBodies bool   // the logs keep headers and bodies
	References bool   // the shop names pickup facilities by reference, not by key
	// Backoff is the senders' wait before they repeat; the real platforms' when nil.
	Backoff          func(attempt int) time.Duration
	Pace             fftsim.Pace
	SplitEvery       int  // every n-th order gets two pick jobs; 0: none
	Parcels          int  // and handover jobs of every pick job; 0: one
	ParcelsEvery     int  // every n-th order gets two of each pick job; 0: none
	OneHandover      bool // all parcels of a pick job have one handover job
	BareJobs         bool // handover jobs, parcels and return jobs carry no custom attributes
	Erase            bool // fulfillmenttools erases old orders
	ListLag          time.Duration
	AllowSecondOrder bool
	TokenTTL         time.Duration // of both platforms; their own when zero
	PayloadLimit     int
	RequireScopes    bool            // commercetools' tokens allow only what they were asked for
	CTClock          simulator.Clock // commercetools' clock; the machine's when nil
	// Network is where both listen and reach others; the machine's when nil.
	Network *network.Network
}

// Topic is the broker that the simulated commercetools delivers to.
const (
	topicProject = "demo"
	topicName    = "fftconnect"
	Topic        = `{"type":"GoogleCloudPubSub","projectId":"` + topicProject + `","topic":"` + topicName + `"}`
	destination  = "GoogleCloudPubSub:" + topicProject + "/" + topicName
)

// JWTSecret signs tokens in simulated worlds only.
const JWTSecret = "a-secret-of-a-simulated-world-only"

// World is both platforms, up and running. Close it.
type World struct {
	CT        *ctsim.Platform
	FFT       *fftsim.Platform
	CTLog     *simulator.Log
	FFTLog    *simulator.Log
	CTFaults  *simulator.Faults
	FFTFaults *simulator.Faults
	CTURL     string
	FFTURL    string
	Shop      catalogue.Shop

	network *network.Network
	servers []*http.Server
	client  *http.Client
	seed    uint64
	orders  *catalogue.Orders
	next    atomic.Int64
}

// Start opens both platforms with an empty order book.
func Start(opts Options) (*World, error) {
	w := &World{
		CTLog: simulator.NewLog(opts.KeepBodies), FFTLog: simulator.NewLog(opts.KeepBodies),
		CTFaults: simulator.NewFaults(opts.Seed), FFTFaults: simulator.NewFaults(opts.Seed + 1),
		Shop: catalogue.NewShop(), network: opts.Network,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128, IdleConnTimeout: 30 * time.Second}},
	}
	if w.network != nil {
		w.client.Transport = w.network.Transport()
	}
	if opts.References {
		w.Shop = catalogue.NewReferenceShop()
	}
	w.seed, w.orders = opts.Seed, catalogue.NewOrders(w.Shop, opts.Seed)
	w.CT = ctsim.New(ctsim.Options{
		Faults: w.CTFaults, Log: w.CTLog, Client: w.client, Seed: opts.Seed, TokenTTL: opts.TokenTTL,
		Languages: w.Shop.Languages, Countries: w.Shop.Countries, Currencies: w.Shop.Currencies,
		PushBackoff: opts.Backoff, PayloadLimit: opts.PayloadLimit,
		RequireScopes: opts.RequireScopes, Clock: opts.CTClock,
	})
	w.FFT = fftsim.New(fftsim.Options{
		Faults: w.FFTFaults, Log: w.FFTLog, Client: w.client, Seed: opts.Seed, TokenTTL: opts.TokenTTL,
		Pace: opts.Pace, SplitEvery: opts.SplitEvery, Parcels: opts.Parcels, ParcelsEvery: opts.ParcelsEvery, OneHandover: opts.OneHandover, BareJobs: opts.BareJobs, Erase: opts.Erase, ListLag: opts.ListLag,
		AllowSecondOrder: opts.AllowSecondOrder, WebhookBackoff: opts.Backoff,
	})
	w.fillShop()
	var err error
	if w.CTURL, err = w.serve(opts.CTAddr, w.CT.Handler()); err == nil {
		w.FFTURL, err = w.serve(opts.FFTAddr, w.FFT.Handler())
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

func (w *World) fillShop() {
	for _, draft := range w.Shop.States {
		w.CT.PutState(draft)
	}
	for _, draft := range w.Shop.Channels {
		w.CT.PutChannel(draft)
	}
	for _, draft := range w.Shop.Stores {
		w.CT.PutStore(draft)
	}
	for _, draft := range w.Shop.ShippingMethods {
		w.CT.PutShippingMethod(draft)
	}
	for _, draft := range w.Shop.Types {
		w.CT.PutType(draft)
	}
	w.CT.PutCustomObject("fft", "configuration", w.Shop.Configuration)
}

func (w *World) serve(address string, handler http.Handler) (string, error) {
	listener, err := w.Listen(address)
	if err != nil {
		return "", fmt.Errorf("simulated platform: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(discard{}, "", 0)}
	w.servers = append(w.servers, server)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(fmt.Sprintf("simulated platform: %v", err))
		}
	}()
	return "http://" + listener.Addr().String(), nil
}

// Listen listens on the world's network; on a free port when address is empty.
func (w *World) Listen(address string) (net.Listener, error) {
	if w.network != nil {
		return w.network.Listen(address)
	}
	return net.Listen("tcp", cmp.Or(address, "127.0.0.1:0"))
}

// Client reaches both platforms, and who listens beside them, until the world is closed.
func (w *World) Client() *http.Client { return w.client }

// discard drops what net/http says of connections that faults cut.
type discard struct{}

func (discard) Write(text []byte) (int, error) { return len(text), nil }

// RouteMessages has commercetools' messages pushed to a connector's /event.
func (w *World) RouteMessages(address string, header http.Header) {
	w.CT.RoutePush(destination, address, header)
}

// Environment is what a connector needs to live in this world. publicURL is where
// fulfillmenttools reaches it, with the /service path.
func (w *World) Environment(publicURL string) map[string]string {
	return map[string]string{
		"CTP_PROJECT_KEY": "demo", "CTP_CLIENT_ID": "demo-client", "CTP_CLIENT_SECRET": "demo-secret",
		"CTP_API_URL": w.CTURL, "CTP_AUTH_URL": w.CTURL,
		"FFT_PROJECT_ID": "demo", "FFT_API_KEY": "demo-api-key", "FFT_API_USER": "connector@demo.example",
		"FFT_API_PASSWORD": "demo-password", "FFT_API_URL": w.FFTURL, "FFT_AUTH_URL": w.FFTURL,
		"JWT_SECRET": JWTSecret, "PUBLIC_URL": publicURL, "SUBSCRIPTION_DESTINATION": Topic,
	}
}

// NextOrder is the catalogue's next order, with an id: whoever places it can follow
// it from the first notification on.
func (w *World) NextOrder() catalogue.Placed {
	n := w.next.Add(1) - 1
	order := w.orders.At(int(n))
	order.Draft = maps.Clone(order.Draft)
	order.Draft["id"] = uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "order %d of seed %d", n, w.seed)).String()
	return order
}

// Place has a customer place an order, and confirms it the way it wants to be.
func (w *World) Place(order catalogue.Placed) (id string) {
	switch order.Entry {
	case "imported":
		id = w.CT.ImportOrder(order.Draft)
	case "recurring":
		id = w.CT.PlaceRecurringOrder(order.Draft)
	default:
		id = w.CT.PlaceOrder(order.Draft)
	}
	if order.AfterPlacing == "confirm" {
		w.edit(id, map[string]any{"action": "changeOrderState", "orderState": "Confirmed"})
	}
	if order.NumberLater != "" {
		w.edit(id, map[string]any{"action": "setOrderNumber", "orderNumber": order.NumberLater})
	}
	if order.Cancel {
		w.edit(id, map[string]any{"action": "changeOrderState", "orderState": "Cancelled"})
	}
	return id
}

func (w *World) edit(id string, action map[string]any) {
	if err := w.CT.Edit(id, action); err != nil {
		panic(fmt.Sprintf("simulated shop: order %s: %v", id, err))
	}
}

// Pending is the number of notifications that either platform still has to deliver.
func (w *World) Pending() int { return w.CT.Courier().Pending() + w.FFT.Courier().Pending() }

// Close stops both platforms.
func (w *World) Close() {
	w.CT.Close()
	w.FFT.Close()
	for _, server := range w.servers {
		_ = server.Close()
	}
	w.client.CloseIdleConnections()
}
