package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/world"
)

// process is a connector that runs by itself.
type process struct {
	binary    string // installs it
	command   *exec.Cmd
	env       []string
	public    string
	admin     string
	database  string
	startedIn time.Duration
}

// startConnector starts it and waits for its first answer.
func startConnector(ctx context.Context, binary string, w *world.World, store store) (*process, error) {
	public, err := freePort()
	if err != nil {
		return nil, err
	}
	admin, err := freePort()
	if err != nil {
		return nil, err
	}
	p := &process{binary: binary, public: "http://127.0.0.1:" + public, admin: "http://127.0.0.1:" + admin}
	settings := w.Environment(p.public + "/service")
	if settings["DATABASE_URL"], err = store.fresh(); err != nil {
		return nil, err
	}
	settings["EXPORT_CLAIM"] = "false"
	settings["PORT"], settings["ADMIN_ADDR"], settings["LOG_LEVEL"] = public, "127.0.0.1:"+admin, "info"
	p.database = settings["DATABASE_URL"]
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "CPU_PROFILE"} {
		if value, ok := os.LookupEnv(name); ok && store.floor == "" {
			settings[name] = value
		}
	}
	for name, value := range settings {
		p.env = append(p.env, name+"="+value)
	}
	p.command = exec.CommandContext(ctx, binary, "serve")
	if store.floor != "" {
		p.command = exec.CommandContext(ctx, store.floor)
		p.env = append(p.env, "FLOOR_TYPE="+catalogue.ConnectorType)
	}
	p.command.Env = p.env
	// Log lines are written as in production, but nobody reads them.
	if p.command.Stderr, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		return nil, err
	}
	start := time.Now()
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w (build it with: make build)", binary, err)
	}
	for {
		response, err := http.Get(p.public + "/event/status")
		if err == nil {
			_ = response.Body.Close()
			p.startedIn = time.Since(start)
			return p, nil
		}
		if time.Since(start) > 10*time.Second {
			return nil, errors.Join(errors.New("the connector does not answer"), p.stop())
		}
		time.Sleep(200 * time.Microsecond)
	}
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

func (p *process) install(ctx context.Context, w *world.World) error {
	token := exec.CommandContext(ctx, p.binary, "token")
	token.Env = p.env
	text, err := token.Output()
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	w.RouteMessages(p.public+"/event", http.Header{"Authorization": {"Bearer " + strings.TrimSpace(string(text))}})
	install := exec.CommandContext(ctx, p.binary, "install")
	install.Env = p.env
	if output, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("install: %w\n%s", err, output)
	}
	return nil
}

func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.command.Wait()
}

// cpu is the processor time used so far, user and system.
func (p *process) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0
	}
	// The fields after the command's name, which may hold spaces.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	const userTime, systemTime, ticksPerSecond = 11, 12, 100
	user, _ := strconv.Atoi(fields[userTime])
	system, _ := strconv.Atoi(fields[systemTime])
	return time.Duration(user+system) * time.Second / ticksPerSecond
}

func (p *process) rss() int     { return p.status("VmRSS:") }
func (p *process) peakRSS() int { return p.status("VmHWM:") }

// status is a memory figure in bytes.
func (p *process) status(name string) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib * 1024
		}
	}
	return 0
}

// figures are sums over all labels of the connector's metrics.
type figures struct {
	messages          int
	handling, calling time.Duration
}

func (p *process) metrics(ctx context.Context) figures {
	var f figures
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.admin+"/metrics", nil)
	if err != nil {
		return f
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return f
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		number, _ := strconv.ParseFloat(value, 64)
		name, _, _ = strings.Cut(name, "{")
		switch name {
		case "fftconnect_message_seconds_count":
			f.messages += int(number)
		case "fftconnect_message_seconds_sum":
			f.handling += time.Duration(number * float64(time.Second))
		case "fftconnect_api_call_seconds_sum":
			f.calling += time.Duration(number * float64(time.Second))
		}
	}
	return f
}
