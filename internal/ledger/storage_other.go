//go:build !linux

package ledger

// fleetingFolder is for containers, which are Linux.
func fleetingFolder(string) string { return "" }
