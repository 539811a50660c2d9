// Package tools holds what packages fftconnect and checks the packages: the image
// builder, and the pinned versions of helm, goreleaser and cyclonedx-gomod. It is a module of its own, so
// that none of their dependencies is one of the product's.
package tools
