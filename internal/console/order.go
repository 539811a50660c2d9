package console

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
)

// loadOrderView is one order: what the store knows, and what the platforms say when they were asked.
type orderView struct {
	ID, Number string
	FFTOrder   string
	As         string // what was looked for is this name of it
	Names      []ledger.Named
	Open       *reconcile.OpenOrder // nil: it is not remembered as open
	Events     []ledger.Event       // of it that are stored
	Timeline   []ledger.JournalRow
	Links      []link
	Seen       *platformView // nil: the platforms were not asked
	Did        string        // what was just done
	Stored     bool
	Known      bool // the store knows anything of it
	// NotExported is why the order was left out; empty when it was exported, or that is not known.
	NotExported string
}

type link struct{ Name, URL string }

// platformView is an order as both platforms show it now.
type platformView struct {
	Order      commercetools.Snapshot
	Report     reconcile.Report
	Deliveries []delivery
	Calls      int
	At         time.Time
	DryRun     bool // nothing was repaired
	Planned    bool // somebody wants to repair what is shown
}

type delivery struct {
	Key     string
	Pieces  int
	Parcels []parcel
}

type parcel struct{ Key, Carrier, Tracking, URL string }

// orderPage shows one order. The platforms are asked only when that is asked for.
func (c *Console) orderPage(r *http.Request) (answer, error) {
	id := r.PathValue("id")
	if !commercetools.IsID(id) {
		return answer{to: "/search?" + url.Values{"q": {id}}.Encode()}, nil
	}
	var seen *platformView
	if r.URL.Query().Get("ask") != "" || c.opts.Store == nil {
		var err error
		if seen, err = c.askPlatforms(r.Context(), id, true); err != nil {
			return answer{}, err
		}
	}
	v, err := c.loadOrderView(r.Context(), id, seen)
	v.As = r.URL.Query().Get("as")
	return c.orderAnswer(v), err
}

func (c *Console) orderAnswer(v orderView) answer {
	status := http.StatusOK
	if v.Seen == nil && !v.Known && v.Did == "" {
		status = http.StatusNotFound
	}
	return answer{page: "order", title: "Order " + cmp.Or(v.Number, v.ID), status: status, data: v}
}

// askPlatforms asks both platforms about an order, as fftconnect sync does.
func (c *Console) askPlatforms(ctx context.Context, id string, dryRun bool) (*platformView, error) {
	var tally remote.Tally
	ctx = remote.WithTally(ctx, &tally)
	order, err := c.opts.Orders.Commercetools.Snapshot(ctx, id)
	if remote.Is(err, remote.NotFound) {
		return nil, newFailure(http.StatusNotFound, "commercetools has no order %s: it was deleted there, or never was.", id)
	}
	if err != nil {
		return nil, err
	}
	report, err := c.opts.Orders.Sync(ctx, order, dryRun)
	if err != nil {
		return nil, err
	}
	return &platformView{Order: order, Report: report, Deliveries: deliveriesOf(order), Calls: tally.Calls(), At: time.Now(), DryRun: dryRun}, nil
}

func deliveriesOf(order commercetools.Snapshot) (list []delivery) {
	for _, shipping := range order.Shipping {
		for _, d := range shipping.Deliveries {
			row := delivery{Key: d.Key}
			for _, item := range d.Items {
				row.Pieces += item.Quantity
			}
			for _, p := range d.Parcels {
				row.Parcels = append(row.Parcels, parcel{p.Key, p.Tracking.Carrier, p.Tracking.ID, p.TextField(feedback.TrackingURLField)})
			}
			list = append(list, row)
		}
	}
	return list
}

// loadOrderView puts together what is known of an order.
func (c *Console) loadOrderView(ctx context.Context, id string, seen *platformView) (orderView, error) {
	v := orderView{ID: id, Seen: seen, Stored: c.opts.Store != nil}
	if seen != nil {
		v.Number, v.FFTOrder = seen.Order.OrderNumber, seen.Report.FFTOrder
	}
	if c.opts.Store != nil {
		if err := c.fillFromStore(ctx, &v); err != nil {
			return v, err
		}
	}
	if address := c.opts.Pages.Commercetools(id); address != "" {
		v.Links = append(v.Links, link{"Merchant Center", address})
	}
	if address := c.opts.Pages.Fulfillmenttools(v.FFTOrder); address != "" && v.FFTOrder != "" {
		v.Links = append(v.Links, link{"fulfillmenttools", address})
	}
	return v, nil
}

