//go:build !linux

package doctor

// whyFolderIsTemporary is for containers, which are Linux.
func whyFolderIsTemporary(string) string { return "" }
