//go:build race

package export_test

// The vendors' files take seven seconds to load under the race detector, and what
// they say does not depend on it: the plain run holds orders against them.
const underRace = true
