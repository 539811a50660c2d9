package config

// EffectiveSetting is a setting with the value that is in force.
type EffectiveSetting struct {
	Name    string
	Value   string // dots for a secret
	From    string // environment, file or default
	Meaning string
}

// Effective lists all settings as they are in force. Values that are wrong are
// listed as they were given.
func Effective(lookup func(string) (string, bool)) []EffectiveSetting {
	var env Environment
	given := withFiles(lookup)
	var effective []EffectiveSetting
	for _, s := range Settings() {
		e := EffectiveSetting{Name: s.Name, From: "environment", Meaning: s.Meaning}
		e.Value, _ = given(s.Name)
		if direct, ok := lookup(s.Name); e.Value != "" && (!ok || direct == "") {
			e.From = "file"
		}
		if e.Value == "" {
			e.Value, e.From = s.Default, "default"
			if s.Computed != nil {
				e.Value = s.Computed(env, given)
			}
		}
		if e.Value != "" {
			_ = s.set(&env, e.Value)
		}
		if s.Secret {
			e.Value = Secret(e.Value).String()
		}
		effective = append(effective, e)
	}
	destination := EffectiveSetting{Name: DestinationVariable, Meaning: destinationMeaning, From: "environment"}
	if loadDestination(&env, given) == nil && env.Destination != nil {
		destination.Value = env.Destination.Kind
	} else {
		destination.From = "default"
	}
	return append(effective, destination)
}
