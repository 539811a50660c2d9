package setup_test

import "fftconnect/internal/simulator/fftsim"

// webhook is the id of our webhook for an event.
func (p *practice) webhook(event string) string {
	for _, s := range p.FFT.Subscriptions() {
		if s.Event == event {
			return s.ID
		}
	}
	p.t.Fatalf("there is no webhook for %s", event)
	return ""
}

// foreignWebhook is one of the existing connector.
func foreignWebhook() fftsim.Subscription {
	return fftsim.Subscription{Name: "CTC_ORDER_CREATED", Event: "ORDER_CREATED", CallbackURL: "https://elsewhere.example/hook"}
}
