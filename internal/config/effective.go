package config

import "strings"

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
	given := withFileVariants(lookup)
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
		if s.Secret && e.From != "default" {
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

// ConfigFile is the path of the configuration file alone, for commands that need
// nothing else; empty when the configuration is the custom object.
func ConfigFile(lookup func(string) (string, bool)) (string, error) {
	path, err := withFileVariants(lookup)(ConfigFileVariable)
	return strings.TrimSpace(path), err
}

// Database is the store's address alone, for commands that need nothing else. The
// error is Problems.
func Database(lookup func(string) (string, bool)) (Secret, error) {
	env, err := loadOneSetting(lookup, storeSettings(), "DATABASE_URL")
	return env.DatabaseURL, err
}

// loadOneSetting reads one setting.
func loadOneSetting(lookup func(string) (string, bool), settings []Setting, name string) (env Environment, err error) {
	given := withFileVariants(lookup)
	for _, s := range settings {
		if s.Name != name {
			continue
		}
		value, err := given(name)
		switch {
		case err != nil || value != "":
		case s.Computed != nil:
			value = s.Computed(env, given)
		default:
			value = s.Default
		}
		if err == nil {
			err = s.set(&env, strings.TrimSpace(value))
		}
		if err != nil {
			return Environment{}, Problems{{Variable: name, Problem: err.Error(), Meaning: s.Meaning, Fix: s.Fix}}
		}
		return env, nil
	}
	panic("config: the settings lack " + name)
}
