package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// checkCommercetools reports whether its API can be used at all.
func (p Patient) checkCommercetools(ctx context.Context, add func(Finding)) bool {
	const area = "commercetools"
	for _, probe := range commercetools.Probes() {
		err := probe.Try(ctx, p.Commercetools)
		var none *commercetools.NoProjectError
		if errors.As(err, &none) {
			add(Finding{Area: area, Check: "project", Status: Fail, Detail: err.Error(), Fix: "correct CTP_PROJECT_KEY or CTP_REGION"})
			return false
		}
		if isSignInProblem(err) {
			add(unreachableFinding(area, err))
			return false
		}
		add(p.scopeFinding(probe.Scope, probe.For, err))
	}
	return true
}

func (p Patient) scopeFinding(name, need string, err error) Finding {
	fix := "add the scope " + name + ":" + p.Environment.Commercetools.ProjectKey + " to the API client"
	return findingOf("commercetools", "scope "+name, need, err, fix)
}

// checkFulfillmenttools reports whether its API can be used at all.
func (p Patient) checkFulfillmenttools(ctx context.Context, add func(Finding)) bool {
	const area = "fulfillmenttools"
	probes := fulfillmenttools.Probes()
	if p.Environment.Features.ChannelSync {
		probes = append(probes, fulfillmenttools.FacilityProbes()...)
	}
	for _, probe := range probes {
		err := probe.Try(ctx, p.Fulfillmenttools)
		if isSignInProblem(err) {
			add(unreachableFinding(area, err))
			return false
		}
		add(findingOf(area, "permission "+probe.Permission, probe.For, err, "give the user "+probe.Permission))
	}
	return true
}

// checkConfigurationScopes tries what only this configuration needs.
func (p Patient) checkConfigurationScopes(ctx context.Context, settings config.Shop, add func(Finding)) {
	p.checkStates(ctx, settings, add)
	if settings.Export.ExpressionReadingCustomerGroup() != "" {
		add(p.scopeFinding("view_customer_groups", "the customer groups whose keys expressions read", p.Commercetools.CheckCustomerGroupScope(ctx)))
	}
	var probes []fulfillmenttools.Probe
	if settings.Export.Hold.IsSet() {
		probes = append(probes, fulfillmenttools.HoldProbe())
	}
	if p.Environment.Fulfillmenttools.ForceCancel {
		probes = append(probes, fulfillmenttools.ForceCancelProbe())
	}
	if p.Environment.Features.StatusUpdates && settings.Feedback.WritesDeliveries() && settings.Feedback.WritesTracking() {
		probes = append(probes, fulfillmenttools.ParcelProbe())
	}
	for _, probe := range probes {
		add(findingOf("fulfillmenttools", "permission "+probe.Permission, probe.For, probe.Try(ctx, p.Fulfillmenttools), "give the user "+probe.Permission))
	}
	p.checkOrderChanges(ctx, settings.Export.Changes, add)
}

// checkOrderChanges tries what it takes to change orders after their export. Which of the finer
// permissions the user has shows only on an order that exists.
func (p Patient) checkOrderChanges(ctx context.Context, rules config.ChangeRules, add func(Finding)) {
	const area, need = "fulfillmenttools", "changes of orders after their export"
	rules = rules.WithDefaults()
	if !p.Environment.Features.OrderSync || rules.Addresses != config.ChangeFollow && !rules.MayReroute() {
		return
	}
	probe := fulfillmenttools.ModifyProbe()
	err := probe.Try(ctx, p.Fulfillmenttools)
	add(findingOf(area, "permission to modify orders", need, err, "give the user "+rules.RequiredPermissions()))
	if err != nil || rules.Lines != config.ChangeFollow && rules.DeliveryTime != config.ChangeFollow {
		return
	}
	const check = "order modification"
	allowed, err := p.Fulfillmenttools.AreLinesModifiable(ctx)
	switch {
	case err != nil:
		add(findingOf(area, check, "the tenant's configuration of modifications", err, "give the user CONFIG_READ, or look it up: /api/configurations/ordermodification"))
	case !allowed:
		add(Finding{
			Area: area, Check: check, Status: Fail, Detail: "the tenant's configuration does not allow lines and wanted times to be modified",
			Fix: "set allowOrderLineItemModification there, or export.changes.lines and deliveryTime to report",
		})
	default:
		add(Finding{Area: area, Check: check, Status: OK, Detail: "lines and wanted times of orders may be modified"})
	}
}

