package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fftconnect/internal/rules"
)

// allExpressions are those of the export, by their paths.
func (r ExportRules) allExpressions() map[string]rules.Expression {
	all := map[string]rules.Expression{
		"export.when": r.When, "export.tenantOrderId": r.TenantOrderID, "export.hold": r.Hold,
		"export.lines": r.Lines, "export.email": r.Email,
	}
	for i, tag := range r.Tags {
		all[fmt.Sprintf("export.tags[%d].value", i)] = tag.Value
	}
	for i, sticker := range r.Stickers {
		all[fmt.Sprintf("export.stickers[%d].when", i)] = sticker.When
	}
	for i, service := range r.CustomServices {
		all[fmt.Sprintf("export.customServices[%d].when", i)] = service.When
	}
	for path, expression := range r.Set {
		all["export.set."+path] = expression
	}
	return all
}

// ExpressionReadingCustomerGroup is the path of an expression that reads the key of the order's
// customer group, which a scope of its own lets one read; empty when none does.
func (r ExportRules) ExpressionReadingCustomerGroup() string {
	all := r.allExpressions()
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if strings.Contains(all[path].String(), "customerGroup") {
			return path
		}
	}
	return ""
}
