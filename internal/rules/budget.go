package rules

import (
	"errors"
	"reflect"
)

// MaxSteps is what all rules of one order together may take. A step looks at one element
// of a list, or reads or makes so many bytes of text, so that the steps bound the time
// (about a second) and the memory (some 100 MB at the very most) of the rules.
const (
	MaxSteps     = 1_000_000
	bytesPerStep = 64
)

// ErrSpent is why a rule is not evaluated after another one has ended the budget.
var ErrSpent = errors.New("the rules before it have used up the budget of the order")

// ErrBudget is why a rule ends that takes too much.
var ErrBudget = errors.New("the rules of one order together take too long (1,000,000 steps: elements of lists, or 64 bytes of text)")

// Budget counts what the rules of one order take. The zero value is a whole one. It is
// for one goroutine.
type Budget struct{ spent int }

// errIfSpent is ErrSpent when nothing is left.
func (b *Budget) errIfSpent() error {
	if b.spent > MaxSteps {
		return ErrSpent
	}
	return nil
}

// Spent is how many steps were taken, MaxSteps and more when rules wanted too many.
func (b *Budget) Spent() int { return b.spent }

func (b *Budget) spend(steps int) error {
	if b.spent += min(max(steps, 0), MaxSteps+1); b.spent > MaxSteps {
		b.spent = MaxSteps + 1
		return ErrBudget
	}
	return nil
}

// What a value costs to go through: so many times its elements or texts, or everything
// within it, or each of its elements against each other.
const (
	whole = -1
	pairs = -2
)

// spendOnValue is the function $spend of prepared expressions: it pays for a value, and gives
// it back.
func spendOnValue(given ...any) (any, error) {
	budget, value, cost := given[0].(*Budget), given[1], given[2].(int)
	switch n := countSteps(value); cost {
	case whole:
		if n == 0 {
			return value, nil
		}
		return value, budget.spendWhole(reflect.ValueOf(value))
	case pairs:
		if err := budget.spend(min(n, MaxSteps) * min(n, MaxSteps) / 16); err != nil {
			return nil, err
		}
		return value, budget.spendWhole(reflect.ValueOf(value))
	default:
		return value, budget.spend(cost * min(n, MaxSteps))
	}
}

// spendOneStep is the function $step of prepared expressions: it pays for what was evaluated
// for an element of a list, and gives it back.
func spendOneStep(given ...any) (any, error) {
	budget, value, cost := given[0].(*Budget), given[1], given[2].(int)
	return value, budget.spend(cost + countSteps(value))
}

// countSteps is how many steps it takes to go through a value once.
func countSteps(value any) int {
	switch value := value.(type) {
	case nil, bool, int, float64, *Budget:
		return 0
	case string:
		return len(value) / bytesPerStep
	case []any:
		return len(value)
	case map[string]any:
		return len(value)
	}
	switch v := reflect.Indirect(reflect.ValueOf(value)); v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array:
		return v.Len()
	case reflect.String:
		return v.Len() / bytesPerStep
	case reflect.Struct:
		return v.NumField()
	}
	return 0
}

// spendWhole pays for a value and everything within it.
func (b *Budget) spendWhole(v reflect.Value) error {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil
	}
	if v.Kind() == reflect.String {
		return b.spend(1 + v.Len()/bytesPerStep)
	}
	if err := b.spend(1); err != nil || v.Type() == timeType {
		return err
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := b.spendWhole(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if err := b.spendWhole(entries.Value()); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := b.spendWhole(v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}
