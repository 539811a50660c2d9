package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret prints as dots, wherever it ends up. Reveal gives the real value.
type Secret string

const dots = "••••"

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return dots
}

// Format hides the secret from every verb of package fmt.
func (s Secret) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, s.String()) }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
