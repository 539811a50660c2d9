package durable

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fftconnect/internal/ledger"
	"fftconnect/internal/remote"
)

// discardOnAFullDisk makes room with a command beside the one that serves.
func discardOnAFullDisk(t *testing.T, folder string, l *Ledger, stored int) {
	t.Helper()
	if err := l.Ping(t.Context()); err == nil || !strings.Contains(remote.HintOf(err), "fftconnect events discard") {
		t.Errorf("full, but: %v", err)
	}
	command := openFile(t, folder, Options{AsItIs: true, Actor: "somebody"})
	n, err := command.Discard(t.Context(), ledger.Filter{State: ledger.StateDead})
	if err != nil || n != stored {
		t.Fatalf("%d of %d discarded: %v", n, stored, err)
	}
	if err := l.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if err := l.Ping(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := l.AddDeadLetter(t.Context(), letter(-1)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestAFullDiskSaysSoAndCanBeEmptied on a disk of its own, where one can be had.
func TestAFullDiskSaysSoAndCanBeEmptied(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=12m"); err != nil {
		t.Skip("no disk of its own can be had: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	l := openFile(t, folder, Options{})
	stored := fill(t, l)
	rest := make([]byte, 512)
	filler, err := os.Create(filepath.Join(folder, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer filler.Close()
	for {
		if _, err := filler.Write(rest); err != nil {
			break // not a byte is left
		}
	}
	for n := 0; l.SaveCheckpoint(t.Context(), fmt.Sprint("filler ", n), strings.Repeat("x", 3000)) == nil; n++ {
		continue // nor in the log, where what was refused left room
	}
	discardOnAFullDisk(t, folder, l, stored)
}
