package fftsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"fftconnect/internal/simulator"
)

// modification is the body of a change of an order.
type modification struct {
	Version               int64           `json:"version"`
	Comment               string          `json:"comment"`
	Consumer              json.RawMessage `json:"consumer"`
	CustomAttributes      json.RawMessage `json:"customAttributes"`
	OrderLineItems        []orderLine     `json:"orderLineItems"`
	PreferredHandlingTime string          `json:"preferredHandlingTime"`
	Pricing               json.RawMessage `json:"pricing"`
}

func modificationRules() rule {
	article := articleRules()
	line := objectWithAtLeast(fields{"id": textRule(1, 0), "quantity": numberRule(0, noLimit), "article": article})
	return objectWithOnly(fields{
		"version*": integerRule(0, noLimit), "comment": textRule(0, 0), "consumer": consumerRules(), "customAttributes": orNull(customAttributes),
		"orderLineItems": orNull(listRule(0, 500, line)), "preferredHandlingTime": dateTime, "pricing": pricingRules(),
	})
}

// routesAnew reports a change that only orders of which nothing has begun take, and after
// which facilities are looked for again.
func (m modification) routesAnew() bool {
	return m.OrderLineItems != nil || isGiven(m.CustomAttributes) || m.PreferredHandlingTime != ""
}

// regulated reports a change that the tenant's configuration must allow.
func (m modification) regulated() bool {
	return m.OrderLineItems != nil || m.PreferredHandlingTime != ""
}

// isGiven reports a value that is there and not null.
func isGiven(value json.RawMessage) bool {
	return len(value) > 0 && !bytes.Equal(value, []byte("null"))
}

func (p *Platform) modifyOrder(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	p.mu.RLock()
	known, forbidden := p.flows[id] != nil, p.opts.NoModification
	p.mu.RUnlock()
	if forbidden {
		writeError(w, http.StatusForbidden, "Forbidden", "The user lacks a permission for this change.")
		return
	}
	if !known {
		notFound(w, r.URL.Path)
		return
	}
	var wanted modification
	if !decodeBody(w, r, p.modificationRule, &wanted) {
		return
	}
	var result *order
	err := p.onFlow(id, func(n *news, f *flow) error {
		o := p.orders.get(id)
		if wanted.Version != o.Version {
			return versionConflict{wanted.Version, o.Version}
		}
		if err := p.modify(n, f, o, wanted, p.opts.User); err != nil {
			return err
		}
		result = p.orders.get(id)
		return nil
	})
	var stale versionConflict
	switch {
	case errors.As(err, &stale):
		conflict(w, stale.sent, stale.current)
	case err != nil:
		refuseError(w, err)
	default:
		simulator.WriteJSON(w, http.StatusOK, result)
	}
}

// modify changes an order: who receives it at any time before it has ended, and what it
// consists of as long as nothing of it has begun.
func (p *Platform) modify(n *news, f *flow, o *order, wanted modification, user string) error {
	begun := slices.ContainsFunc(f.strands, func(s *strand) bool { return s.stage != StageRouted })
	switch {
	case o.Status == "CANCELLED" || o.Status == "OBSOLETE":
		return errInvalid("the order cannot be modified any more")
	case wanted.routesAnew() && begun:
		return errInvalid("the order cannot be modified any more: its fulfilment has begun")
	case wanted.regulated() && p.opts.FixedLines:
		return errInvalid("the configuration does not allow order line items to be modified")
	}
	next := *o
	if err := p.apply(&next, f, wanted); err != nil {
		return err
	}
	next.bumpVersion(n.now)
	changes := map[string]any{}
	for name, value := range map[string]json.RawMessage{"consumer": wanted.Consumer, "customAttributes": wanted.CustomAttributes} {
		if isGiven(value) {
			changes[name] = value
		}
	}
	if wanted.OrderLineItems != nil {
		changes["orderLineItems"] = linesAsSent(wanted.OrderLineItems)
	}
	if wanted.PreferredHandlingTime != "" {
		changes["preferredHandlingTime"] = wanted.PreferredHandlingTime
	}
	next.UpdateDetails = append(slices.Clip(next.UpdateDetails), updateDetail{moment(n.now), user, wanted.Comment, changes})
	p.orders.put(next.ID, &next, n.now)
	n.queueEvent(emission{event: "ORDER_MODIFIED", orderID: next.ID, payload: modified{&next, changes}})
	if isGiven(wanted.Consumer) {
		p.updateDeliveryAddress(n, f)
	}
	if wanted.routesAnew() {
		p.routeAnew(n, f)
	}
	p.storeProcess(n, f)
	return nil
}

// linesAsSent is what a modification says of lines.
func linesAsSent(lines []orderLine) []map[string]any {
	all := make([]map[string]any, len(lines))
	for i, line := range lines {
		all[i] = map[string]any{"quantity": line.Quantity}
		if line.ID != "" {
			all[i]["id"] = line.ID
		}
		if isGiven(line.Article) {
			all[i]["article"] = line.Article
		}
	}
	return all
}

// modified is an order as ORDER_MODIFIED tells it.
type modified struct {
	*order
	Changes map[string]any `json:"changes"`
}

