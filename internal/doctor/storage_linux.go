package doctor

import "syscall"

// Kinds of file systems, as statfs(2) lists them.
const (
	overlay = 0x794c7630
	aufs    = 0x61756673
	tmpfs   = 0x01021994
	ramfs   = 0x858458f6
)

func whyFolderIsTemporary(folder string) string {
	var found syscall.Statfs_t
	if err := syscall.Statfs(folder, &found); err != nil {
		return ""
	}
	return TemporaryFilesystem(int64(found.Type))
}

// TemporaryFilesystem says why a file system of this type, as statfs(2) tells it, does not last; "" when it lasts.
func TemporaryFilesystem(kind int64) string {
	switch kind & 0xffffffff { // it is signed on some architectures
	case overlay, aufs:
		return "it lies in the container itself, and ends with it"
	case tmpfs, ramfs:
		return "it lies on a disk in memory, and ends with the machine"
	}
	return ""
}
