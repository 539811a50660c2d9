//go:build race

package fftsim_test

const raced = true
