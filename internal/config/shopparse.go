package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// ParseShop reads the custom object's value and names everything that is wrong with
// it at once, as *ShopError. Keys that it does not know are left alone unless they are
// in our blocks: other parts of the shop may keep theirs there.
func ParseShop(value []byte) (Shop, error) {
	return shopOrError(CheckShop(value))
}

// ReadShop reads a configuration file, JSON or YAML, like ParseShop.
func ReadShop(path string) (Shop, error) {
	return shopOrError(CheckShopFile(path))
}

func shopOrError(report ShopReport) (Shop, error) {
	if err := report.Err(); err != nil {
		return Shop{}, err
	}
	return report.Shop, nil
}

// ShopReport is a configuration with all there is to say of it.
type ShopReport struct {
	Source   string // the file's name, or the custom object
	Shop     Shop   // not to be used when there are problems
	Problems []ShopProblem
	// Unusable is what is wrong with single entries of the existing connector's mappings,
	// in its custom object: the others count all the same.
	Unusable []ShopProblem
	Warnings []ShopProblem // what is odd, but does no harm

	fields []fieldUse // custom fields that it names
}

// Err is *ShopError when the configuration cannot be used.
func (r ShopReport) Err() error { return newShopError(r.Source, r.Problems, false) }

// UnusableErr is *ShopError when single entries of it cannot be used.
func (r ShopReport) UnusableErr() error { return newShopError(r.Source, r.Unusable, true) }

func newShopError(source string, problems []ShopProblem, partly bool) error {
	if len(problems) == 0 {
		return nil
	}
	return &ShopError{source, problems, partly}
}

// CheckShop examines the custom object's value.
func CheckShop(value []byte) ShopReport {
	report := ShopReport{Source: fmt.Sprintf("custom object %s/%s", ShopContainer, ShopKey)}
	if len(bytes.TrimSpace(value)) == 0 {
		return report
	}
	tree, _, err := jsonTree(value)
	if err != nil {
		report.Problems = []ShopProblem{{Message: err.Error()}}
		return report
	}
	report.fillFrom(tree, nil)
	report.dropUnusableEntries()
	// Nobody sees the object's text with these lines.
	for _, problems := range [][]ShopProblem{report.Problems, report.Unusable, report.Warnings} {
		for i := range problems {
			problems[i].Position = Position{}
		}
	}
	for i := range report.fields {
		report.fields[i].Position = Position{}
	}
	return report
}

// CheckShopFile examines a configuration file.
func CheckShopFile(path string) ShopReport {
	report := ShopReport{Source: path}
	text, err := os.ReadFile(path)
	if err != nil {
		report.Problems = []ShopProblem{{Message: "cannot be read: " + errorWithoutPath(err)}}
		return report
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	tree := yamlTree
	if filepath.Ext(path) == ".json" || json.Valid(text) {
		tree = jsonTree
	}
	root, at, err := tree(text)
	if err != nil {
		report.Problems = []ShopProblem{{Position: at, Message: err.Error()}}
		return report
	}
	if root != nil {
		report.fillFrom(root, strings.Split(string(text), "\n"))
	}
	return report
}

// errorWithoutPath leaves the path out, which the report names anyway.
func errorWithoutPath(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// fillFrom fills the shop from the tree.
func (r *ShopReport) fillFrom(root *node, lines []string) {
	f := filler{lines: lines, positions: map[string]Position{}}
	f.fill(reflect.ValueOf(&r.Shop).Elem(), root, place{strict: lines != nil})
	said := f.problems
	for _, problem := range r.Shop.checkProblems() {
		if !slices.ContainsFunc(said, func(p ShopProblem) bool { return p.Path == problem.Path }) {
			problem.Position = f.nearestPosition(problem.Path)
			f.problems = append(f.problems, problem)
		}
	}
	for _, odd := range r.Shop.settingsWithoutEffect() {
		odd.Position = f.nearestPosition(odd.Path)
		f.warnings = append(f.warnings, odd)
	}
	sortProblems(f.problems)
	sortProblems(f.warnings)
	for _, use := range r.Shop.customFieldUses() {
		use.Position = f.nearestPosition(use.path)
		f.fields = append(f.fields, use)
	}
	r.Problems, r.Warnings, r.fields = f.problems, f.warnings, f.fields
}

// dropUnusableEntries has single entries of the existing connector's mappings stop only the orders
// that need them: an unknown delivery parks the orders of its shipping method, a field
// without a tag gives none.
func (r *ShopReport) dropUnusableEntries() {
	entries := map[string]string{} // what is wrong, by the entry's path
	for method := range r.Shop.ShippingMethods {
		entries["shippingMethodMapping."+method] = ""
	}
	for field := range r.Shop.FieldTags {
		entries["customFieldTagMapping."+field] = ""
	}
	r.Problems = slices.DeleteFunc(r.Problems, func(problem ShopProblem) bool {
		path := problem.Path
		for entries[path] == "" && path != "" {
			if _, known := entries[path]; known {
				entries[path] = problem.Message
				break
			}
			path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		}
		if path != "" {
			r.Unusable = append(r.Unusable, problem)
		}
		return path != ""
	})
	for method, delivery := range r.Shop.ShippingMethods {
		delivery.Unusable = entries["shippingMethodMapping."+method]
		r.Shop.ShippingMethods[method] = delivery
	}
	maps.DeleteFunc(r.Shop.FieldTags, func(field, _ string) bool { return entries["customFieldTagMapping."+field] != "" })
}

// nearestPosition is the position of the key, or of what it is in.
func (f *filler) nearestPosition(path string) Position {
	for path != "" {
		if at, ok := f.positions[path]; ok {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return f.positions[""]
}
