package fftsim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// Stages that an order, and each of its parts when it is split, goes through.
const (
	StageCreated    = "CREATED"     // waits for routing, or for being unlocked
	StageRouted     = "ROUTED"      // the pick job exists
	StagePicking    = "PICKING"     // picking has started
	StagePicked     = "PICKED"      // picking is finished
	StagePacked     = "PACKED"      // the handover job exists, and shipment and parcel when it is shipped
	StageHandedOver = "HANDED_OVER" // done
	StageCancelled  = "CANCELLED"
	StageAborted    = "ABORTED" // the pick job was aborted and nothing follows
)

// flow is how one order is being fulfilled. The platform's lock guards it.
type flow struct {
	orderID         string
	commercetoolsID string
	articles        []article // of the lines, by position
	globalIDs       []string  // of the lines, by position
	channel         string    // SHIPPING or COLLECT
	carrierKey      string
	serviceLevel    string
	paid            bool
	targetTime      string
	facilities      []facilityName
	postal, invoice json.RawMessage // addresses; nil when there is none

	timer
	transfer     bool // of two parts, the first goes to the facility of the second
	split        bool
	boxes        int  // parcels of each pick job
	together     bool // they have one handover job
	label        labelPlan
	unroutable   bool
	held         *heldPlan
	refuseCancel bool
	cancelled    bool
	picks        map[string]plannedPick // by tenantArticleId
	strands      []*strand              // none before routing

	plans, pickJobs, handoverJobs, loadUnits, shipments, parcels []string // ids, all there ever were
	facilityRefs                                                 []string
	returnJob                                                    string // "" before anything is returned
}

// strand is the part of an order that one facility fulfils.
type strand struct {
	timer
	stage                   string
	facility                string
	lines                   []share
	plan, pickJob, shipment string
	loadUnits               []string
	boxes                   []*box  // none before packing
	supplier                *strand // whose goods come here; nil: none do
	supplies                bool    // its goods go to another facility
}

// box is a parcel, or what is collected, and by which handover job it is handed over.
type box struct {
	timer       // of the carrier
	handoverJob string
	parcel      string // "" when it is collected
	lines       []pickLine
	loadUnits   []string
}

// share is how much of an order line a strand has.
type share struct {
	line     int // position in the order
	quantity int64
}

// plannedPick is a pick that will not go as ordered.
type plannedPick struct {
	picked     int64
	substitute string // tenantArticleId of what is picked instead; "" for nothing
	quantity   int64  // of the substitute
}

// facilityName names a facility in one of two ways.
type facilityName struct{ FacilityRef, TenantFacilityID string }

// timer is the one wake-up that something waits for.
type timer struct {
	turn int // counts up, so that a wake-up knows when it is out of date
	stop func() bool
}

func (t *timer) halt() {
	t.turn++
	if t.stop != nil {
		t.stop()
		t.stop = nil
	}
}

func (f *flow) halt() {
	f.timer.halt()
	for _, s := range f.strands {
		s.halt()
		for _, b := range s.boxes {
			b.halt()
		}
	}
}

// hasEnded reports whether nothing follows any more.
func (s *strand) hasEnded() bool {
	return s.stage == StageHandedOver || s.stage == StageCancelled || s.stage == StageAborted
}

// stage is that of the part that is least advanced.
func (f *flow) stage() string {
	switch {
	case f.cancelled:
		return StageCancelled
	case len(f.strands) == 0:
		return StageCreated
	}
	progress := []string{StageRouted, StagePicking, StagePicked, StagePacked, StageHandedOver, StageAborted, StageCancelled}
	least := slices.MinFunc(f.strands, func(a, b *strand) int {
		return slices.Index(progress, a.stage) - slices.Index(progress, b.stage)
	})
	return least.stage
}

// newFlow takes out of an order what fulfilling it needs.
func newFlow(o *order) (*flow, error) {
	f := &flow{channel: "SHIPPING", carrierKey: "DHL_V2", serviceLevel: "DELIVERY", picks: map[string]plannedPick{}}
	for i, line := range o.OrderLineItems {
		var a article
		if err := json.Unmarshal(line.Article, &a); err != nil {
			return nil, fmt.Errorf("orderLineItems[%d].article: %w", i, err)
		}
		// Jobs hold fewer attributes than orders do.
		a.Attributes = a.Attributes[:min(len(a.Attributes), 40)]
		f.articles = append(f.articles, a)
	}
	var attributes struct{ CommercetoolsID any }
	if o.CustomAttributes != nil {
		_ = json.Unmarshal(o.CustomAttributes, &attributes)
		f.commercetoolsID, _ = attributes.CommercetoolsID.(string)
	}
	if err := f.readPreferences(o.DeliveryPreferences); err != nil {
		return nil, err
	}
	return f, f.readAddresses(o.Consumer)
}

func (f *flow) readPreferences(text json.RawMessage) error {
	if text == nil {
		return nil
	}
	var preferences struct {
		TargetTime string
		Collect    []struct {
			facilityName
			Paid             bool
			ProvisioningTime string
		}
		Shipping struct {
			ServiceLevel                 string
			PreferredCarriers            []string
			PreferredCarriersWithProduct []struct{ CarrierKey string }
			PreselectedFacilities        []facilityName
			DesiredDeliveryTime          string
		}
	}
	if err := json.Unmarshal(text, &preferences); err != nil {
		return fmt.Errorf("deliveryPreferences: %w", err)
	}
	if len(preferences.Collect) > 0 {
		f.targetTime = cmp.Or(preferences.Collect[0].ProvisioningTime, preferences.TargetTime)
		f.channel, f.paid = "COLLECT", preferences.Collect[0].Paid
		f.facilities = []facilityName{preferences.Collect[0].facilityName}
		return nil
	}
	shipping := preferences.Shipping
	f.targetTime = shipping.DesiredDeliveryTime // the platform's own: what is sent as targetTime does not count
	f.paid, f.facilities = true, shipping.PreselectedFacilities
	if shipping.ServiceLevel != "" {
		f.serviceLevel = shipping.ServiceLevel
	}
	if len(shipping.PreferredCarriers) > 0 {
		f.carrierKey = shipping.PreferredCarriers[0]
	} else if len(shipping.PreferredCarriersWithProduct) > 0 {
		f.carrierKey = shipping.PreferredCarriersWithProduct[0].CarrierKey
	}
	return nil
}

func (f *flow) readAddresses(text json.RawMessage) error {
	var consumer struct{ Addresses []json.RawMessage }
	if err := json.Unmarshal(text, &consumer); err != nil {
		return fmt.Errorf("consumer: %w", err)
	}
	for _, address := range consumer.Addresses {
		var kind struct{ AddressType string }
		if err := json.Unmarshal(address, &kind); err != nil {
			return fmt.Errorf("consumer.addresses: %w", err)
		}
		if kind.AddressType == "INVOICE_ADDRESS" {
			f.invoice = address
		} else if f.postal == nil {
			f.postal = address
		}
	}
	if f.postal == nil && f.channel == "SHIPPING" {
		f.postal = f.invoice
	}
	return nil
}
