package ledger

import (
	"encoding/json"
	"time"

	"fftconnect/internal/outcome"
)

// JournalRow is what is kept of one handled message.
type JournalRow struct {
	At         time.Time     `json:"at"`
	Flow       outcome.Flow  `json:"flow"`
	Type       string        `json:"type"`
	Order      string        `json:"order,omitempty"`
	Number     string        `json:"order_number,omitempty"` // of the order, as a reader finds it; not kept here
	EventID    string        `json:"event_id,omitempty"`
	Outcome    outcome.Kind  `json:"outcome"`
	Reason     string        `json:"reason,omitempty"`
	Attempt    int           `json:"attempt"`
	Duration   time.Duration `json:"-"` // duration_ms
	Calls      int           `json:"calls"`
	ProjectKey string        `json:"project_key,omitempty"`
	// Correlation is the id that each platform gave the latest call.
	Correlation string `json:"correlation,omitempty"`

	Names []outcome.Name `json:"-"` // for finding the order; not kept here
	Sent  string         `json:"-"` // fingerprint for the open order's row; not kept here
}

// MarshalJSON writes the duration in milliseconds.
func (row JournalRow) MarshalJSON() ([]byte, error) {
	type plain JournalRow
	return json.Marshal(struct {
		plain
		DurationMS float64 `json:"duration_ms"`
	}{plain(row), float64(row.Duration.Microseconds()) / 1000})
}

// HourCount is how many messages ended one way in one hour.
type HourCount struct {
	Hour    time.Time
	Flow    outcome.Flow
	Outcome outcome.Kind
	Count   int
}
