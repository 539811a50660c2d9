package fftsim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"fftconnect/internal/simulator"
)

// maxPerEvent is how many subscriptions one event may have in a project.
const maxPerEvent = 5

// Subscription is one system's wish to be told of one event, as the API shows it.
// It has either a Target or the older CallbackURL and Headers.
type Subscription struct {
	ID          string    `json:"id"`
	Created     string    `json:"created"`
	Name        string    `json:"name"`
	Event       string    `json:"event"`
	Target      *Target   `json:"target,omitempty"`
	CallbackURL string    `json:"callbackUrl,omitempty"`
	Headers     []Header  `json:"headers,omitempty"`
	Contexts    []Context `json:"contexts,omitempty"`
}

// Target is where events are delivered to. Only WEBHOOK targets are.
type Target struct {
	Type        string   `json:"type"`
	CallbackURL string   `json:"callbackUrl,omitempty"`
	Headers     []Header `json:"headers,omitempty"`

	ProjectID string `json:"projectId,omitempty"`
	TopicID   string `json:"topicId,omitempty"`

	TenantID         string `json:"tenantId,omitempty"`
	ClientID         string `json:"clientId,omitempty"`
	ClientSecret     string `json:"clientSecret,omitempty"`
	Namespace        string `json:"namespace,omitempty"`
	QueueOrTopicName string `json:"queueOrTopicName,omitempty"`
}

// Header is sent with every delivery.
type Header struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Context narrows a subscription to some facilities.
type Context struct {
	Type   string   `json:"type"`
	Values []string `json:"values"`
}

// target is a webhook to deliver to.
type target struct {
	url    string
	header http.Header
}

func (s *Subscription) webhook() (target, bool) {
	url, headers := s.CallbackURL, s.Headers
	if s.Target != nil {
		url, headers = s.Target.CallbackURL, s.Target.Headers
	}
	header := http.Header{}
	for _, h := range headers {
		header.Set(h.Key, h.Value)
	}
	return target{url, header}, url != ""
}

// concerns reports whether an event of a facility passes the contexts. There are no
// facility groups here, so that nothing is in one.
func (s *Subscription) concerns(facility string) bool {
	if facility == "" {
		return true
	}
	return !slices.ContainsFunc(s.Contexts, func(c Context) bool {
		return c.Type != "FACILITY" || !slices.Contains(c.Values, facility)
	})
}

// subscribers is called with the lock held.
func (p *Platform) subscribers(event, facility string) []target {
	var to []target
	for i := range p.subscriptions {
		s := &p.subscriptions[i]
		if s.Event != event || !s.concerns(facility) {
			continue
		}
		if webhook, ok := s.webhook(); ok {
			to = append(to, webhook)
		}
	}
	return to
}

// Subscriptions are all that exist now, in order of creation.
func (p *Platform) Subscriptions() []Subscription {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return append([]Subscription{}, p.subscriptions...)
}

// AddSubscription adds one as another system would; its ID and Created are chosen
// here. It fails when the event has as many as it may.
func (p *Platform) AddSubscription(s Subscription) (Subscription, error) {
	err := p.inTransaction(func(n *news) error {
		taken := 0
		for _, other := range p.subscriptions {
			if other.Event == s.Event {
				taken++
			}
		}
		if taken >= maxPerEvent {
			return fmt.Errorf("event %s has %d subscriptions already", s.Event, taken)
		}
		s.ID, s.Created = p.newID(), moment(n.now).String()
		p.subscriptions = append(slices.Clip(p.subscriptions), s)
		return nil
	})
	return s, err
}

func subscriptionRules() rule {
	header := objectWithAtLeast(fields{"key*": textRule(0, 0), "value*": textRule(0, 0)})
	filled := textRule(1, 0)
	targets := map[string]rule{
		"WEBHOOK":              objectWithOnly(fields{"type*": textRule(0, 0), "callbackUrl*": filled, "headers": listRule(1, 100, header)}),
		"GOOGLE_CLOUD_PUB_SUB": objectWithOnly(fields{"type*": textRule(0, 0), "projectId*": filled, "topicId*": filled}),
		"MICROSOFT_AZURE_SERVICE_BUS": objectWithOnly(fields{
			"type*": textRule(0, 0), "tenantId*": filled, "clientId*": filled, "clientSecret*": filled,
			"namespace*": filled, "queueOrTopicName*": filled,
		}),
	}
	destination := func(c *check, path string, value any) {
		object, _ := value.(map[string]any)
		kind, _ := object["type"].(string)
		if targets[kind] == nil {
			c.fail(join(path, "type"), "must be one of WEBHOOK, GOOGLE_CLOUD_PUB_SUB, MICROSOFT_AZURE_SERVICE_BUS")
			return
		}
		targets[kind](c, path, value)
	}
	return allRules(either("target", "callbackUrl"), objectWithOnly(fields{
		"name*": textRule(0, 0), "event*": oneOf(eventNames()...), "target": destination, "callbackUrl": filled,
		"headers": listRule(1, 100, header),
		"contexts": listRule(0, 500, objectWithAtLeast(fields{
			"type*": oneOf("FACILITY", "FACILITY_GROUP"), "values*": listRule(1, 500, textRule(0, 0)),
		})),
	}))
}

func (p *Platform) createSubscription(w http.ResponseWriter, r *http.Request) {
	var wanted Subscription
	if !decodeBody(w, r, p.subscriptionRule, &wanted) {
		return
	}
	s, err := p.AddSubscription(wanted)
	if err != nil {
		refuseError(w, err)
		return
	}
	writeCreated(w, "/api/subscriptions/"+s.ID, s)
}

func (p *Platform) listSubscriptions(w http.ResponseWriter, r *http.Request) {
	startAfter, size, ok := readPaging(w, r.URL.Query())
	if !ok {
		return
	}
	all := p.Subscriptions()
	page := all[slices.IndexFunc(all, func(s Subscription) bool { return s.ID == startAfter })+1:]
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"subscriptions": page[:min(size, len(page))], "total": len(all)})
}

var errNoSubscription = errors.New("no such subscription")

func (p *Platform) deleteSubscription(w http.ResponseWriter, r *http.Request) {
	var deleted Subscription
	err := p.inTransaction(func(*news) error {
		i := slices.IndexFunc(p.subscriptions, func(s Subscription) bool { return s.ID == r.PathValue("id") })
		if i < 0 {
			return errNoSubscription
		}
		deleted = p.subscriptions[i]
		p.subscriptions = slices.Concat(p.subscriptions[:i], p.subscriptions[i+1:])
		return nil
	})
	if err != nil {
		notFound(w, r.URL.Path)
		return
	}
	simulator.WriteJSON(w, http.StatusOK, deleted)
}
