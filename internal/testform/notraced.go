//go:build !race

package testform

// Raced: the race detector watches, in whichever form.
const Raced = false
