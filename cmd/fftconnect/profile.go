//go:build profile

package main

import (
	"os"
	"runtime/pprof"
)

// profile writes where serve spends its time to CPU_PROFILE, once end is called. The
// program is compiled with that: make profile.
func profile() (end func()) {
	file, err := os.Create(os.Getenv("CPU_PROFILE"))
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		panic(err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}
}
