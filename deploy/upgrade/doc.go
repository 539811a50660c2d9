// Package upgrade tests the step from the version before to this one.
// Its tests have the build tag packaging: make packaging runs them.
package upgrade