// apply puts what is wanted into a copy of the order, and into the flow what fulfilling
// it needs.
func (p *Platform) apply(next *order, f *flow, wanted modification) error {
	if isGiven(wanted.Consumer) {
		next.Consumer = wanted.Consumer
		f.postal, f.invoice = nil, nil
		if err := f.readAddresses(next.Consumer); err != nil {
			return err
		}
	}
	if isGiven(wanted.CustomAttributes) {
		next.CustomAttributes = wanted.CustomAttributes
	}
	if isGiven(wanted.Pricing) {
		next.Pricing = wanted.Pricing
	}
	if wanted.PreferredHandlingTime != "" {
		next.DeliveryPreferences = withTargetTime(next.DeliveryPreferences, wanted.PreferredHandlingTime)
		f.targetTime = wanted.PreferredHandlingTime
	}
	if wanted.OrderLineItems == nil {
		return nil
	}
	return p.applyLines(next, f, wanted.OrderLineItems)
}

// withTargetTime is the preferences with another time at which the order is wanted.
func withTargetTime(preferences json.RawMessage, at string) json.RawMessage {
	all := map[string]any{}
	_ = json.Unmarshal(preferences, &all)
	if collect, ok := all["collect"].([]any); ok && len(collect) > 0 {
		collect[0].(map[string]any)["provisioningTime"] = at
	} else {
		shipping, _ := all["shipping"].(map[string]any)
		if shipping == nil {
			shipping = map[string]any{}
		}
		shipping["desiredDeliveryTime"] = at
		all["shipping"] = shipping
	}
	text, _ := json.Marshal(all)
	return text
}

// applyLines takes the lines for all there are: those left out are removed.
func (p *Platform) applyLines(next *order, f *flow, lines []orderLine) error {
	if len(lines) == 0 {
		return errInvalid("orderLineItems: an order must have a line")
	}
	var kept []orderLine
	var articles []article
	var globalIDs []string
	for i, wanted := range lines {
		line, globalID := orderLine{Quantity: wanted.Quantity, Article: wanted.Article}, ""
		if at := slices.IndexFunc(next.OrderLineItems, func(o orderLine) bool { return o.ID == wanted.ID }); wanted.ID != "" {
			if at < 0 {
				return errInvalid("orderLineItems[%d].id: the order has no line %q", i, wanted.ID)
			}
			line, globalID = next.OrderLineItems[at], f.globalIDs[at]
			line.Quantity = wanted.Quantity
			if isGiven(wanted.Article) {
				line.Article = wanted.Article
			}
		}
		var a article
		if err := json.Unmarshal(line.Article, &a); err != nil || line.Quantity < 1 {
			return errInvalid("orderLineItems[%d]: must have an article and a quantity of 1 or more", i)
		}
		if line.ID == "" {
			line.ID, globalID = p.newID(), p.newID()
		}
		a.Attributes = a.Attributes[:min(len(a.Attributes), 40)]
		kept, articles, globalIDs = append(kept, line), append(articles, a), append(globalIDs, globalID)
	}
	next.OrderLineItems, f.articles, f.globalIDs = kept, articles, globalIDs
	return nil
}

// updateDeliveryAddress has what is under way go to the new address; a label that exists is for the
// old one, and stays.
func (p *Platform) updateDeliveryAddress(n *news, f *flow) {
	for _, s := range f.strands {
		if s.hasEnded() || f.channel == "COLLECT" {
			continue
		}
		job := *p.pickJobs.get(s.pickJob)
		job.bumpVersion(n.now)
		job.DeliveryInformation.Details.Shipping = &shippingDetails{f.carrierKey, f.serviceLevel, f.postal, f.invoice}
		p.pickJobs.put(job.ID, &job, n.now)
	}
}

// routeAnew takes the pick jobs of which nothing has begun away and looks for facilities
// again.
func (p *Platform) routeAnew(n *news, f *flow) {
	f.halt()
	for _, s := range f.strands {
		p.changePickJob(n, s, "PICK_JOB_REROUTED", func(job *pickJob) {
			job.Status, job.SubStatus = "REROUTED", "ORDER_MODIFIED"
		})
	}
	f.strands = nil
	p.scheduleRouting(f)
}

// Modify changes an order as people do in the platform: the body is that of PATCH
// without the version.
func (p *Platform) Modify(orderID, body string) error {
	var wanted modification
	if err := json.Unmarshal([]byte(body), &wanted); err != nil {
		return err
	}
	return p.onFlow(orderID, func(n *news, f *flow) error {
		return p.modify(n, f, p.orders.get(orderID), wanted, "clerk@demo.example")
	})
}

// modificationConfiguration is whether lines and wanted times may change.
type modificationConfiguration struct {
	Version int64 `json:"version"`
	Allow   bool  `json:"allowOrderLineItemModification"`
}

func (p *Platform) getModification(w http.ResponseWriter, _ *http.Request) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	simulator.WriteJSON(w, http.StatusOK, modificationConfiguration{p.modificationVersion, !p.opts.FixedLines})
}

func (p *Platform) putModification(w http.ResponseWriter, r *http.Request) {
	var wanted modificationConfiguration
	rules := objectWithOnly(fields{
		"version*": integerRule(0, noLimit), "allowOrderLineItemModification*": boolean,
		"id": textRule(0, 0), "created": dateTime,
	})
	if !decodeBody(w, r, rules, &wanted) {
		return
	}
	p.mu.Lock()
	current := p.modificationVersion
	if wanted.Version == current {
		p.modificationVersion++
		p.opts.FixedLines = !wanted.Allow
	}
	p.mu.Unlock()
	if wanted.Version != current {
		conflict(w, wanted.Version, current)
		return
	}
	wanted.Version++
	simulator.WriteJSON(w, http.StatusOK, wanted)
}

// AllowModification says whether orders may be modified at all, and their lines.
func (p *Platform) AllowModification(orders, lines bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opts.NoModification, p.opts.FixedLines = !orders, !lines
}
