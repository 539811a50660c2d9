package config

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// ParseDuration reads a duration as Go writes it, and with d for days of 24 hours and w for
// weeks before the smaller units: 90s, 1d, 2w, 1d12h.
func ParseDuration(text string) (time.Duration, error) {
	var sum time.Duration
	rest := text
	for _, unit := range []struct {
		name byte
		span time.Duration
	}{{'w', 7 * 24 * time.Hour}, {'d', 24 * time.Hour}} {
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits == len(rest) || rest[digits] != unit.name {
			continue
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil || n > (math.MaxInt64-int64(sum))/int64(unit.span) {
			return 0, fmt.Errorf("%q is too long a duration", text)
		}
		sum, rest = sum+time.Duration(n)*unit.span, rest[digits+1:]
		if rest == "" {
			return sum, nil
		}
	}
	smaller, err := time.ParseDuration(rest)
	if err != nil || sum > 0 && (smaller < 0 || smaller > math.MaxInt64-sum) {
		return 0, fmt.Errorf("%q is no duration, such as 90s, 2h, 1d or 2w", text)
	}
	return sum + smaller, nil
}
