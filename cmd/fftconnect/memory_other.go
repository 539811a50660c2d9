//go:build !linux

package main

type programPart struct{}

func programParts() []programPart { return nil }

func unmapUnused([]programPart) (bytes uint64) { return 0 }

func mapSparingly([]programPart) {}
