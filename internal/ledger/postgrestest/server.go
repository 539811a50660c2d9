// Package postgrestest starts a PostgreSQL server for tests, from the binaries that
// are installed on this machine.
package postgrestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotInstalled says that this machine has no PostgreSQL server.
var ErrNotInstalled = errors.New("no PostgreSQL server is installed here (looked for initdb and postgres in the PATH and in /usr/lib/postgresql)")

const startTimeout = 3 * time.Minute // for what hangs

// Server is a running server whose data lies in a folder that Close deletes.
type Server struct {
	folder   string
	binaries string
	settings []string
	port     int
	as       *syscall.SysProcAttr
	process  *exec.Cmd
	exited   chan struct{} // closed when the process has ended
	log      bytes.Buffer
}

// Start makes a new server on a free port of 127.0.0.1. A setting is one of
// PostgreSQL's, such as "fsync=off".
func Start(settings ...string) (*Server, error) {
	binaries := installed()
	if binaries == "" {
		return nil, ErrNotInstalled
	}
	folder, err := os.MkdirTemp("", "fftconnect-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, binaries: binaries, settings: settings}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := s.Resume(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return s, nil
}

// installed is the folder with the newest server's programs.
func installed() string {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(folders, func(a, b string) int { return version(b) - version(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	for _, folder := range folders {
		_, noInit := os.Stat(filepath.Join(folder, "initdb"))
		_, noServer := os.Stat(filepath.Join(folder, "postgres"))
		if noInit == nil && noServer == nil {
			return folder
		}
	}
	return ""
}

func version(folder string) int {
	number, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	return number
}

func (s *Server) prepare() (err error) {
	if s.as, err = unprivileged(s.folder); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		return err
	}
	initdb := s.command("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C", "--wal-segsize=1")
	if output, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, output)
	}
	return nil
}

// unprivileged is another user for the server when we are root, as which it does
// not run. The folder becomes that user's.
func unprivileged(folder string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		if account, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("find a user for PostgreSQL, which does not run as root: %w", err)
		}
	}
	uid, uidErr := strconv.Atoi(account.Uid)
	gid, gidErr := strconv.Atoi(account.Gid)
	if err := errors.Join(uidErr, gidErr, os.Chown(folder, uid, gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

func (s *Server) command(program string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(s.binaries, program), args...)
	command.Dir, command.SysProcAttr = s.folder, s.as
	return command
}

// Resume starts the server again after Kill or Stop.
func (s *Server) Resume() error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.folder, "-c", "listen_addresses=127.0.0.1"}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	s.log.Reset()
	s.process = s.command("postgres", args...)
	s.process.Stdout, s.process.Stderr = &s.log, &s.log
	if err := s.process.Start(); err != nil {
		return err
	}
	s.exited = make(chan struct{})
	go func(process *exec.Cmd, exited chan<- struct{}) {
		_ = process.Wait() // the log says why
		close(exited)
	}(s.process, s.exited)
	return s.awaitReady()
}

func (s *Server) awaitReady() error {
	deadline := time.Now().Add(startTimeout)
	for time.Now().Before(deadline) {
		select {
		case <-s.exited:
			return fmt.Errorf("PostgreSQL ended at its start: %s", s.log.String())
		case <-time.After(20 * time.Millisecond):
		}
		pidFile, _ := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
		if lines := strings.Split(string(pidFile), "\n"); len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready" {
			return nil
		}
	}
	return errors.Join(errors.New("PostgreSQL did not start in time"), s.end(syscall.SIGQUIT))
}

// URL is where a database is; "postgres" always exists.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// CreateDatabase makes an empty database and gives its URL.
func (s *Server) CreateDatabase(ctx context.Context, name string) (url string, err error) {
	connection, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return "", err
	}
	_, err = connection.Exec(ctx, "CREATE DATABASE "+name)
	return s.URL(name), errors.Join(err, connection.Close(ctx))
}

// Stop ends the server; its clients' connections break.
func (s *Server) Stop() error { return s.end(syscall.SIGINT) }

// Kill ends the server as a crash would.
func (s *Server) Kill() error { return s.end(syscall.SIGQUIT) }

func (s *Server) end(signal syscall.Signal) error {
	if err := s.process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.exited
	return nil
}

// Close ends the server and deletes its data.
func (s *Server) Close() error {
	return errors.Join(s.end(syscall.SIGQUIT), os.RemoveAll(s.folder))
}
