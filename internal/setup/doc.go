// Package setup installs and uninstalls the connector on both platforms:
// subscriptions, webhooks and the custom type. Everything is idempotent: it reads
// what is there, plans the difference and carries it out, so a second run plans
// nothing. It touches only what carries this deployment's name.
//
//	plan.go       steps and warnings
//	install.go    the whole, in order
//	type.go       the custom type for orders
//	messages.go   commercetools' subscription
//	webhooks.go   fulfillmenttools' subscriptions and their token
//	uninstall.go  the way back
//	upkeep.go     what serve does unasked to keep an installation alive
//	part.go       what can be installed by itself
//	credentials.go what was applied of a broker's secrets
package setup
