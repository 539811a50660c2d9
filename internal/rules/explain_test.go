package rules_test

import (
	"strings"
	"testing"

	"fftconnect/internal/rules"
)

func TestAMistakeIsExplainedInWords(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`order.id = "a"`:                                   `1, column 10: = is nothing here: == compares`,
		`order.id === "a"`:                                 `1, column 12: = is nothing here: == compares`,
		`order.id <> "a"`:                                  `1, column 11: unexpected >: != means unequal`,
		`order.id == "a" & true`:                           `unexpected &: write and`,
		`order.id == "a" AND true`:                         `unexpected AND: write and`,
		`order.id is "a"`:                                  `unexpected is: write ==`,
		`order.id == null`:                                 `unknown name null; write nil`,
		`order.orderState == Confirmed`:                    `1, column 21: unknown name Confirmed; a text stands in quotes: "Confirmed"`,
		`any(order.lineItems, quantity > 3)`:               `unknown name quantity; a text stands in quotes`,
		`any(order.lineItems, line.quantity > 3)`:          `line is known only to what is evaluated for each line; within any(order.lineItems, …)`,
		`hello world`:                                      `unexpected world: an operator is missing before it, or quotes around a text`,
		`order.id == 'a`:                                   `the text has no closing quotation mark`,
		`order.id == “a”`:                                  `“ is no quotation mark of expressions: write "`,
		`len(order.id`:                                     `the expression ends too early: a value or a bracket is missing`,
		`{{order.id}}`:                                     `an expression stands by itself, without braces`,
		`order.totalPrice > 100`:                           `1, column 18: > does not go with an amount of money and a number: compare its centAmount`,
		`order.store == "berlin"`:                          `== does not go with a reference and a text: compare its key`,
		`order.lineItems > 3`:                              `> does not go with a list and a number: any(…) and all(…) go through a list`,
		`order.createdAt > date("2026-01-01")`:             `> does not go with a text and a time: date(…) makes a time of a text`,
		`order.lineItems.id == "a"`:                        `a list has no such field: any(…) and map(…) go through its elements`,
		`order.shippingAddress == "DE"`:                    `== does not go with an address and a text`,
		`startsWith(order.id, "a")`:                        `startsWith stands between two texts`,
		`order.id.startsWith("a")`:                         `startsWith stands between two texts`,
		`any(order.lineItems, .totalPrice)`:                `here stands what is true or false of each element, not an amount of money`,
		`order.id ? true : false`:                          `before ? stands true or false, not a text`,
		`not order.id`:                                     `not takes true or false, or a number, not a text`,
		`order.store.id == ""`:                             `there is no id here, only key`,
		`order.businessUnit.id == ""`:                      `there is no id here, only key`,
		`order.lineItems[0].productType.key`:               `there is no key here, only id`,
		`order.lineItems[0].distributionChannel.key == ""`: `there is no key here, only id`,
	} {
		_, err := rules.Compiled(source, rules.OrderScope{}, rules.Bool)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
		for _, jargon := range []string{"rules.", "interface", "Identifier(", "Operator(", "[]", "mismatched"} {
			if err != nil && strings.Contains(err.Error(), jargon) {
				t.Errorf("%s: speaks of %s: %v", source, jargon, err)
			}
		}
	}
}
