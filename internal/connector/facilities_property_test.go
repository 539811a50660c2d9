package connector_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/facilities"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// history is a channel and its facility through time, with what must be true of them.
type history struct {
	*rapid.T
	source *source
	target *facilityTarget
	syncer *facilities.Syncer
	hints  []facilities.Hint // of all notifications so far
	alive  string            // id of the channel; empty when it is gone
	n      int
	// What the facility must hold: who changed a field last, of those who knew what it
	// was. said is what the channel said when its facility was last written.
	want, said map[string]string
	status     string // must be; empty: there is no facility
	asleepFrom string // the state that the channel's end took it from
}

const historyKey = "store-7"

var historyFields = []string{"name", "street", "city"}

func newHistory(t *rapid.T) *history {
	h := &history{T: t, want: map[string]string{}, said: map[string]string{}}
	h.source = &source{channels: map[string]commercetools.Channel{}}
	h.target = &facilityTarget{facilities: map[string]map[string]any{}}
	h.calm()
	h.target.wrote = h.wrote
	h.syncer = facilities.New(facilities.Options{ProjectKey: "demo", Source: h.source, Target: h.target, Shop: shopkeeper{}})
	return h
}

// calm lets everything succeed.
func (h *history) calm() {
	fine := func() error { return nil }
	h.source.fail, h.target.fail, h.target.lose, h.target.before = fine, fine, fine, func() {}
}

// wrote notes what the channel got into its facility.
func (h *history) wrote(f fulfillmenttools.ManagedFacility) {
	if from := f.CustomAttributes[facilities.AttributeOfflineFrom]; from != nil && from != "" {
		h.asleepFrom, h.status = h.status, "OFFLINE"
		return
	}
	channel := h.source.channels[h.alive]
	for field, says := range sayingsOf(channel) {
		if says != "" && says != h.said[field] {
			h.said[field], h.want[field] = says, says
		}
	}
	if h.status == "" {
		h.status = f.Status
		h.want["name"] = f.Name
		for _, part := range historyFields[1:] {
			h.want[part] = f.Address[part].(string)
		}
	}
	if h.asleepFrom != "" {
		if h.status == "OFFLINE" {
			h.status = h.asleepFrom
		}
		h.asleepFrom = ""
	}
}

func sayingsOf(channel commercetools.Channel) map[string]string {
	return map[string]string{"name": channel.Name["de"], "street": channel.Address.StreetName, "city": channel.Address.City}
}

func (h *history) word() string {
	h.n++
	return fmt.Sprintf("word %d", h.n)
}

// editChannel makes the channel say something, something else, or nothing.
func (h *history) editChannel(*rapid.T) {
	id := h.alive
	if id == "" {
		h.n++
		id = fmt.Sprintf("channel-%03d", h.n)
		h.alive = id
		h.source.channels[id] = commercetools.Channel{ID: id, Key: historyKey, Roles: []string{"InventorySupply"}}
	}
	channel := h.source.channels[id]
	says := rapid.SampledFrom([]string{h.word(), "the same", ""}).Draw(h.T, "says")
	switch rapid.SampledFrom(historyFields).Draw(h.T, "field") {
	case "name":
		channel.Name = map[string]string{"de": says}
	case "street":
		channel.Address.StreetName = says
	case "city":
		channel.Address.City = says
	}
	h.source.channels[id] = channel
	h.hints = append(h.hints, facilities.Hint{ChannelID: id, Key: historyKey})
}

func (h *history) deleteChannel(t *rapid.T) {
	if h.alive == "" {
		t.Skip("there is none")
	}
	delete(h.source.channels, h.alive)
	h.hints = append(h.hints, facilities.Hint{ChannelID: h.alive, Key: historyKey})
	h.alive = ""
}

// editFacility is what fulfillmenttools' people do.
func (h *history) editFacility(t *rapid.T) {
	facility := h.target.facilities[historyKey]
	if facility == nil {
		t.Skip("there is none")
	}
	h.target.put(historyKey, h.edited(facility))
}

