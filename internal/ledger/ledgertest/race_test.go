//go:build race

package ledgertest_test

const raceDetector = true
