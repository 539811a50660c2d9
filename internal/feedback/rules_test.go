package feedback_test

import (
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/rules"
)

// fieldRules are the shop's own rules for one field: event, field and expression.
func fieldRules(t testing.TB, event, field, expression string) config.FeedbackRules {
	t.Helper()
	compiled, err := rules.Compiled(expression, rules.EventScope{}, rules.Any)
	if err != nil {
		t.Fatal(err)
	}
	return config.FeedbackRules{Fields: []config.FieldRule{{Event: event, Field: field, Value: compiled}}}
}
