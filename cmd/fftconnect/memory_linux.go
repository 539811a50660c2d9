package main

import (
	"bufio"
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// programWindow is how much of the program's file is mapped at once where a page of it is
// looked at. By itself the kernel maps 64 KiB, most of which is never looked at.
const programWindow = 4 << 10

// programPart is memory that holds a part of the program's file.
type programPart struct {
	from, to uintptr
	resident uint64 // bytes
}

// unmapUnused has the kernel forget which parts of the program's file this process has
// looked at, and gives how many bytes these were. Starting touches a part of nearly every
// package; serving needs about a third of that, which is mapped again, from memory, at its
// first use.
func unmapUnused(parts []programPart) (bytes uint64) {
	for _, part := range parts {
		if advise(part.from, part.to, unix.MADV_DONTNEED) {
			bytes += part.resident
		}
	}
	return bytes
}

// mapSparingly has the kernel map little of what lies around what is looked at. It maps no
// further than memory goes that is treated alike, so every other window is left out of core
// dumps, which do not hold the program's file anyway.
func mapSparingly(parts []programPart) {
	for _, part := range parts {
		for at := (part.from + programWindow - 1) &^ (programWindow - 1); at+programWindow <= part.to; at += 2 * programWindow {
			if !advise(at, at+programWindow, unix.MADV_DONTDUMP) {
				return // there are no more mappings to be had
			}
		}
	}
}

func advise(from, to uintptr, advice uintptr) bool {
	_, _, failed := unix.Syscall(unix.SYS_MADVISE, from, to-from, advice)
	return failed == 0
}

// programParts are those parts that nobody has changed: what they hold is in the file.
func programParts() (parts []programPart) {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil
	}
	defer file.Close()
	var part programPart // that is being described; empty: it is none
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, value, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		value, _, _ = bytes.Cut(bytes.TrimLeft(value, " "), []byte(" "))
		switch {
		case bytes.IndexByte(name, '-') > 0: // its first line: addresses and permissions
			part = programPart{}
			if bytes.HasSuffix(lines.Bytes(), []byte(" "+program)) && bytes.IndexByte(value, 'w') < 0 {
				from, to, _ := bytes.Cut(name, []byte("-"))
				part.from, part.to = parseAddress(from), parseAddress(to)
			}
		case string(name) == "Rss:":
			kib, _ := strconv.ParseUint(string(value), 10, 64)
			part.resident = kib << 10
		case string(name) == "Anonymous:" && string(value) != "0":
			part = programPart{} // it was changed, and is nowhere else
		case string(name) == "VmFlags:" && part.from < part.to: // its last line
			parts = append(parts, part)
		}
	}
	return parts
}

func parseAddress(hex []byte) uintptr {
	address, _ := strconv.ParseUint(string(hex), 16, 64)
	return uintptr(address)
}
