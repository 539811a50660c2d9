package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// said runs the program in this process and gives what it printed.
func said(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(args, &out, &errs, func(string) (string, bool) { return "", false }); code != exitDone {
		t.Fatalf("%v ended with %d: %s", args, code, errs.String())
	}
	return out.String()
}

func TestProposals(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"ev":                               "events",
		"events ":                          "list show retry discard",
		"events list --st":                 "--state",
		"events list --state ":             "deferred dead any",
		"events list --state d":            "deferred dead",
		"events list --state=de":           "--state=deferred --state=dead",
		"events list --state = de":         "deferred dead", // as bash takes it apart
		"events list --order x --flow fee": "feedback",
		"--env-file connector.env doc":     "doctor",
		"--env-file ":                      "",
		"completion ":                      "bash zsh fish",
		"completion bash ":                 "",
		"store restore ":                   "",
		"comp":                             "completion",
		"--ver":                            "--version",
		"nonsense ":                        "",
	} {
		args := append([]string{"complete", "--"}, strings.Split(typed, " ")...)
		var words []string
		for line := range strings.Lines(said(t, args...)) {
			word, meaning, _ := strings.Cut(strings.TrimSpace(line), "\t")
			if meaning == "" {
				t.Errorf("%q: %s has no meaning", typed, word)
			}
			words = append(words, word)
		}
		if got := strings.Join(words, " "); typed != "nonsense " && got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		} else if typed == "nonsense " && !slices.Contains(words, "serve") {
			t.Errorf("%q: %s", typed, got)
		}
	}
}

// asked are what each shell does with the script; it prints what would be proposed.
var asked = map[string]string{
	"bash": `source ./script; COMP_WORDS=(fftconnect events list --state d); COMP_CWORD=4; _fftconnect; printf '%s\n' "${COMPREPLY[@]}"`,
	"fish": `source ./script; complete -C 'fftconnect events list --state d'`,
	"zsh":  `compdef() { :; }; _describe() { print -l $proposals; }; source ./script; words=(fftconnect events list --state d); CURRENT=5; _fftconnect`,
}

func TestEachShellCompletes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test's program is fftconnect when it is called by that name.
	if err := os.Symlink(this, filepath.Join(folder, "fftconnect")); err != nil {
		t.Fatal(err)
	}
	for shell, ask := range asked {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skip(shell + " is not installed")
			}
			there := t.TempDir()
			if err := os.WriteFile(filepath.Join(there, "script"), []byte(said(t, "completion", shell)), 0o600); err != nil {
				t.Fatal(err)
			}
			asking := exec.CommandContext(t.Context(), shell, "-c", ask)
			asking.Dir, asking.Env = there, append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "HOME="+there)
			got, err := asking.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, got)
			}
			for _, word := range []string{"deferred", "dead"} {
				if !strings.Contains(string(got), word) {
					t.Errorf("it proposes %q", got)
				}
			}
			if strings.Contains(string(got), "any") {
				t.Errorf("it proposes what does not begin so: %q", got)
			}
		})
	}
}

func TestTheManualHasEveryCommandAndSetting(t *testing.T) {
	t.Parallel()
	manual := said(t, "man")
	for _, want := range []string{
		`.SS "fftconnect serve"`, `.SS "fftconnect events retry`, `.SS "fftconnect store backup <file>"`, `\-\-env\-file`,
		".B DATABASE_URL", ".SH EXIT STATUS", "one of: deferred",
	} {
		if !strings.Contains(strings.ToLower(manual), strings.ToLower(want)) {
			t.Errorf("it lacks %s", want)
		}
	}
	if strings.Contains(manual, "fftconnect complete") {
		t.Error("it shows what is hidden")
	}
	if _, err := exec.LookPath("groff"); err != nil {
		t.Skip("groff is not installed")
	}
	format := exec.CommandContext(t.Context(), "groff", "-man", "-Tutf8", "-ww", "-z")
	format.Stdin = strings.NewReader(manual)
	if warnings, err := format.CombinedOutput(); err != nil || len(warnings) > 0 {
		t.Errorf("%v\n%s", err, warnings)
	}
}
