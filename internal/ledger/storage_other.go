//go:build !linux

package ledger

// whyFolderIsTemporary is for containers, which are Linux.
func whyFolderIsTemporary(string) string { return "" }
