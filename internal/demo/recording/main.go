// Command recording plays the demo into a terminal of its own and writes what it shows as an
// animated SVG: docs/images/demo.svg, by make recording.
package main

import (
	"context"
	"fmt"
	"html"
	"os"
	"strings"
	"sync"
	"time"

	"fftconnect/internal/demo"
)

const (
	columns   = 92
	rows      = 34
	charWidth = 84 // tenths
	lineHigh  = 18
	// frameEvery is how often the terminal is looked at.
	frameEvery = 250 * time.Millisecond
	// endShown is how long the last picture stays before it begins again.
	endShown = 8 * time.Second
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name the file to write")
	}
	terminal := &terminal{lines: []string{"$ fftconnect demo --orders 60"}}
	terminal.row = 1
	var frames []frame
	began, done := time.Now(), make(chan error, 1)
	go func() {
		done <- demo.Run(context.Background(), demo.Options{Orders: 60, Rate: 20, Seed: 1, Out: terminal, Terminal: true, Version: "demo"})
	}()
	look := time.NewTicker(frameEvery)
	defer look.Stop()
	for ended := false; !ended; {
		select {
		case err := <-done:
			if err != nil {
				return err
			}
			ended = true
		case <-look.C:
		}
		if text := terminal.shown(); len(frames) == 0 || frames[len(frames)-1].text != text {
			frames = append(frames, frame{at: time.Since(began), text: text})
		}
	}
	return os.WriteFile(args[0], []byte(svg(frames)), 0o644)
}

// frame is what the terminal showed from a moment on.
type frame struct {
	at   time.Duration
	text string
}

// terminal understands what the demo writes: text, line ends, "up n lines" and "erase below".
type terminal struct {
	mu    sync.Mutex
	lines []string
	row   int
}

// Write implements io.Writer.
func (t *terminal) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := string(text)
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "\x1b["):
			var n int
			end := strings.IndexAny(rest, "AJ")
			if end < 0 {
				return 0, fmt.Errorf("an escape that is not known: %q", rest[:2])
			}
			if rest[end] == 'A' {
				_, _ = fmt.Sscanf(rest[2:end], "%d", &n)
				t.row = max(0, t.row-n)
			} else {
				t.lines = t.lines[:min(t.row, len(t.lines))]
			}
			rest = rest[end+1:]
		case rest[0] == '\n':
			t.row++
			rest = rest[1:]
		default:
			end := strings.IndexAny(rest, "\n\x1b")
			if end < 0 {
				end = len(rest)
			}
			for len(t.lines) <= t.row {
				t.lines = append(t.lines, "")
			}
			t.lines[t.row] += rest[:end]
			rest = rest[end:]
		}
	}
	return len(text), nil
}

// shown are the last lines, as many as there is room for.
func (t *terminal) shown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := t.lines[max(0, len(t.lines)-rows):]
	cut := make([]string, len(lines))
	for i, line := range lines {
		if runes := []rune(line); len(runes) > columns {
			line = string(runes[:columns-1]) + "…"
		}
		cut[i] = line
	}
	return strings.Join(cut, "\n")
}

// svg shows one frame after the other, again and again, without a script.
func svg(frames []frame) string {
	total := frames[len(frames)-1].at + endShown
	var text strings.Builder
	width, height := columns*charWidth/10+32, rows*lineHigh+32
	fmt.Fprintf(&text, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14">`, width, height)
	fmt.Fprintf(&text, `<title>fftconnect demo in a terminal</title><style>g{visibility:hidden;animation:%.2fs linear infinite}text{white-space:pre;fill:#d7dde6}`, total.Seconds())
	share := func(at time.Duration) float64 { return 100 * at.Seconds() / total.Seconds() }
	for i, f := range frames {
		from, to := share(f.at), 100.0
		if i == 0 {
			from = 0
		}
		if i+1 < len(frames) {
			to = share(frames[i+1].at)
		}
		fmt.Fprintf(&text, `@keyframes f%d{0%%{visibility:hidden}%.3f%%{visibility:visible}%.3f%%{visibility:hidden}100%%{visibility:hidden}}#f%d{animation-name:f%d;animation-timing-function:step-end}`, i, from, to, i, i)
	}
	// Where nothing moves, the end is what is to be seen.
	fmt.Fprintf(&text, `@media(prefers-reduced-motion:reduce){g{animation:none!important}#f%d{visibility:visible}}</style>`, len(frames)-1)
	fmt.Fprintf(&text, `<rect width="%d" height="%d" rx="8" fill="#14171c"/>`, width, height)
	for i, f := range frames {
		fmt.Fprintf(&text, `<g id="f%d">`, i)
		for n, line := range strings.Split(f.text, "\n") {
			if line != "" {
				fmt.Fprintf(&text, `<text x="16" y="%d">%s</text>`, 28+n*lineHigh, html.EscapeString(line))
			}
		}
		text.WriteString("</g>")
	}
	text.WriteString("</svg>\n")
	return text.String()
}
