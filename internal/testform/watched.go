package testform

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Concurrent are the tests of a package that the race detector watches, by the mechanism that
// each has between several goroutines.
type Concurrent map[string][]string

// Watch has the form under the race detector run these tests of a package only, unless -run
// names others. TestMain calls it before the flags are read. What is not among them is one
// goroutine's work, or does what these do as well. A test that does not exist ends the program.
func Watch(tests Concurrent) {
	names := slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(tests))...)))
	names = slices.Compact(names)
	written := testsWritten()
	for _, name := range names {
		if !written[name] {
			fmt.Fprintf(os.Stderr, "testform: %s is to be watched by the race detector, but there is no such test\n", name)
			os.Exit(1)
		}
	}
	if Race {
		fmt.Fprintf(os.Stderr, "testform: the race detector watches %d of %d tests: those with concurrency of their own\n", len(names), len(written))
		_ = flag.Set("test.run", "^("+strings.Join(names, "|")+")$")
	}
}

var testDeclaration = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)

// testsWritten are the names of the tests in this folder, which is the package's.
func testsWritten() map[string]bool {
	files, _ := filepath.Glob("*_test.go")
	found := map[string]bool{}
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for _, name := range testDeclaration.FindAllSubmatch(text, -1) {
			found[string(name[1])] = true
		}
	}
	return found
}
