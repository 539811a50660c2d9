package export_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/testform"
)

func TestAnyOrderOfTheSchemaIsMappedOrReported(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	validator, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	drawn, mappable := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(arbitraryOrder(t))
		if err != nil {
			t.Fatal(err)
		}
		if validator != nil {
			if err := validator.Schema(contract.Commercetools, "Order", text); err != nil {
				t.Fatalf("commercetools would not give this order: %v", err)
			}
		}
		drawn++
		order, err := commercetools.DecodeOrder(text)
		if err != nil {
			t.Fatal(err)
		}
		shop, surroundings := arbitraryShop(t), arbitrarySurroundings(t)
		mapped, notes, err := export.Map(order, shop, surroundings)
		again, notesAgain, errAgain := export.Map(order, shop, surroundings)
		if diff := cmp.Diff(mapped, again) + cmp.Diff(notes, notesAgain); diff != "" || fmt.Sprint(err) != fmt.Sprint(errAgain) {
			t.Fatalf("mapped twice it differs: %v, %v\n%s", err, errAgain, diff)
		}
		explained := export.Explain(order, shop, surroundings)
		if diff := cmp.Diff(notes, explained.Notes, cmpopts.EquateEmpty()); diff != "" || (len(explained.Problems) == 0) != (err == nil) || err == nil && cmp.Diff(mapped, explained.Order) != "" {
			t.Fatalf("the explanation is of something else: %v, %v\n%s", err, explained.Problems, diff)
		}
		if said := strings.Join(notes, "; ") + fmt.Sprint(err); strings.Contains(said, mark) {
			t.Fatalf("the notes show what concerns a person: %s", said)
		}
		if err != nil {
			onlyUnmappable(t, err)
			return
		}
		mappable++
		if found := breaches(mapped); len(found) > 0 {
			t.Fatalf("fulfillmenttools would refuse it: %v", found)
		}
	})
	// Of the quick form's few a draw in forty has none.
	if mappable == 0 && drawn >= 100 && !t.Failed() {
		t.Error("none of the orders was mapped: that shows little")
	}
}

// onlyUnmappable demands an error that says why, without saying it twice.
func onlyUnmappable(t interface{ Fatalf(string, ...any) }, err error) {
	var refused *export.Unmappable
	if !errors.As(err, &refused) {
		t.Fatalf("an error of another kind: %v", err)
	}
	problems := slices.Clone(refused.Problems)
	slices.Sort(problems)
	if len(problems) == 0 || problems[0] == "" || len(slices.Compact(problems)) != len(refused.Problems) {
		t.Fatalf("the problems are %q", refused.Problems)
	}
}

// FuzzMap maps whatever can be read as an order.
func FuzzMap(f *testing.F) {
	all, err := goldens()
	if err != nil {
		f.Fatal(err)
	}
	for i, g := range all {
		f.Add(g.text, i)
	}
	f.Fuzz(func(t *testing.T, text []byte, of int) {
		order, err := commercetools.DecodeOrder(text)
		if err != nil {
			return
		}
		g := all[uint(of)%uint(len(all))]
		mapped, _, err := export.Map(order, g.shop, g.surroundings)
		if err != nil {
			onlyUnmappable(t, err)
			return
		}
		if found := flaws(mapped); len(found) > 0 {
			t.Fatalf("fulfillmenttools would refuse it: %v", found)
		}
	})
}
