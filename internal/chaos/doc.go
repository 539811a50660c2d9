// Package chaos holds the tests that run the connector as real processes against
// simulated platforms and do to them what operations fear: they are killed in the
// middle of their work, their database goes away, both platforms fail, and yet every
// order has to end as it should. There is nothing here but tests.
//
//	chaos_test.go     thousands of orders while everything goes wrong at once
//	trouble_test.go   what goes wrong, and when
//	meddler_test.go   who forges messages, and who calls commands beside them
//	inquest_test.go   what must be true afterwards
//	crash_test.go     a process that dies at each step of its work
//	away_test.go      a database that is away for a while
//	site_test.go      a world with connectors in it
//	replica_test.go   one connector process, started again whenever it ends
//	front_test.go     the address that the senders know, with the replicas behind it
//
// The short form takes a minute and runs with FFTCONNECT_SLOW=1, as in CI. The long
// form, 2,000 orders on each store, takes about ten minutes:
//
//	FFTCONNECT_CHAOS=1 go test -v -timeout 60m -run Chaos ./internal/chaos
//
// FFTCONNECT_SEED chooses the orders and the faults. What happens at the same time
// differs from run to run even so.
package chaos
