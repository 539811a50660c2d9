//go:build !linux

package main

func unmapUnused() (bytes uint64) { return 0 }
