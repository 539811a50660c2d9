package console

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/printable"
)

//go:embed pages
var pages embed.FS

// page is what is shown, or done, for a request.
type page func(*http.Request) (answer, error)

// answer is what a page gives.
type answer struct {
	page   string // its template
	title  string
	data   any
	status int           // 200 when zero
	live   time.Duration // the page is shown anew so often; 0: it is not
	to     string        // where to go instead, after something was done
}

// view is what templates see.
type view struct {
	Title   string
	Page    string
	Visitor visitor
	Live    int // seconds
	Auth    string
	Version string
	Stored  bool // there is a store
	Shadow  bool
	Paused  []Pause
	Data    any
}

// failure is a problem that somebody made with what they asked for, in words for them.
type failure struct {
	status int
	text   string
}

func (f *failure) Error() string { return f.text }

func newFailure(status int, format string, args ...any) error {
	return &failure{status, fmt.Sprintf(format, args...)}
}

var (
	errNoPage  = &failure{http.StatusNotFound, "There is no such page."}
	errNoStore = &failure{http.StatusConflict, "There is no store (DATABASE_URL is none): what is not done stays with its sender, so nothing is kept here that could be shown or handled again."}
)

// forViewers is a page for everybody who may look.
func (c *Console) forViewers(show page) http.Handler { return c.requireRole(show, false) }

// forOperators is a page for those who may act.
func (c *Console) forOperators(do page) http.Handler { return c.requireRole(do, true) }

func (c *Console) requireRole(show page, acts bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := c.access.authenticate(r)
		if err != nil {
			c.refuseVisitor(w, r, err)
			return
		}
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), visitorKey{}, who), patience)
		defer cancel()
		r = r.WithContext(ctx)
		if acts && !who.Operator {
			c.render(w, r, c.problemPage(newFailure(http.StatusForbidden, "You may look, but not act: that takes the role operator.")))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		a, err := show(r)
		if err != nil {
			a = c.problemPage(err)
		}
		c.render(w, r, a)
	})
}

// forEverybody is a page for everybody.
func (c *Console) forEverybody(show page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := show(r)
		if err != nil {
			a = c.problemPage(err)
		}
		c.render(w, r, a)
	})
}

// problemPage is the page that says what went wrong.
func (c *Console) problemPage(err error) answer {
	var mine *failure
	if errors.As(err, &mine) {
		return answer{page: "problem", title: http.StatusText(mine.status), status: mine.status, data: mine.text}
	}
	c.opts.Logger.Warn("a page could not be shown", "component", "console", "error", err)
	return answer{page: "problem", title: "Not possible now", status: http.StatusServiceUnavailable, data: err.Error()}
}

func (c *Console) render(w http.ResponseWriter, r *http.Request, a answer) {
	if a.to != "" {
		http.Redirect(w, r, c.opts.Admin.BasePath+a.to, http.StatusSeeOther)
		return
	}
	who, _ := r.Context().Value(visitorKey{}).(visitor)
	v := view{
		Title: a.title, Page: a.page, Visitor: who, Live: int(a.live.Seconds()), Auth: c.opts.Admin.Auth,
		Version: c.opts.Version, Stored: c.opts.Store != nil, Data: a.data,
	}
	if who.Name != "" {
		status := c.opts.Status(r.Context())
		v.Shadow, v.Paused = status.Shadow, status.Paused
	}
	var text bytes.Buffer
	if err := c.pages()[a.page].ExecuteTemplate(&text, "layout", v); err != nil {
		c.opts.Logger.Error("a page could not be made", "component", "console", "page", a.page, "error", err)
		http.Error(w, "a mistake in fftconnect: see the log", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(cmp.Or(a.status, http.StatusOK))
	_, _ = printable.Writer(w).Write(text.Bytes()) // nothing on a page says something else than it holds
}

// parseTemplates reads all templates.
func (c *Console) parseTemplates() map[string]*template.Template {
	files, err := fs.Sub(pages, "pages")
	if err != nil {
		panic(err) // it is embedded
	}
	layout := template.Must(template.New("layout").Funcs(c.templateFunctions()).ParseFS(files, "layout.html", "parts.html"))
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		panic(err)
	}
	all := map[string]*template.Template{}
	for _, name := range names {
		if name != "layout.html" && name != "parts.html" {
			all[strings.TrimSuffix(path.Base(name), ".html")] = template.Must(template.Must(layout.Clone()).ParseFS(files, name))
		}
	}
	return all
}

func (c *Console) templateFunctions() template.FuncMap {
	return template.FuncMap{
		"path":  func(to string) string { return c.opts.Admin.BasePath + to },
		"order": func(id string) string { return c.opts.Admin.BasePath + "/orders/" + url.PathEscape(id) },
		"asset": func(name string) string {
			return c.opts.Admin.BasePath + "/static/" + name + "?v=" + url.QueryEscape(c.opts.Version)
		},
		"when":    timeText,
		"ago":     func(at time.Time) string { return ageText(time.Since(at)) },
		"in":      func(at time.Time) string { return ageText(time.Until(at)) },
		"brief":   withoutOrderPrefix,
		"lines":   func(text string) []string { return strings.Split(text, "\n") },
		"grave":   func(kind outcome.Kind) string { return gravity[kind] },
		"short":   shortID,
		"number":  withThousands,
		"counted": countOf,
		"minus":   func(a, b int) int { return a - b },
		"pick": func(events []ledger.Event, numbers map[string]string, pick bool) map[string]any {
			return map[string]any{"Events": events, "Numbers": numbers, "Pick": pick}
		},
	}
}

// gravity is how an outcome is coloured.
var gravity = map[outcome.Kind]string{
	outcome.Applied: "good", outcome.Deferred: "wait", outcome.Returned: "wait", outcome.Rejected: "bad", outcome.Refused: "bad",
}

func timeText(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	return at.UTC().Format("2006-01-02 15:04:05")
}

// ageText is a time span in its largest unit.
func ageText(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// withoutOrderPrefix is a reason beside the order that it is about.
func withoutOrderPrefix(order, reason string) string {
	return strings.TrimPrefix(reason, "order "+order+": ")
}

func shortID(id string) string {
	if len(id) == 36 {
		return id[:8] + "…"
	}
	return id
}

// withThousands writes 1234567 as 1,234,567.
func withThousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// countOf is 1 event, 2 events.
func countOf(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return withThousands(n) + " " + what
}
