// Package contract holds what the simulated platforms and the connector send each
// other against the vendors' own OpenAPI files, so that neither the simulators nor
// the connector drift from the real interfaces. Only tests use it.
//
// Both files describe less than they could: commercetools' is generated from RAML
// and leaves subclasses unconnected to their base, fulfillmenttools' extends closed
// objects. rewrite.go turns them into schemas that say what they mean, and closes
// every object that names its properties, so that a misspelt field is found;
// quirks.go lists the few places where a file is wrong by name.
//
//	load.go      finds and reads the files
//	excerpt.go   what is asked about, without the rest
//	rewrite.go   schemas as they are meant
//	quirks.go    named exceptions
//	route.go     method and path to operation
//	exchange.go  one request and its answer
//	problem.go   what is wrong, where
package contract
