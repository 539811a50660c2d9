//go:build slow

package chaos_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// restartAfter is how soon a process that ended is started again.
	restartAfter = 250 * time.Millisecond
	// linesKept of each process's log are shown when it crashed.
	linesKept = 40
)

// replica is one connector, started again whenever it ends, as a supervisor would.
type replica struct {
	name  string
	env   []string
	front *front

	mu      sync.Mutex
	process *process // nil while there is none
	starts  int
	crashes []string // ends that nobody asked for, with the last lines of the log
}

// process is one life of a replica.
type process struct {
	command *exec.Cmd
	meant   syscall.Signal // it was sent this to end it; 0: nobody wanted it to end
	served  bool           // it came up
	dead    chan struct{}  // closed when it is reaped
	lines   []string
}

// run keeps the replica up until ctx ends, and then stops it.
func (r *replica) run(ctx context.Context) {
	for ctx.Err() == nil {
		r.live(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(restartAfter):
		}
	}
}

// live is one life of the process.
func (r *replica) live(ctx context.Context) {
	p := &process{command: exec.Command(binary, "serve"), dead: make(chan struct{})}
	p.command.Env = r.env
	log, err := p.command.StderrPipe()
	if err == nil {
		err = p.command.Start()
	}
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.crashes = append(r.crashes, fmt.Sprintf("%s does not start: %v", r.name, err))
		return
	}
	r.mu.Lock()
	r.process = p
	r.starts++
	r.mu.Unlock()
	stopping := context.AfterFunc(ctx, func() { r.end(p, syscall.SIGTERM) })
	address := ""
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if found := r.read(p, lines.Text()); found != "" {
			address = found
			r.front.add(address)
		}
	}
	err = p.command.Wait()
	stopping()
	r.front.remove(address)
	r.buried(p, err)
}

// read keeps a line of the log, and gives the address when it tells it.
func (r *replica) read(p *process, line string) (address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.lines = append(p.lines, line)
	if len(p.lines) > linesKept {
		p.lines = slices.Delete(p.lines, 0, 1)
	}
	if !strings.Contains(line, `"serving"`) {
		return ""
	}
	var entry struct{ Msg, Public string }
	if json.Unmarshal([]byte(line), &entry) != nil || entry.Msg != "serving" {
		return ""
	}
	_, port, err := net.SplitHostPort(entry.Public)
	if err != nil {
		return ""
	}
	p.served = true
	return "127.0.0.1:" + port
}

// buried notes an end that nobody asked for. A process that cannot start because its
// database is away may end; its supervisor starts it again.
func (r *replica) buried(p *process, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process = nil
	switch {
	case p.served && p.meant == 0:
		r.crashes = append(r.crashes, fmt.Sprintf("%s ended by itself: %v\n%s", r.name, err, strings.Join(p.lines, "\n")))
	case p.served && p.meant == syscall.SIGTERM && err != nil:
		r.crashes = append(r.crashes, fmt.Sprintf("%s did not stop in order: %v\n%s", r.name, err, strings.Join(p.lines, "\n")))
	}
	close(p.dead)
}

// kill is kill -9; it returns when the process is gone, and reports whether it had
// come up.
func (r *replica) kill() bool {
	r.mu.Lock()
	p := r.process
	r.mu.Unlock()
	if p == nil {
		return false
	}
	killed := r.end(p, syscall.SIGKILL)
	<-p.dead
	return killed
}

// end reports whether a process that had come up was there to be ended.
func (r *replica) end(p *process, signal syscall.Signal) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !p.served {
		signal = syscall.SIGKILL
	}
	p.meant = signal
	return p.command.Process.Signal(signal) == nil && p.served
}

// seen is how often it was started, and how it ended against everybody's will.
func (r *replica) seen() (starts int, crashes []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.starts, slices.Clone(r.crashes)
}
