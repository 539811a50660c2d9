package main

import (
	"testing"
)

// That the test goes on is what it proves: the program's text, which it runs on, was
// forgotten, twice.
func TestWhatStartingUsedOfTheProgramIsGivenBack(t *testing.T) {
	first := unmapUnused(programParts())
	if first == 0 {
		t.Fatal("nothing was given back")
	}
	if second := unmapUnused(programParts()); second >= first {
		t.Errorf("gave back %d KiB, then %d KiB", first>>10, second>>10)
	}
}

// The kernel maps no more at once than one mapping holds.
func TestTheProgramIsMappedInSmallWindows(t *testing.T) {
	before := programParts()
	mapSparingly(before)
	after := programParts()
	size := func(parts []programPart) (sum, largest uintptr) {
		for _, part := range parts {
			sum, largest = sum+part.to-part.from, max(largest, part.to-part.from)
		}
		return sum, largest
	}
	was, _ := size(before)
	is, largest := size(after)
	if was == 0 || is != was {
		t.Errorf("%d KiB of the program were mapped, now %d", was>>10, is>>10)
	}
	if largest >= 2*programWindow {
		t.Errorf("a part of %d KiB is left in one piece", largest>>10)
	}
}
