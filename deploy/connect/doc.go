// Package connect tests the repository that commercetools Connect is given.
// Its tests have the build tag packaging: make packaging runs them.
package connect
