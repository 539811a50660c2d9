package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// unmapUnused has the kernel forget which parts of the program's file this process has
// looked at, and gives how many bytes these were. Starting touches a part of nearly every
// package, and the kernel maps what lies around it too; serving needs about a third of
// that, which is mapped again, from memory, at its first use.
func unmapUnused() (bytes uint64) {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return 0
	}
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return 0
	}
	defer file.Close()
	var from, to uintptr // of the program's mapping that is being described; 0: of none
	var resident uint64  // KiB
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch name := fields[0]; {
		case strings.Contains(name, "-"): // a mapping's first line
			from, to = 0, 0
			if strings.HasSuffix(lines.Text(), " "+program) && !strings.Contains(fields[1], "w") {
				_, _ = fmt.Sscanf(name, "%x-%x", &from, &to)
			}
		case name == "Rss:":
			resident, _ = strconv.ParseUint(fields[1], 10, 64)
		case name == "Anonymous:" && fields[1] != "0": // it was changed, and is nowhere else
			from, to = 0, 0
		case name == "VmFlags:" && from < to: // its last line
			if _, _, failed := unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED); failed == 0 {
				bytes += resident << 10
			}
		}
	}
	return bytes
}
