package console

import (
	"net/http"

	"fftconnect/internal/config"
)

// settingsView is the settings in force, and the shop's configuration once it was checked.
type settingsView struct {
	Settings []config.EffectiveSetting
	Report   *config.ShopReport
	Summary  string
	// Uncompared is why custom fields were not compared with the shop's types.
	Uncompared    string
	Tested        []Tested
	Notifications []Notification
}

func (c *Console) settingsPage(r *http.Request) (answer, error) { return c.settingsAnswer(r, nil, nil) }

func (c *Console) settingsAnswer(r *http.Request, report *config.ShopReport, tested []Tested) (answer, error) {
	v := settingsView{Report: report, Tested: tested}
	if c.opts.Notifications != nil {
		v.Notifications = c.opts.Notifications(r.Context())
	}
	if c.opts.Settings != nil {
		v.Settings = c.opts.Settings()
	}
	if report != nil && report.Err() == nil {
		v.Summary = report.Shop.Summary()
	}
	return answer{page: "settings", title: "Settings", data: v}, nil
}

// checkShopPage reads the shop's configuration, and says what is wrong with it or what it does.
func (c *Console) checkShopPage(r *http.Request) (answer, error) {
	report, uncompared, err := c.opts.CheckShop(r.Context())
	if err != nil {
		return answer{}, err
	}
	a, err := c.settingsAnswer(r, &report, nil)
	if v, ok := a.data.(settingsView); ok && uncompared != nil {
		v.Uncompared = uncompared.Error()
		a.data = v
	}
	return a, err
}

// testEventPage sends a harmless message and a harmless event to ourselves, the way that both
// platforms come.
func (c *Console) testEventPage(r *http.Request) (answer, error) {
	return c.settingsAnswer(r, nil, c.opts.TestEvent(r.Context()))
}
