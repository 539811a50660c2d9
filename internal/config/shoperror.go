package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a file; lines and columns begin at 1. The zero value is
// unknown, as in a custom object.
type Position struct{ Line, Column int }

// ShopProblem is one thing that is wrong, or odd, in the shop's configuration.
type ShopProblem struct {
	Position
	Path    string // of the key, such as export.tags[0].value
	Message string // names the path too
}

// ShopError is everything that is wrong with the shop's configuration.
type ShopError struct {
	Source   string // the file's name, or the custom object
	Problems []ShopProblem
	Partly   bool // single entries of a mapping are; all the rest is in force
}

func (e *ShopError) Error() string {
	var texts []string
	located := false
	for _, problem := range e.Problems {
		texts = append(texts, problem.In(e.Source))
		located = located || problem.Line > 0
	}
	if located {
		return strings.Join(texts, "\n")
	}
	for i, problem := range e.Problems {
		texts[i] = problem.Message
	}
	return e.Source + ": " + strings.Join(texts, "; ")
}

// In is the problem as editors and people find it: file:line:column: message.
func (p ShopProblem) In(source string) string {
	if p.Line == 0 {
		return source + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", source, p.Line, p.Column, p.Message)
}

func sortProblems(problems []ShopProblem) {
	slices.SortStableFunc(problems, func(a, b ShopProblem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
}
