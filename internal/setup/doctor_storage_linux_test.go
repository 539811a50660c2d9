package setup_test

import (
	"os"
	"syscall"
	"testing"

	"fftconnect/internal/doctor"
)

func TestStoresThatDoNotLast(t *testing.T) {
	t.Parallel()
	const tmpfs = 0x01021994
	for kind, fleeting := range map[int64]bool{
		0x794c7630: true /* overlay */, 0x61756673: true /* aufs */, tmpfs: true,
		0x858458f6: true /* ramfs */, 0x858458f6 - 1<<32: true, // as a signed 32-bit number
		0xef53: false /* ext4 */, 0x58465342: false /* xfs */, 0x6969: false, /* nfs */
	} {
		if got := doctor.TemporaryFilesystem(kind) != ""; got != fleeting {
			t.Errorf("%#x: %v", kind, got)
		}
	}
	for url, fleeting := range map[string]bool{"sqlite::memory:": true, "postgres://db/x": false, "none": false} {
		if got := doctor.WhyTemporary(url) != ""; got != fleeting {
			t.Errorf("%s: %v", url, got)
		}
	}
	var memory syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &memory); err != nil || int64(memory.Type) != tmpfs {
		t.Skip("/dev/shm is no disk in memory here")
	}
	if doctor.WhyTemporary("sqlite:/dev/shm/not/there/yet.db") == "" {
		t.Error("a folder that is made later, on a disk in memory, counts as lasting")
	}
	if _, err := os.Stat("/dev/shm/not"); err == nil {
		t.Error("looking made a folder")
	}
}
