//go:build !race

package connector_test

const raced = false
