//go:build race

package facilities_test

// raced: the race detector watches, which makes SQLite twenty times slower.
const raced = true