func (h *history) edited(facility map[string]any) map[string]any {
	all := encoded(facility)
	address := all["address"].(map[string]any)
	switch field := rapid.SampledFrom(append(historyFields, "status", "buffer", "attribute")).Draw(h.T, "theirs"); field {
	case "name":
		all["name"] = h.word()
		h.want["name"] = all["name"].(string)
	case "status":
		h.status = rapid.SampledFrom([]string{"ONLINE", "SUSPENDED", "OFFLINE"}).Draw(h.T, "status")
		all["status"] = h.status
	case "buffer":
		h.want["buffer"] = h.word()
		all["fulfillmentProcessBuffer"] = h.want["buffer"]
	case "attribute":
		h.want["attribute"] = h.word()
		all["customAttributes"].(map[string]any)["theirs"] = h.want["attribute"]
	default:
		address[field] = h.word()
		h.want[field] = address[field].(string)
	}
	return all
}

// notify delivers one of the notifications so far, perhaps again, perhaps in trouble.
func (h *history) notify(t *rapid.T) {
	if len(h.hints) == 0 {
		t.Skip("there is none")
	}
	hint := rapid.SampledFrom(h.hints).Draw(h.T, "hint")
	calls, trouble := 0, rapid.IntRange(0, 6).Draw(h.T, "call in trouble")
	fail := func() error {
		if calls++; calls == trouble {
			return failing(remote.Transient)
		}
		return nil
	}
	switch rapid.SampledFrom([]string{"none", "calls", "answer", "overtaken"}).Draw(h.T, "trouble") {
	case "calls":
		h.source.fail, h.target.fail = fail, fail
	case "answer":
		h.target.lose = func() error { return &remote.Error{Platform: "test", Kind: remote.Transient, Ambiguous: true} }
	case "overtaken":
		h.target.before = func() {
			h.target.before = func() {}
			if facility := h.target.facilities[historyKey]; facility != nil {
				h.target.put(historyKey, h.edited(facility))
			}
		}
	}
	_, err := h.syncer.Handle(t.Context(), hint)
	if err != nil && !remote.KindOf(err).IsTemporary() {
		t.Fatalf("given up: %v", err)
	}
	h.calm()
}

func (h *history) settle() {
	for _, hint := range h.hints {
		if _, err := h.syncer.Handle(h.Context(), hint); err != nil {
			h.Fatalf("settling: %v", err)
		}
	}
}

// check holds the facility against what must be.
func (h *history) check() {
	facility := h.target.facilities[historyKey]
	if facility == nil {
		if h.alive != "" {
			h.Fatal("the channel has no facility")
		}
		return
	}
	f := decoded(facility)
	buffer, _ := facility["fulfillmentProcessBuffer"].(string)
	theirs, _ := f.CustomAttributes["theirs"].(string)
	for field, is := range map[string]string{
		"name": f.Name, "street": f.Address["street"].(string), "city": f.Address["city"].(string), "buffer": buffer, "attribute": theirs,
	} {
		if is != h.want[field] {
			h.Fatalf("%s is %q, want %q", field, is, h.want[field])
		}
	}
	if f.Status != h.status {
		h.Fatalf("status is %s, want %s", f.Status, h.status)
	}
	if owner := f.CustomAttributes["commercetoolsId"]; h.alive != "" && owner != h.alive {
		h.Fatalf("the facility is linked with %v, want %s", owner, h.alive)
	}
}

// TestAnyHistoryEndsInOneFacilityAndLosesNothingThatPeopleSet: notifications come
// twice, late, in any order and in trouble, while people work on both sides.
func TestAnyHistoryEndsInOneFacilityAndLosesNothingThatPeopleSet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		t.Repeat(map[string]func(*rapid.T){
			"channel changes": h.editChannel, "channel is deleted": h.deleteChannel,
			"people change the facility": h.editFacility, "notified": h.notify, "notified again": h.notify,
		})
		h.settle()
		h.check()
		h.target.writes = 0
		slices.Reverse(h.hints)
		h.settle()
		if h.target.writes != 0 {
			t.Fatalf("%d writes although all was done", h.target.writes)
		}
	})
}
