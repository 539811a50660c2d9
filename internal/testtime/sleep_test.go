package testtime_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNobodySleepsInRealTime looks at every test of the module: a call of time.Sleep has
// to be inside of a bubble, or in a function whose comment says "in fake time".
func TestNobodySleepsInRealTime(t *testing.T) {
	t.Parallel()
	tests, n := map[string][]*ast.File{}, 0 // by folder
	positions := token.NewFileSet()
	for _, dir := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join("..", "..", dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(positions, path, nil, parser.ParseComments)
			tests[filepath.Dir(path)] = append(tests[filepath.Dir(path)], file)
			n++
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, files := range tests {
		for _, at := range realSleeps(files...) {
			t.Errorf("%s: time.Sleep in real time: write the test inside of testtime.Fake, or wait with testtime.Until", positions.Position(at))
		}
	}
	if n < 50 {
		t.Errorf("only %d files were looked at", n)
	}
}

func TestASleepIsSeen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want int
	}{
		"in real time":         {"func TestA(t *testing.T) { time.Sleep(1) }", 1},
		"in a loop's head":     {"func wait() { for ; ; time.Sleep(1) {} }", 1},
		"in a bubble":          {"func TestA(t *testing.T) { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }", 0},
		"in ours":              {"func TestA(t *testing.T) { testtime.Fake(t, func(t *testing.T) { go func() { time.Sleep(1) }() }) }", 0},
		"in a package's own":   {"func inFakeTime(t *testing.T, test func()) { testtime.Fake(t, test) }\nfunc TestA(t *testing.T) { inFakeTime(t, func(t *testing.T) { time.Sleep(1) }) }", 0},
		"in what that became":  {"func each(t *testing.T, test func()) { inFakeTime(t, test) }\nfunc inFakeTime(t *testing.T, test func()) { testtime.Fake(t, test) }\nfunc TestA(t *testing.T) { each(t, func(t *testing.T) { time.Sleep(1) }) }", 0},
		"where the text tells": {"// slow takes a second, in fake time.\nfunc slow() { time.Sleep(1) }", 0},
		"beside a bubble":      {"func TestA(t *testing.T) { synctest.Test(t, func(t *testing.T) {}); time.Sleep(1) }", 1},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x_test.go", "package x\nimport \"time\"\n"+test.body, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := realSleeps(file); len(got) != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// realSleeps are the places of a package's tests that sleep in real time.
func realSleeps(files ...*ast.File) (found []token.Pos) {
	opens := bubbles(files)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return !strings.Contains(n.Doc.Text(), "in fake time")
			case *ast.CallExpr:
				name := nameOf(n.Fun)
				if name == "time.Sleep" {
					found = append(found, n.Pos())
				}
				return !opens[name]
			}
			return true
		})
	}
	return found
}

// bubbles are the functions that run what they are given in a bubble: those two, and
// what a package makes of them, and of that.
func bubbles(files []*ast.File) map[string]bool {
	opens := map[string]bool{"synctest.Test": true, "testtime.Fake": true, "testtime.FakeInTurn": true}
	for found := 0; found < len(opens); {
		found = len(opens)
		for _, file := range files {
			for _, declared := range file.Decls {
				function, ok := declared.(*ast.FuncDecl)
				if !ok || !takesFunction(function) {
					continue
				}
				ast.Inspect(function, func(n ast.Node) bool {
					if call, ok := n.(*ast.CallExpr); ok && opens[nameOf(call.Fun)] {
						opens[function.Name.Name] = true
					}
					return true
				})
			}
		}
	}
	return opens
}

func takesFunction(function *ast.FuncDecl) bool {
	return slices.ContainsFunc(function.Type.Params.List, func(parameter *ast.Field) bool {
		_, ok := parameter.Type.(*ast.FuncType)
		return ok
	})
}

// nameOf is a called function as it is written.
func nameOf(called ast.Expr) string {
	switch called := called.(type) {
	case *ast.Ident:
		return called.Name
	case *ast.SelectorExpr:
		if pkg, ok := called.X.(*ast.Ident); ok {
			return pkg.Name + "." + called.Sel.Name
		}
	}
	return ""
}
