package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeSBOM lists what the program consists of, with licences, as CycloneDX. Serial number and time
// are left out, so that it is the same each time.
func (r release) writeSBOM(to string) error {
	// The tool is for this machine, what it looks at for the one that the program runs on.
	tool, err := command(filepath.Join(r.root, "deploy", "tools"), []string{"GOFLAGS="}, "go", "tool", "-n", "cyclonedx-gomod")
	if err != nil {
		return err
	}
	sources, err := r.tagged()
	if err != nil {
		return fmt.Errorf("copy the sources: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	_, err = command(sources, []string{"GOFLAGS=", "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0"}, strings.TrimSpace(string(tool)),
		"app", "-json", "-licenses", "-std", "-noserial", "-notimestamp", "-main", "cmd/fftconnect", "-output", to, sources)
	if err != nil {
		return err
	}
	return withoutToolHashes(to)
}

// withoutToolHashes takes out the digests of the tool that made the list: they are those of one machine.
func withoutToolHashes(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var bom struct {
		Metadata struct{ Tools []map[string]any }
	}
	var whole map[string]any
	if err := errors.Join(json.Unmarshal(data, &bom), json.Unmarshal(data, &whole)); err != nil {
		return err
	}
	for _, tool := range bom.Metadata.Tools {
		delete(tool, "hashes")
	}
	whole["metadata"].(map[string]any)["tools"] = bom.Metadata.Tools
	if data, err = json.MarshalIndent(whole, "", "  "); err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// tagged is a copy of the sources in a repository of its own, with this version as its tag: from
// there the tool takes the version, and a work tree, or sources without a history, it refuses.
func (r release) tagged() (string, error) {
	copied := filepath.Join(r.work, "sources")
	if _, err := os.Stat(copied); err == nil {
		return copied, nil
	}
	for _, folder := range []string{"cmd", "internal"} {
		if err := os.CopyFS(filepath.Join(copied, folder), os.DirFS(filepath.Join(r.root, folder))); err != nil {
			return "", err
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "LICENSE"} {
		data, err := os.ReadFile(filepath.Join(r.root, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(copied, name), data, 0o644)
		}
		if err != nil {
			return "", err
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "--all", "--force"},
		{"-c", "user.name=fftconnect", "-c", "user.email=fftconnect@localhost", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", r.version},
		{"tag", "v" + r.version},
	} {
		if _, err := command(copied, nil, "git", args...); err != nil {
			return "", err
		}
	}
	return copied, nil
}
