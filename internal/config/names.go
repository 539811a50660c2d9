package config

import (
	"slices"
	"strings"

	"fftconnect/internal/rules"
)

// Regions of commercetools.
var Regions = []string{"europe-west1.gcp", "eu-central-1.aws", "us-central1.gcp", "us-east-2.aws", "australia-southeast1.gcp"}

// unknownRegionProblem is the problem of a region that commercetools does not have. Where both addresses are
// given, as in China, the region names nothing.
func unknownRegionProblem(env Environment, given getter) *Problem {
	api, _ := given("CTP_API_URL")
	auth, _ := given("CTP_AUTH_URL")
	if env.Commercetools.Region == "" || slices.Contains(Regions, env.Commercetools.Region) || api != "" && auth != "" {
		return nil
	}
	return &Problem{
		Variable: "CTP_REGION", Problem: "is no region of commercetools" + rules.DidYouMean(env.Commercetools.Region, Regions),
		Meaning: "region of the commercetools project, for its addresses",
		Fix:     "one of " + strings.Join(Regions, ", ") + "; for another, give CTP_API_URL and CTP_AUTH_URL",
	}
}

// familyPrefixes begin the names of settings that are the connectors' own: what begins so and is
// unknown is a slip.
var familyPrefixes = []string{"CTP_", "FFT_", "JWT_", "FEAT_", "ADMIN_", "EVENT_", "RECONCILE_", "REVISIT_", "EXPORT_", "SUBSCRIPTION_", "NOTIFY_"}

// UnknownVariables words the names that look like settings and are none, with the setting that was probably
// meant. All names of a settings file count, of the environment only those of our families.
func UnknownVariables(names []string, file bool) []string {
	var known []string
	for _, setting := range Settings() {
		known = append(known, setting.Name)
	}
	known = append(known, DestinationVariable)
	known = append(known, connectVariables...)
	known = append(known, "CONNECT_SERVICE_URL")
	var wrong []string
	for _, name := range names {
		ours := file || slices.ContainsFunc(familyPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if !ours || slices.Contains(known, name) || slices.Contains(known, strings.TrimSuffix(name, "_FILE")) {
			continue
		}
		wrong = append(wrong, name+" is no setting"+rules.DidYouMean(name, known))
	}
	slices.Sort(wrong)
	return wrong
}
