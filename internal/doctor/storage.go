package doctor

import (
	"os"
	"path/filepath"
	"strings"
)

// FleetingHint says what to do about it.
const FleetingHint = "mount a volume and let DATABASE_URL name a file on it, or use PostgreSQL; with DATABASE_URL=none messages stay with their senders"

// WhyTemporary says why what is stored at url ends with the machine or the container: it is kept in memory,
// or in a container's own layer. It is empty when nothing speaks against it, as far as the
// operating system tells.
func WhyTemporary(url string) string {
	file, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return ""
	}
	if file == ":memory:" {
		return "it is kept in memory only"
	}
	folder := filepath.Dir(file)
	for { // the nearest folder that is there
		if _, err := os.Stat(folder); err == nil || filepath.Dir(folder) == folder {
			break
		}
		folder = filepath.Dir(folder)
	}
	return whyFolderIsTemporary(folder)
}
