//go:build race

package ctsim_test

const raced = true
