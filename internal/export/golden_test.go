package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/testform"
)

var update = flag.Bool("update", false, "write what the golden orders become anew")

// golden is an order of the golden catalogue: a folder with order.json as
// commercetools gives it, the shop's configuration (shop.yaml or shop.json) and
// surroundings.json where there are any, and what is expected of it: fft.json with
// notes.txt, or problems.txt.
type golden struct {
	dir          string
	text         []byte
	order        commercetools.Order
	shop         config.Shop
	surroundings export.Surroundings
}

func (g golden) name() string { return filepath.Base(g.dir) }

var goldens = sync.OnceValues(func() ([]golden, error) {
	files, err := filepath.Glob("testdata/golden/*/order.json")
	if err != nil {
		return nil, err
	}
	all := make([]golden, len(files))
	for i, file := range files {
		if all[i], err = readGolden(filepath.Dir(file)); err != nil {
			return nil, err
		}
	}
	return all, nil
})

func readGolden(dir string) (g golden, err error) {
	g.dir = dir
	if g.text, err = os.ReadFile(filepath.Join(dir, "order.json")); err != nil {
		return g, err
	}
	if g.order, err = commercetools.DecodeOrder(g.text); err != nil {
		return g, err
	}
	shops, err := filepath.Glob(filepath.Join(dir, "shop.*"))
	if err != nil {
		return g, err
	}
	for _, file := range shops {
		if g.shop, err = config.ReadShop(file); err != nil {
			return g, err
		}
	}
	g.surroundings.ProjectKey = "golden-shop"
	text, err := os.ReadFile(filepath.Join(dir, "surroundings.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return g, nil
	}
	if err != nil {
		return g, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return g, decoder.Decode(&g.surroundings)
}

// products are the files with what an order becomes, by name.
type products map[string][]byte

func (g golden) products() (products, error) {
	mapped, notes, err := export.Map(g.order, g.shop, g.surroundings)
	var unmappable *export.Unmappable
	if errors.As(err, &unmappable) {
		return products{"problems.txt": []byte(strings.Join(unmappable.Problems, "\n") + "\n")}, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := readable(mapped)
	if err != nil {
		return nil, err
	}
	made := products{"fft.json": text}
	if len(notes) > 0 {
		made["notes.txt"] = []byte(strings.Join(notes, "\n") + "\n")
	}
	return made, nil
}

// productFiles are all that an order may become.
var productFiles = []string{"fft.json", "notes.txt", "problems.txt"}

func (g golden) write(made products) error {
	for _, name := range productFiles {
		file := filepath.Join(g.dir, name)
		if text, ok := made[name]; ok {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				return err
			}
		} else if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func TestGoldenOrders(t *testing.T) {
	t.Parallel()
	for _, g := range catalogued(t) {
		t.Run(g.name(), func(t *testing.T) {
			t.Parallel()
			made, err := g.products()
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := g.write(made); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range productFiles {
				want, err := os.ReadFile(filepath.Join(g.dir, name))
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(made[name])); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func TestNotesOfGoldenOrdersNameNobody(t *testing.T) {
	t.Parallel()
	for _, g := range catalogued(t) {
		var order object
		if err := json.Unmarshal(g.text, &order); err != nil {
			t.Fatal(err)
		}
		_, notes, err := export.Map(g.order, g.shop, g.surroundings)
		said := fmt.Sprint(notes, err)
		for _, name := range personal(order) {
			if strings.Contains(said, name) {
				t.Errorf("%s: %q names %q", g.name(), said, name)
			}
		}
	}
}

func TestGoldenConfigurationsAreWithoutWarnings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/golden/*/shop.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		report := config.CheckShopFile(file)
		for _, problem := range append(report.Problems, report.Warnings...) {
			t.Error(problem.In(file))
		}
	}
}

// catalogued is the whole golden catalogue.
func catalogued(t *testing.T) []golden {
	t.Helper()
	all, err := goldens()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("the catalogue has %d orders, want 100 or more", len(all))
	}
	return all
}

// readable is the value's JSON with whatever fits on one line.
func readable(value any) ([]byte, error) {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(folded(text), '\n'), nil
}

// folded puts every object and list that is short on one line.
func folded(text []byte) []byte {
	const width = 110
	lines := bytes.Split(text, []byte("\n"))
	var out [][]byte
	for i := 0; i < len(lines); i++ {
		if end := closing(lines, i); end > i {
			if one := joinedLine(lines[i : end+1]); len([]rune(string(one))) <= width {
				out, i = append(out, one), end
				continue
			}
		}
		out = append(out, lines[i])
	}
	return bytes.Join(out, []byte("\n"))
}

// closing is the line that closes what line i opens; i itself when it opens nothing.
func closing(lines [][]byte, i int) int {
	line := lines[i]
	if !bytes.HasSuffix(line, []byte("{")) && !bytes.HasSuffix(line, []byte("[")) {
		return i
	}
	depth := indent(line)
	for j := i + 1; j < len(lines); j++ {
		if indent(lines[j]) == depth {
			return j
		}
	}
	return i
}

func indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

func joinedLine(lines [][]byte) []byte {
	one := bytes.Clone(lines[0])
	for _, line := range lines[1:] {
		if bytes.HasSuffix(one, []byte(",")) {
			one = append(one, ' ')
		}
		one = append(one, bytes.TrimLeft(line, " ")...)
	}
	return one
}

func TestGoldenOrdersAreWhatBothPlatformsSpeak(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	validator, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range catalogued(t) {
		if validator != nil {
			if err := validator.Schema(contract.Commercetools, "Order", g.text); err != nil {
				t.Errorf("%s: commercetools would not give this order: %v", g.name(), err)
			}
		}
		text, err := os.ReadFile(filepath.Join(g.dir, "fft.json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var order fulfillmenttools.OrderForCreation
		if err == nil {
			err = json.Unmarshal(text, &order)
		}
		if err != nil {
			t.Errorf("%s: %v", g.name(), err)
			continue
		}
		if found := breaches(order); len(found) > 0 {
			t.Errorf("%s: fulfillmenttools would refuse this order: %v", g.name(), found)
		}
	}
}