// checkStates reads the states that the configuration names.
func (p Patient) checkStates(ctx context.Context, settings config.Shop, add func(Finding)) {
	keys := settings.Feedback.LineItemStates()
	if key := settings.Export.Trigger.WorkflowState; key != "" {
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return
	}
	var missing []string
	for _, key := range keys {
		_, err := p.Commercetools.StateID(ctx, key)
		switch {
		case remote.Is(err, remote.NotFound):
			missing = append(missing, key)
		case err != nil:
			add(p.scopeFinding("view_states", "the states that the configuration names", err))
			return
		}
	}
	add(p.scopeFinding("view_states", "the states that the configuration names", nil))
	if len(missing) > 0 {
		add(Finding{
			Area: "configuration", Check: "states", Status: Fail, Detail: "no state has the key " + strings.Join(missing, ", "),
			Fix: "create the state in commercetools, or correct its key in the configuration",
		})
	}
}

// isSignInProblem: no token, a refused one, or nobody there. More tries tell nothing more.
func isSignInProblem(err error) bool {
	return remote.Is(err, remote.Transient) || remote.Is(err, remote.Blocked) && !isForbidden(err)
}

func unreachableFinding(area string, err error) Finding {
	fix := remote.HintOf(err)
	if fix == "" {
		fix = "check the address in the settings, and the network"
	}
	return Finding{Area: area, Check: "credentials", Status: Fail, Detail: err.Error(), Fix: fix}
}

func findingOf(area, check, need string, err error, fix string) Finding {
	switch {
	case err == nil:
		return Finding{Area: area, Check: check, Status: OK, Detail: need}
	case isForbidden(err):
		return Finding{Area: area, Check: check, Status: Fail, Detail: "missing; needed for " + need, Fix: fix}
	default:
		return Finding{Area: area, Check: check, Status: Fail, Detail: err.Error(), Fix: remote.HintOf(err)}
	}
}

func isForbidden(err error) bool {
	status, ok := remote.StatusOf(err)
	return ok && status == http.StatusForbidden
}

// maxSkew is how far our clock may be from a platform's, since tokens carry times, and from
// the database's, which says when claims and leases end.
const maxSkew = 30 * time.Second

// checkClocks compares our time with that in the platforms' answers.
func (p Patient) checkClocks(ctx context.Context, add func(Finding)) {
	for _, clock := range []struct{ area, address string }{
		{"commercetools", p.Environment.Commercetools.APIURL},
		{"fulfillmenttools", p.Environment.Fulfillmenttools.APIURL + "/api/status"},
	} {
		there, err := p.serverTime(ctx, clock.address)
		add(p.clockFinding(clock.area, "clock", "set this machine's clock by NTP", there, err))
	}
}

// clockFinding is the finding on another clock that tells this time.
func (p Patient) clockFinding(area, check, fix string, there time.Time, err error) Finding {
	if err != nil {
		return Finding{Area: area, Check: check, Status: Skip, Detail: "no answer that tells the time"}
	}
	skew := p.Now().Sub(there)
	finding := Finding{Area: area, Check: check, Status: OK, Detail: fmt.Sprintf("differs by %s", skew.Round(time.Second))}
	if skew.Abs() > maxSkew {
		finding.Status, finding.Fix = Fail, fix
	}
	return finding
}

// serverTime is the time by which a server dates its answers.
func (p Patient) serverTime(ctx context.Context, address string) (time.Time, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return time.Time{}, err
	}
	response, err := p.HTTP.Do(request)
	if err != nil {
		return time.Time{}, err
	}
	defer response.Body.Close()
	return http.ParseTime(response.Header.Get("Date"))
}
