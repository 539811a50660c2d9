//go:build !race

package facilities_test

const raced = false
