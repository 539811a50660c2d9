package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/world"
)

// span is a step whose latency is measured.
type span int

const (
	spanExport span = iota
	spanPickJob
	spanShipped
	spanCount
)

// orderPatience is after how long an order counts as lost.
const orderPatience = 3 * time.Minute

// result of a run.
type result struct {
	took  time.Duration
	ids   []string
	spans [spanCount][]time.Duration
}

// life is one order on its way.
type life struct {
	began [spanCount]time.Time
	done  chan struct{}
}

// orderLives follows orders by what the platforms show.
type orderLives struct {
	mu     sync.Mutex
	orders map[string]*life
	owner  map[string]string // fulfillmenttools order to commercetools order
	spans  [spanCount][]time.Duration
}

// driveOrders sends orders through their whole life, atOnce at a time. Orders that are not
// meant to arrive are skipped. progress is told how many are done, one call at a
// time, and may be nil.
func driveOrders(ctx context.Context, w *world.World, orders, atOnce int, progress func(done int)) (result, error) {
	l := &orderLives{orders: map[string]*life{}, owner: map[string]string{}}
	w.FFT.OnEvent(l.event)
	w.CT.OnChange(l.change)
	var r result
	var mu sync.Mutex
	work, failed := make(chan catalogue.Placed), make(chan error, atOnce)
	var workers sync.WaitGroup
	start := time.Now()
	for range atOnce {
		workers.Go(func() {
			for order := range work {
				id, err := l.live(ctx, w, order)
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				r.ids = append(r.ids, id)
				if progress != nil {
					progress(len(r.ids))
				}
				mu.Unlock()
			}
		})
	}
	err := feedOrders(ctx, w, orders, work, failed)
	close(work)
	workers.Wait()
	r.took, r.spans = time.Since(start), l.spans
	return r, err
}

// driveAtRate places orders at a rate, however long they take.
func driveAtRate(ctx context.Context, w *world.World, orders int, rate float64) (result, error) {
	l := &orderLives{orders: map[string]*life{}, owner: map[string]string{}}
	w.FFT.OnEvent(l.event)
	w.CT.OnChange(l.change)
	var r result
	var mu sync.Mutex
	work, failed := make(chan catalogue.Placed), make(chan error, orders)
	feeding := make(chan error, 1)
	start := time.Now()
	go func() {
		feeding <- feedOrders(ctx, w, orders, work, failed)
		close(work)
	}()
	ticker := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer ticker.Stop()
	var living sync.WaitGroup
	for order := range work {
		<-ticker.C
		living.Go(func() {
			id, err := l.live(ctx, w, order)
			if err != nil {
				failed <- err
			}
			mu.Lock()
			defer mu.Unlock()
			r.ids = append(r.ids, id)
		})
	}
	living.Wait()
	r.took, r.spans = time.Since(start), l.spans
	return r, <-feeding
}

func feedOrders(ctx context.Context, w *world.World, orders int, work chan<- catalogue.Placed, failed <-chan error) error {
	for sent := 0; sent < orders; {
		order := w.NextOrder()
		if order.Fate != catalogue.FateShipped && order.Fate != catalogue.FateCollected {
			continue
		}
		select {
		case work <- order:
			sent++
		case err := <-failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// live places an order and waits until it is shipped.
func (l *orderLives) live(ctx context.Context, w *world.World, order catalogue.Placed) (string, error) {
	id, _ := order.Draft["id"].(string)
	mine := &life{done: make(chan struct{})}
	mine.began[spanExport] = time.Now()
	l.mu.Lock()
	l.orders[id] = mine
	l.mu.Unlock()
	w.Place(order)
	select {
	case <-mine.done:
		return id, nil
	case <-ctx.Done():
		return id, ctx.Err()
	case <-time.After(orderPatience):
		return id, errors.New(fmt.Sprint("order ", id, " is not shipped in time"))
	}
}

func (l *orderLives) event(name, orderID string, body []byte) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if name == fulfillmenttools.OrderCreatedEvent {
		if event, err := fulfillmenttools.DecodeEvent(body); err == nil {
			l.owner[orderID] = event.Payload.OrderID
		}
	}
	mine := l.orders[l.owner[orderID]]
	if mine == nil {
		return
	}
	switch name {
	case fulfillmenttools.OrderCreatedEvent:
		l.took(mine, spanExport, now)
	case fulfillmenttools.PickJobCreatedEvent:
		mine.began[spanPickJob] = now
	case fulfillmenttools.HandoverJobHandedOverEvent:
		mine.began[spanShipped] = now
	}
}

func (l *orderLives) change(orderID string, r ctsim.Revision) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	mine := l.orders[orderID]
	if mine == nil {
		return
	}
	if _, ok := r.CustomFields["fft_pickjob_id"]; ok {
		l.took(mine, spanPickJob, now)
	}
	if r.ShipmentState == "Shipped" {
		l.took(mine, spanShipped, now)
		select {
		case <-mine.done:
		default:
			close(mine.done)
		}
	}
}

func (l *orderLives) took(mine *life, s span, now time.Time) {
	if !mine.began[s].IsZero() {
		l.spans[s] = append(l.spans[s], now.Sub(mine.began[s]))
		mine.began[s] = time.Time{}
	}
}
