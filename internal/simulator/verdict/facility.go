package verdict

import (
	"encoding/json"
	"fmt"
	"slices"

	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

type channel struct {
	Key     string
	Roles   []string
	Address struct{ StreetName, PostalCode, City, Country string }
}

// CheckFacilities says which supply channels lack a facility that is online and where the
// channel is. It counts those that have one.
func CheckFacilities(w *world.World) (right int, wrong []string) {
	there := map[string]fftsim.FacilityView{}
	for _, f := range w.FFT.Facilities() {
		there[f.TenantFacilityID] = f
	}
	for _, c := range channels(w) {
		if !slices.Contains(c.Roles, "InventorySupply") {
			continue
		}
		if difference := c.differs(there[c.Key]); difference != "" {
			wrong = append(wrong, fmt.Sprintf("channel %s %s", c.Key, difference))
			continue
		}
		right++
	}
	return right, wrong
}

// TakesOrders reports whether there is a facility of a channel that takes orders.
func TakesOrders(w *world.World, key string) bool {
	return slices.ContainsFunc(w.FFT.Facilities(), func(f fftsim.FacilityView) bool {
		return f.TenantFacilityID == key && f.Status == "ONLINE"
	})
}

func (c channel) differs(f fftsim.FacilityView) string {
	if f.ID == "" {
		return "has no facility"
	}
	there := decode[struct {
		Address struct{ Street, PostalCode, City, Country string }
	}](f.Body).Address
	switch {
	case f.Status != "ONLINE":
		return "has a facility that is " + f.Status
	case c.Address.City != there.City || c.Address.StreetName != there.Street ||
		c.Address.PostalCode != there.PostalCode || c.Address.Country != there.Country:
		return fmt.Sprintf("is at %v, but its facility at %v", c.Address, there)
	}
	return ""
}

func channels(w *world.World) []channel {
	text, err := json.Marshal(w.CT.Channels())
	if err != nil {
		panic(fmt.Sprintf("verdict: the channels: %v", err))
	}
	return decode[[]channel](text)
}
