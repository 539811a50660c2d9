// Package tools holds what packages fftconnect: the image builder. It is a module of its own, so
// that none of its dependencies is one of the product's.
package tools
