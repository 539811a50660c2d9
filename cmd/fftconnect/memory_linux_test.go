package main

import "testing"

// That the test goes on is what it proves: the program's text, which it runs on, was
// forgotten, twice.
func TestWhatStartingUsedOfTheProgramIsGivenBack(t *testing.T) {
	first := unmapUnused()
	if first == 0 {
		t.Fatal("nothing was given back")
	}
	if second := unmapUnused(); second >= first {
		t.Errorf("gave back %d KiB, then %d KiB", first>>10, second>>10)
	}
}
