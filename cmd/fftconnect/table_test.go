package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestATableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	heading := []string{"ID", "STATE", "TYPE", "ORDER", "AGE", "ATTEMPTS", "REASON"}
	rows := [][]string{
		{"17", "dead", "OrderStateChanged", "5a6d9042-7044-56fe-aa65-3d94e4d70e18", "3h", "1", "the order cannot be mapped: shipping address has no city; billing address has no street, building or PO box"},
		{"18", "deferred", "PICK_JOB_CREATED", "A-1001", "4m", "12", "short"},
	}
	for columns, lines := range map[string]int{"80": 7, "120": 6, "": 3} {
		var out bytes.Buffer
		p := program{out: &out, stdout: &out, lookup: func(name string) (string, bool) { return columns, name == "COLUMNS" && columns != "" }}
		p.printTable(heading, rows)
		if n := strings.Count(out.String(), "\n"); n != lines {
			t.Errorf("%s columns: %d lines, want %d:\n%s", columns, n, lines, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); columns == "80" && n > 80 || columns == "120" && n > 120 {
				t.Errorf("%s columns: a line has %d:\n%s", columns, n, out.String())
			}
		}
		if words := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(words, rows[0][6]) {
			t.Errorf("%s columns: the reason is not whole: %s", columns, words)
		}
		t.Logf("%s columns:\n%s", columns, out.String())
	}
}
