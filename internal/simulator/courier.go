package simulator

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// CourierOptions say how a platform delivers its notifications.
type CourierOptions struct {
	Client *http.Client // required
	Clock  Clock        // required
	// Accept reports whether a status ends the delivery; anything else is sent again.
	Accept func(status int) bool // required
	// Backoff is the wait before attempt n; n is 2 for the first repetition.
	Backoff func(attempt int) time.Duration // required
	Timeout time.Duration                   // of one attempt; 10 s when zero
	GiveUp  time.Duration                   // age at which a notification is dropped; 7 days when zero
	Workers int                             // attempts in flight at once; 192 when zero
	Seed    uint64                          // for Disorder
}

// Disorder is how badly a courier behaves, within what at-least-once, unordered
// delivery allows.
type Disorder struct {
	Duplicate float64       // chance that a notification is sent a second time although it was accepted
	Copies    int           // how many extra copies such a notification has; 1 when zero
	Shuffle   time.Duration // every copy is held back at random, evenly from zero to this
}

// Delivery is the fate of one attempt, for those who watch.
type Delivery struct {
	URL     string
	Attempt int
	Status  int // 0: no answer
	Start   time.Time
	Took    time.Duration
	Done    bool // accepted or given up
}

// Courier delivers notifications at least once: it repeats until they are
// accepted. Notifications do not wait for each other.
type Courier struct {
	opts   CourierOptions
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}

	mu       sync.Mutex
	random   *rand.Rand
	disorder Disorder
	watch    func(Delivery)
	pending  int
	running  sync.WaitGroup
	closed   bool
}

// NewCourier needs Close when it is no longer used.
func NewCourier(opts CourierOptions) *Courier {
	if opts.Timeout == 0 {
		opts.Timeout = 10 * time.Second
	}
	if opts.GiveUp == 0 {
		opts.GiveUp = 7 * 24 * time.Hour
	}
	if opts.Workers == 0 {
		opts.Workers = 192
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Courier{
		opts: opts, ctx: ctx, cancel: cancel,
		slots:  make(chan struct{}, opts.Workers),
		random: rand.New(rand.NewPCG(opts.Seed, 0xc0)),
	}
}

// SetDisorder changes how notifications sent from now on are doubled and shuffled.
func (c *Courier) SetDisorder(d Disorder) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.disorder = d
}

// Watch has f told of every attempt. f must be quick and safe for concurrent use.
func (c *Courier) Watch(f func(Delivery)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watch = f
}

// Send hands a notification over; it returns at once.
func (c *Courier) Send(url string, header http.Header, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	copies := 1
	if c.disorder.Duplicate > 0 && c.random.Float64() < c.disorder.Duplicate {
		copies += max(1, c.disorder.Copies)
	}
	for range copies {
		var hold time.Duration
		if c.disorder.Shuffle > 0 {
			hold = time.Duration(c.random.Int64N(int64(c.disorder.Shuffle)))
		}
		c.pending++
		c.deliverLater(hold, &parcel{url: url, header: header, body: body, since: c.opts.Clock.Now(), attempt: 1})
	}
}

// SendNow makes one attempt and reports its status, as the test notification that
// precedes a subscription does; 0 means no answer.
func (c *Courier) SendNow(url string, header http.Header, body []byte) int {
	return c.post(&parcel{url: url, header: header, body: body})
}

// Pending is the number of notifications that are not yet accepted or given up.
func (c *Courier) Pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pending
}

// Close stops delivering, drops what is pending and waits for attempts in flight.
func (c *Courier) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
}

type parcel struct {
	url     string
	header  http.Header
	body    []byte
	since   time.Time
	attempt int
}

// deliverLater is called with the lock held.
func (c *Courier) deliverLater(wait time.Duration, p *parcel) {
	if c.closed {
		return
	}
	if wait <= 0 {
		c.running.Add(1)
		go c.attempt(p)
		return
	}
	c.opts.Clock.AfterFunc(wait, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.closed {
			c.running.Add(1)
			go c.attempt(p)
		}
	})
}

func (c *Courier) attempt(p *parcel) {
	defer c.running.Done()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-c.ctx.Done():
		return
	}
	start := c.opts.Clock.Now()
	status := c.post(p)
	now := c.opts.Clock.Now()
	done := status != 0 && c.opts.Accept(status) || now.Sub(p.since) > c.opts.GiveUp

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch != nil {
		c.watch(Delivery{URL: p.url, Attempt: p.attempt, Status: status, Start: start, Took: now.Sub(start), Done: done})
	}
	if done {
		c.pending--
		return
	}
	p.attempt++
	c.deliverLater(c.opts.Backoff(p.attempt), p)
}

func (c *Courier) post(p *parcel) int {
	ctx, cancel := context.WithTimeout(c.ctx, c.opts.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(p.body))
	if err != nil {
		return 0
	}
	request.Header = p.header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.opts.Client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	return response.StatusCode
}
