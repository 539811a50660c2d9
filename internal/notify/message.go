package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Message is what a target gets.
type Message struct {
	Kind       string    `json:"kind"` // report, summary or test
	Deployment string    `json:"deployment"`
	Project    string    `json:"project"` // commercetools'
	SentAt     time.Time `json:"sent_at"`
	Title      string    `json:"title"`
	Console    string    `json:"console,omitempty"`
	New        []Line    `json:"new,omitempty"`
	Again      []Line    `json:"again,omitempty"`
	Resolved   []Line    `json:"resolved,omitempty"`
	Lasting    []Line    `json:"lasting,omitempty"` // of a summary: what is wrong and was told
	Figures    *Figures  `json:"figures,omitempty"`
}

// Line is one condition.
type Line struct {
	Kind       Kind      `json:"kind"`
	Title      string    `json:"title"`
	Advice     string    `json:"advice,omitempty"`
	Count      int       `json:"count,omitempty"`
	Since      time.Time `json:"since"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	Link       string    `json:"link,omitempty"`
	Runbook    string    `json:"runbook"`
}

// Figures are those of a summary.
type Figures struct {
	Since       time.Time    `json:"since"`
	Messages    []FlowFigure `json:"messages"`
	Deferred    int          `json:"deferred_events"`
	DeadLetters int          `json:"dead_letters"`
	Late        int          `json:"late_orders"`
	Open        *int         `json:"open_orders,omitempty"` // missing when nobody counts them
}

// FlowFigure is how many messages ended in a way.
type FlowFigure struct {
	Flow    string `json:"flow"`
	Outcome string `json:"outcome"`
	Count   int    `json:"count"`
}

// Sender is who tells.
type Sender struct {
	Deployment, Project string
	Console             string // address of its first page; empty: not known
}

func (s Sender) report(now time.Time, report Report) Message {
	m := s.message("report", now)
	m.New, m.Again, m.Resolved = s.lines(report.New), s.lines(report.Again), s.lines(report.Over)
	var parts []string
	for _, part := range []struct {
		lines []Line
		word  string
	}{{m.New, "new"}, {m.Again, "still wrong"}, {m.Resolved, "resolved"}} {
		if len(part.lines) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", len(part.lines), part.word))
		}
	}
	m.Title = strings.Join(parts, ", ")
	if all := slices.Concat(m.New, m.Again, m.Resolved); len(all) == 1 {
		m.Title = map[bool]string{true: "resolved: "}[len(m.Resolved) == 1] + all[0].Title
	}
	return m
}

func (s Sender) summary(now time.Time, summary Summary, state State) Message {
	m := s.message("summary", now)
	var told []Open
	for _, open := range state.Open {
		if !open.Told.IsZero() && open.Gone.IsZero() {
			told = append(told, open)
		}
	}
	slices.SortFunc(told, func(a, b Open) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.id(), b.id())) })
	m.Lasting = s.lines(told)
	m.Figures = &Figures{Since: summary.Since, Messages: []FlowFigure{}, Deferred: summary.Waiting, DeadLetters: summary.Dead, Late: summary.Late}
	for _, count := range summary.Messages {
		m.Figures.Messages = append(m.Figures.Messages, FlowFigure(count))
	}
	if summary.Open >= 0 {
		m.Figures.Open = &summary.Open
	}
	m.Title = "daily summary: all is well"
	if len(told) > 0 {
		m.Title = fmt.Sprintf("daily summary: %d wrong", len(told))
	}
	return m
}

func (s Sender) test(now time.Time) Message {
	m := s.message("test", now)
	m.Title = "a test: notifications arrive here"
	return m
}

func (s Sender) message(kind string, now time.Time) Message {
	return Message{Kind: kind, Deployment: s.Deployment, Project: s.Project, SentAt: now.UTC(), Console: s.Console}
}

// RunbookFile is where the runbook is.
const RunbookFile = "docs/operations.md"

func (s Sender) lines(all []Open) (lines []Line) {
	for _, open := range all {
		of := kinds[open.Kind]
		line := Line{
			Kind: open.Kind, Title: open.Title, Advice: open.Advice, Count: open.Count, Since: open.Since.UTC(), ResolvedAt: open.Gone,
			Runbook: RunbookFile + "#" + of.runbook,
		}
		if s.Console != "" {
			line.Link = strings.TrimRight(s.Console, "/") + of.page
		}
		lines = append(lines, line)
	}
	return lines
}

// Subject is the message in one line.
func (m Message) Subject() string {
	return fmt.Sprintf("fftconnect %s (%s): %s", m.Deployment, m.Project, m.Title)
}

// Text is the message for people.
func (m Message) Text() string {
	var text strings.Builder
	text.WriteString(m.Subject() + "\n")
	for _, part := range []struct {
		heading string
		lines   []Line
	}{{"New", m.New}, {"Still wrong", m.Again}, {"Resolved", m.Resolved}, {"Wrong", m.Lasting}} {
		if len(part.lines) == 0 {
			continue
		}
		text.WriteString("\n" + part.heading + ":\n")
		for _, line := range part.lines {
			line.write(&text)
		}
	}
	if m.Figures != nil {
		m.Figures.write(&text)
	}
	if m.Console != "" {
		text.WriteString("\nConsole: " + m.Console + "\n")
	}
	return text.String()
}

func (l Line) write(to *strings.Builder) {
	since := "since " + l.Since.Format("2 Jan 15:04 MST")
	if !l.ResolvedAt.IsZero() {
		fmt.Fprintf(to, "- %s (%s, until %s)\n", l.Title, since, l.ResolvedAt.UTC().Format("2 Jan 15:04 MST"))
		return
	}
	fmt.Fprintf(to, "- %s (%s)\n", l.Title, since)
	if l.Advice != "" {
		fmt.Fprintf(to, "  %s\n", l.Advice)
	}
	if l.Link != "" {
		fmt.Fprintf(to, "  %s\n", l.Link)
	}
	fmt.Fprintf(to, "  runbook: %s\n", l.Runbook)
}

func (f Figures) write(to *strings.Builder) {
	fmt.Fprintf(to, "\nSince %s:\n", f.Since.UTC().Format("2 Jan 15:04 MST"))
	for _, figure := range f.Messages {
		fmt.Fprintf(to, "- %s %s: %d\n", figure.Flow, figure.Outcome, figure.Count)
	}
	if len(f.Messages) == 0 {
		to.WriteString("- no message was handled\n")
	}
	fmt.Fprintf(to, "Now: %d dead letters, %d stored events, %d late orders", f.DeadLetters, f.Deferred, f.Late)
	if f.Open != nil {
		fmt.Fprintf(to, ", %d open orders", *f.Open)
	}
	to.WriteString("\n")
}
