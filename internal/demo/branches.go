package demo

import (
	"fmt"

	"fftconnect/internal/simulator/verdict"
	"fftconnect/internal/simulator/world"
)

// Branches that open while orders are placed: one of them moves, the other closes.
const (
	movedBranch  = "store-bremen"
	closedBranch = "store-lyon"
)

// branches are the shop's channels, which become facilities.
type branches struct {
	world  *world.World
	shown  bool // channels are followed at all
	opened bool
	moved  bool
}

// changeShopAt changes the shop when so many orders of all are placed: after a third of them
// branches open, after two thirds one moves and one closes. What the simulated shop
// refuses is a mistake here, and panics.
func (b *branches) changeShopAt(placed, orders int) {
	if !b.shown {
		return
	}
	if !b.opened && placed >= orders/3 {
		b.opened = true
		b.world.CT.PutChannel(branch(movedBranch, "Am Markt", "28195", "Bremen", "DE"))
		b.world.CT.PutChannel(branch(closedBranch, "Rue des Lampes", "69002", "Lyon", "FR"))
	}
	if !b.moved && placed >= orders*2/3 {
		b.moved = true
		address := branch(movedBranch, "Leinenstraße", "28203", "Bremen", "DE")["address"]
		err := b.world.CT.EditChannel(movedBranch, map[string]any{"action": "setAddress", "address": address})
		if err == nil {
			err = b.world.CT.DeleteChannel(closedBranch)
		}
		if err != nil {
			panic(fmt.Sprintf("simulated shop: branches: %v", err))
		}
	}
}

func branch(key, street, postalCode, city, country string) map[string]any {
	return map[string]any{
		"key": key, "roles": []any{"InventorySupply"}, "name": map[string]any{"de-DE": city, "en-GB": city},
		"address": map[string]any{
			"streetName": street, "streetNumber": "1", "postalCode": postalCode, "city": city, "country": country, "company": "Halm & Krug",
		},
	}
}

func (b *branches) areRight() bool {
	_, wrong := b.judgeAll()
	return len(wrong) == 0
}

// judgeAll counts the facilities that are as their channels say, and says which are not.
func (b *branches) judgeAll() (right int, wrong []string) {
	if !b.shown {
		return 0, nil
	}
	right, wrong = verdict.CheckFacilities(b.world)
	if verdict.TakesOrders(b.world, closedBranch) {
		wrong = append(wrong, fmt.Sprintf("channel %s is gone, but its facility takes orders", closedBranch))
	}
	return right, wrong
}
