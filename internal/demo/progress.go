package demo

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// screen writes what people see: a table that is redrawn on a terminal, plain lines
// elsewhere, nothing but the summary with JSON.
type screen struct {
	out      io.Writer
	terminal bool
	quiet    bool
	every    time.Duration
	drawn    int // lines of the table on the terminal
	shown    [stages]int
	began    time.Time
}

func newScreen(opts Options) *screen {
	s := &screen{out: opts.Out, terminal: opts.Terminal && !opts.JSON, quiet: opts.JSON, every: 100 * time.Millisecond, began: time.Now()}
	if !s.terminal {
		s.every = time.Second
	}
	return s
}

func (s *screen) say(format string, args ...any) {
	if !s.quiet {
		fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// progress shows how many orders have reached each stage.
func (s *screen) progress(t *tracker, total int) {
	if s.quiet {
		return
	}
	counts := t.counts()
	if !s.terminal {
		if counts != s.shown {
			s.say("%6.1fs  placed %d/%d, created %d, assigned %d, picked %d, ready %d, partial %d, shipped %d, delivered %d, cancelled %d, attention %d",
				time.Since(s.began).Seconds(), counts[placed], total, counts[exported], counts[assigned], counts[picked],
				counts[ready], counts[partly], counts[shipped], counts[delivered], counts[cancelled], counts[stopped])
			s.shown = counts
		}
		return
	}
	s.erase()
	var text strings.Builder
	for i, name := range stageNames {
		fmt.Fprintf(&text, "  %-28s %s %5d\n", name, bar(counts[i], total), counts[i])
	}
	fmt.Fprintf(&text, "  %s, %.0f s\n", plural(total, "order"), time.Since(s.began).Seconds())
	s.drawn = strings.Count(text.String(), "\n")
	_, _ = io.WriteString(s.out, text.String())
}

// erase takes the table off the terminal.
func (s *screen) erase() {
	if s.drawn > 0 {
		fmt.Fprintf(s.out, "\x1b[%dA\x1b[J", s.drawn)
		s.drawn = 0
	}
}

const barWidth = 30

func bar(n, total int) string {
	filled := 0
	if total > 0 {
		filled = min(barWidth, (n*barWidth+total-1)/total)
	}
	return strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled)
}
