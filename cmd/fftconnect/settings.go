package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"fftconnect/internal/config"
)

// loadEnvironment loads and checks the settings.
func (p program) loadEnvironment(needs config.Need) (config.Environment, error) {
	return config.Load(p.lookup, needs)
}

// warnOfUnknownVariables names what looks like a setting and is none.
func warnOfUnknownVariables(to io.Writer, where string, names []string, file bool) {
	for _, problem := range config.UnknownVariables(names, file) {
		fmt.Fprintf(to, "fftconnect: warning: %s: %s\n", where, problem)
	}
}

// variableNames are the names of NAME=VALUE lines.
func variableNames(environ []string) []string {
	var names []string
	for _, line := range environ {
		name, _, _ := strings.Cut(line, "=")
		names = append(names, name)
	}
	return names
}

// withEnvFile adds the settings in a file to those of the environment.
func withEnvFile(path string, lookup func(string) (string, bool), errs io.Writer) (func(string) (string, bool), error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("settings file: %w", err)
	}
	defer file.Close()
	settings := map[string]string{}
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimPrefix(strings.TrimSpace(lines.Text()), "export ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("settings file %s, line %d: not NAME=VALUE", path, n)
		}
		settings[strings.TrimSpace(name)] = unquote(strings.TrimSpace(value))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("settings file: %w", err)
	}
	warnOfUnknownVariables(errs, path, slices.Collect(maps.Keys(settings)), true)
	return func(name string) (string, bool) {
		if value, ok := lookup(name); ok && value != "" {
			return value, true
		}
		value, ok := settings[name]
		return value, ok
	}, nil
}

func unquote(value string) string {
	for _, quote := range []string{`"`, `'`} {
		if len(value) >= 2 && strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote) {
			return value[1 : len(value)-1]
		}
	}
	return value
}

// newLogger writes log lines as the settings say.
func (p program) newLogger(env config.Environment) *slog.Logger {
	options := &slog.HandlerOptions{Level: logLevel(env)}
	if env.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(p.errs, options))
	}
	return slog.New(slog.NewJSONHandler(p.errs, options))
}

// logLevel is the least severe that is written.
func logLevel(env config.Environment) (level slog.Level) {
	if err := level.UnmarshalText([]byte(env.LogLevel)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// printJSON is for output that machines read.
func (p program) printJSON(value any) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
