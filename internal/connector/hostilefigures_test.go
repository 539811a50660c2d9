package connector_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"fftconnect/internal/testform"
)

var update = flag.Bool("update", false, "write the figures of attacks into docs/operations.md anew")

const (
	docsFile   = "../../docs/operations.md"
	figuresEnd = "<!-- end of attacks -->\n"
	figuresAre = "<!-- attacks: written by go test ./internal/connector -run TestAttacks -update -->\n"
)

// figures count one kind of attack.
type figures struct {
	what     string
	tried    int
	accepted int // let in, as they may be
	keptOut  int
	through  []string // what must not have happened
	crashed  int
}

// count sorts an answer: who may come in must, who may not must not.
func (f *figures) count(name string, may bool, got answer) {
	f.tried++
	let := got.err == nil && got.status == 200
	switch {
	case got.err != nil || got.status == 500:
		f.crashed++
		f.through = append(f.through, fmt.Sprintf("%s: answered %d, %v", name, got.status, got.err))
	case let && may:
		f.accepted++
	case let:
		f.through = append(f.through, name+": let in")
	case may:
		f.through = append(f.through, fmt.Sprintf("%s: the genuine is answered %d", name, got.status))
	default:
		f.keptOut++
	}
}

func (f *figures) row() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d |\n", f.what, f.tried, f.accepted, f.keptOut, len(f.through), f.crashed)
}

// TestAttacks attacks a whole connector in fake time, as who means harm would: with tokens,
// bodies, envelopes and ids that are not right, with floods, and slowly. It counts what was let in
// because it may be and what was kept out, and holds docs/operations.md to the figures. Nothing may
// get through, and nothing may crash.
func TestAttacks(t *testing.T) {
	table := "| attack | tried | accepted | kept out | got through | crashed |\n| --- | --- | --- | --- | --- | --- |\n"
	for _, attack := range []struct {
		name string
		make func(*testing.T) *figures
		one  bool // request after request
	}{
		{"tokens", tokens, true}, {"bodies", bodies, true}, {"envelopes", envelopes, true}, {"ids", ids, true}, {"floods", floods, false}, {"slow callers", slowCallers, false},
	} {
		t.Run(attack.name, func(t *testing.T) {
			if attack.one {
				testform.NotInRace(t)
			}
			f := attack.make(t)
			table += f.row()
			for i, what := range f.through {
				if i == 20 {
					t.Errorf("and %d more", len(f.through)-i)
					break
				}
				t.Error(what)
			}
			if f.crashed > 0 {
				t.Errorf("%d crashes", f.crashed)
			}
		})
	}
	t.Log("\n" + table)
	if testform.Race {
		return // not all attacks were made
	}
	text, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), figuresAre)
	documented, after, ok2 := strings.Cut(rest, figuresEnd)
	switch {
	case !ok || !ok2:
		t.Fatalf("%s has no place for the figures", docsFile)
	case *update:
		if err := os.WriteFile(docsFile, []byte(before+figuresAre+table+figuresEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case !t.Failed() && !alike(documented, table):
		t.Errorf("%s has other figures: go test ./internal/connector -run TestAttacks -update", docsFile)
	}
}

// alike reports tables of the same words whose numbers are about the same: what is tried
// follows from what the simulated platforms send, and grows with it.
func alike(a, b string) bool {
	numbers := regexp.MustCompile(`[0-9]+`)
	if numbers.ReplaceAllString(a, "") != numbers.ReplaceAllString(b, "") {
		return false
	}
	others := numbers.FindAllString(b, -1)
	for i, text := range numbers.FindAllString(a, -1) {
		x, _ := strconv.Atoi(text)
		y, _ := strconv.Atoi(others[i])
		if (x == 0) != (y == 0) || 2*max(x, y) > 3*min(x, y)+20 {
			return false
		}
	}
	return true
}
