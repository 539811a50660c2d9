package connector

import (
	"net/http"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/intake"
	"fftconnect/internal/outcome"
	"fftconnect/internal/shadow"
)

// guardTransport is the way to the platforms; in shadow mode nothing but reading and tokens
// gets through.
func (c *Connector) guardTransport(base http.RoundTripper) http.RoundTripper {
	if !c.env.Shadow {
		return base
	}
	return shadow.Guard{
		Base: base,
		Tokens: []string{
			c.env.Commercetools.AuthURL + "/oauth/token",
			c.env.Fulfillmenttools.SignInURL + "/v1/accounts:signInWithPassword",
			c.env.Fulfillmenttools.TokenURL + "/v1/token",
		},
		Refused: func(method, path string) {
			c.logger.Error("shadow mode kept a call back that would have written", "method", method, "path", path)
		},
	}
}

// feedbackTargets is where updates and cancellations of the flow back go: in shadow mode, to
// copies.
func (c *Connector) feedbackTargets(exporter *export.Exporter) (feedback.Orders, feedback.Counterparts) {
	if !c.env.Shadow {
		return c.Commercetools, exporter
	}
	c.copies = shadow.NewOrders(c.Commercetools, time.Now)
	return c.copies, c.copies
}

// withShadow puts comparisons in the place of the flows.
func (c *Connector) withShadow(opts intake.Options, exporter *export.Exporter) intake.Options {
	if !c.env.Shadow {
		return opts
	}
	patience := c.env.ShadowPatience
	if c.store == nil {
		patience = 0 // nothing can wait
	}
	opts.Keeper = shadow.Keeper{Keeper: opts.Keeper}
	if opts.Exporter != nil {
		opts.Exporter = shadow.NewExporter(shadow.ExporterOptions{
			Source: c.Commercetools, Intend: exporter.MapWithoutSending, There: c.Fulfillmenttools, Patience: patience, Found: c.reportDifference,
		})
	}
	if opts.Updater != nil {
		opts.Updater = shadow.NewUpdater(shadow.UpdaterOptions{
			Updater: opts.Updater, Copies: c.copies, There: c.Fulfillmenttools.Order, Patience: patience, Found: c.reportDifference,
		})
	}
	if opts.Channels != nil {
		opts.Channels = shadow.Facilities{Channels: opts.Channels, Patience: patience, Found: c.reportDifference}
	}
	return opts
}

func (c *Connector) reportDifference(flow outcome.Flow, _ string, d shadow.Difference) {
	c.Telemetry.CountDifference(flow, string(d.Kind))
}

// zeroDifferenceCounts starts the counts of differences at zero.
func (c *Connector) zeroDifferenceCounts() {
	if !c.env.Shadow {
		return
	}
	c.Telemetry.SetShadowMode()
	for _, flow := range outcome.Flows {
		for _, kind := range shadow.Kinds {
			c.Telemetry.ExpectDifference(flow, string(kind))
		}
	}
}
