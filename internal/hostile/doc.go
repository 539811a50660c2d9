// Package hostile attacks a whole connector in fake time, as who means harm would: with
// tokens, bodies, envelopes and ids that are not right, with floods, and slowly. Each attack
// is counted: what was let in because it may be, what was kept out, and what must never
// happen, that something got through or that something crashed. The figures stand in
// docs/operations.md; go test ./internal/hostile -update writes them anew.
package hostile
