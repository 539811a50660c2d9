package remote

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Health knows which operations are blocked: their credentials, scopes or
// permissions are wrong. An operation that works again is forgotten, and with it the
// others of its platform that lacked nothing but credentials. One that is not allowed and
// was not met again for an hour is forgotten too: whatever waits for it tries it more often,
// and a rare one would be shown as blocked for weeks after somebody allowed it. The nil
// Health knows nothing.
type Health struct {
	mu      sync.Mutex
	blocked map[string]Blockage
}

// Blockage is an operation that a platform does not let us do.
type Blockage struct {
	Platform  string    `json:"platform"`
	Operation string    `json:"operation"`
	Since     time.Time `json:"since"`
	Message   string    `json:"message"`
	Hint      string    `json:"advice,omitempty"`
	met       time.Time // latest
	// locked: the credentials are refused, not just this operation.
	locked bool
}

func (h *Health) note(platform string, op Operation, failed *Error) {
	if h == nil || failed != nil && failed.Kind != Blocked {
		return
	}
	key := platform + " " + op.Name
	h.mu.Lock()
	defer h.mu.Unlock()
	if failed == nil {
		maps.DeleteFunc(h.blocked, func(other string, b Blockage) bool {
			return other == key || b.Platform == platform && b.locked
		})
		return
	}
	if before, known := h.blocked[key]; known && !before.hasPassed() {
		before.met = time.Now()
		h.blocked[key] = before
		return
	}
	if h.blocked == nil {
		h.blocked = map[string]Blockage{}
	}
	h.blocked[key] = Blockage{
		Platform: platform, Operation: op.Name, Since: time.Now(), met: time.Now(), Message: failed.Error(), Hint: failed.Hint,
		locked: failed.Status != http.StatusForbidden,
	}
}

// blockageLasts is longer than what waits for a permission waits between two tries.
const blockageLasts = time.Hour

// hasPassed reports a blockage that nobody meets any longer.
func (b Blockage) hasPassed() bool { return !b.locked && time.Since(b.met) >= blockageLasts }

// Blocked lists what is blocked, longest first.
func (h *Health) Blocked() []Blockage {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	blocked := make([]Blockage, 0, len(h.blocked))
	for _, b := range h.blocked {
		if !b.hasPassed() {
			blocked = append(blocked, b)
		}
	}
	slices.SortFunc(blocked, func(a, b Blockage) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Platform+a.Operation, b.Platform+b.Operation))
	})
	return blocked
}