func (c *Console) fillFromStore(ctx context.Context, v *orderView) (err error) {
	store := c.opts.Store
	if v.Names, err = store.NamesOf(ctx, v.ID); err != nil {
		return err
	}
	for _, name := range v.Names {
		switch name.Kind {
		case outcome.OrderNumber:
			v.Number = cmp.Or(v.Number, name.Text)
		case outcome.FFTOrderID:
			v.FFTOrder = cmp.Or(v.FFTOrder, name.Text)
		}
	}
	open, ok, err := store.OpenOrder(ctx, v.ID)
	if err != nil {
		return err
	}
	if ok {
		v.Open, v.Number = &open, cmp.Or(v.Number, open.Number)
	}
	if v.Events, err = store.Events(ctx, ledger.Filter{Order: v.ID}); err != nil {
		return err
	}
	if v.Timeline, err = store.Timeline(ctx, v.ID); err != nil {
		return err
	}
	slices.Reverse(v.Timeline)
	v.NotExported = whyNotExported(*v)
	v.Known = ok || len(v.Names)+len(v.Events)+len(v.Timeline) > 0
	return nil
}

// whyNotExported is what the last look at an order said that left it out.
func whyNotExported(v orderView) string {
	if v.FFTOrder != "" || len(v.Events) > 0 {
		return ""
	}
	said := ""
	for _, row := range v.Timeline {
		switch {
		case row.Flow != outcome.Export || row.Outcome != outcome.Ignored:
			return said
		case row.Calls > 0:
			return row.Reason
		case said == "": // out of a message, which may be older than the order is now
			said = row.Reason
		}
	}
	return said
}

// syncOrder shows what differs and what would be done about it; asked to repair, it does.
func (c *Console) syncOrder(r *http.Request) (answer, error) {
	id, repair := r.PathValue("id"), r.FormValue("do") == "repair"
	ctx := ledger.WithActor(r.Context(), visitorFrom(r.Context()).Name, "")
	seen, err := c.askPlatforms(ctx, id, !repair)
	if err != nil {
		return answer{}, err
	}
	seen.Planned = !repair && seen.Report.Finding != nil
	did := ""
	if repair {
		switch f := seen.Report.Finding; {
		case f == nil:
			did = "Both platforms agree; nothing was to be done."
			c.journalAction(ctx, "sync", outcome.Export, outcome.Result{Order: id, Kind: outcome.Unchanged, Reason: "both platforms agree"}, seen.Calls)
		case f.Repaired: // whoever repairs writes the row
			did = "Repaired: " + string(f.Kind) + "."
		default:
			did = "Not repaired."
		}
	}
	v, err := c.loadOrderView(ctx, id, seen)
	v.Did = did
	return c.orderAnswer(v), err
}

// resendOrder shows what sending the order again would meet; confirmed, it does.
func (c *Console) resendOrder(r *http.Request) (answer, error) {
	id := r.PathValue("id")
	if r.FormValue("do") != "send" {
		seen, err := c.askPlatforms(r.Context(), id, true)
		if err != nil {
			return answer{}, err
		}
		return answer{page: "resend", title: "Send again", data: map[string]any{"ID": id, "Seen": seen}}, nil
	}
	result, err := c.opts.Orders.Resend(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	result.Order = id
	c.journalAction(r.Context(), "resend", outcome.Export, result, 0)
	v, err := c.loadOrderView(r.Context(), id, nil)
	v.Did = "Send again: " + string(result.Kind) + ", " + result.Reason + "."
	return c.orderAnswer(v), err
}

// journalAction writes into the journal what a person did.
func (c *Console) journalAction(ctx context.Context, what string, flow outcome.Flow, result outcome.Result, calls int) {
	who := visitorFrom(ctx).Name
	c.opts.Logger.Info("done in the console", "component", "console", "what", what, "by", who, "order", result.Order, "reason", result.Reason)
	if c.opts.Store == nil {
		return
	}
	result.Reason += " (by " + who + ")"
	c.opts.Store.RecordAttempt(outcome.Entry{Result: result, At: time.Now(), Flow: flow, Type: what, Calls: calls}, 0)
}
