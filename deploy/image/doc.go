// Package image tests the container image.
// Its tests have the build tag packaging: make packaging runs them.
package image
