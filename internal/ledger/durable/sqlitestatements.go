package durable

import (
	"context"
	"database/sql/driver"
	"regexp"
	"strconv"
	"strings"

	modernc "modernc.org/sqlite"
)

// maxStatements bounds the statements that a connection keeps, and maxStatement the
// length of one. What this package and River write are fewer and shorter.
const (
	maxStatements = 256
	maxStatement  = 16 << 10
)

// preparingConnector opens connections to SQLite that parse a statement once, not at every call.
type preparingConnector struct{ source string }

// Connect implements driver.Connector.
func (p preparingConnector) Connect(context.Context) (driver.Conn, error) {
	opened, err := p.Driver().Open(p.source)
	if err != nil {
		return nil, err
	}
	return &preparingConn{sqliteConn: opened.(sqliteConn), kept: map[string]*keptStatement{}}, nil
}

// Driver implements driver.Connector.
func (p preparingConnector) Driver() driver.Driver { return &modernc.Driver{} }

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparingConn keeps statements; like every driver.Conn it serves one caller at a time.
type preparingConn struct {
	sqliteConn
	kept map[string]*keptStatement
}

// BeginTx implements driver.ConnBeginTx. A transaction is begun and ended by kept statements, too. It
// takes the lock of whoever writes at once: it would be too late at its first change.
func (c *preparingConn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	tx := keptTransaction{c}
	if _, err := c.ExecContext(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		_ = tx.Rollback() // of one that began just when ctx ended
		return nil, err
	}
	return tx, nil
}

type keptTransaction struct{ on *preparingConn }

// Commit implements driver.Tx.
func (t keptTransaction) Commit() error {
	_, err := t.on.ExecContext(context.Background(), "COMMIT", nil)
	if err != nil { // the connection may be in the transaction still
		_ = t.Rollback()
	}
	return err
}

// Rollback implements driver.Tx.
func (t keptTransaction) Rollback() error {
	_, err := t.on.ExecContext(context.Background(), "ROLLBACK", nil)
	return err
}

type keptStatement struct {
	driver.Stmt
	busy bool // its rows are being read
}

// prepared is the kept one; nil when this one is not kept, or its rows are being read.
func (c *preparingConn) prepared(ctx context.Context, text string) (*keptStatement, error) {
	if s := c.kept[text]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if len(c.kept) >= maxStatements || len(text) > maxStatement || !isReusable(text) {
		return nil, nil
	}
	prepared, err := c.PrepareContext(ctx, withoutNumbers(text))
	if err != nil {
		return nil, err
	}
	s := &keptStatement{Stmt: prepared}
	c.kept[strings.Clone(text)] = s
	return s, nil
}

var numbered = regexp.MustCompile(`\$\d+`)

// withoutNumbers leaves the numbers of parameters out that come one after the other: SQLite
// looks each number up among all of them at every call.
func withoutNumbers(text string) string {
	for i, number := range numbered.FindAllString(text, -1) {
		if number != "$"+strconv.Itoa(i+1) {
			return text
		}
	}
	if strings.Contains(text, present) || strings.Contains(text, "?") {
		return text
	}
	return numbered.ReplaceAllString(text, "?")
}

// isReusable are the statements that come again; the others make tables or set pragmas.
func isReusable(text string) bool {
	text = strings.TrimSpace(text)
	for strings.HasPrefix(text, "--") { // River names its statements
		_, text, _ = strings.Cut(text, "\n")
		text = strings.TrimSpace(text)
	}
	word, _, _ := strings.Cut(text, " ")
	switch word, _, _ = strings.Cut(word, "\n"); strings.ToUpper(word) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK":
		return true
	}
	return false
}

// ExecContext implements driver.ExecerContext.
func (c *preparingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, text, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *preparingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, text, args)
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &keptRows{Rows: rows, of: s}, nil
}

type keptRows struct {
	driver.Rows
	of *keptStatement
}

// Close implements driver.Rows.
func (r *keptRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}

// Close implements driver.Conn.
func (c *preparingConn) Close() error {
	for _, s := range c.kept {
		_ = s.Close()
	}
	clear(c.kept)
	return c.sqliteConn.Close()
}
