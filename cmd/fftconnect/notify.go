package main

import (
	"errors"
	"fmt"

	"fftconnect/internal/connector"
)

type notifyCommand struct {
	Test notifyTestCommand `cmd:"" help:"Send a test to everywhere that notifications go."`
}

type notifyTestCommand struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// notifiedTarget is how a test went.
type notifiedTarget struct {
	Target string `json:"target"`
	Where  string `json:"where"`
	Sent   bool   `json:"sent"`
	Error  string `json:"error,omitempty"`
}

// Run sends a test to each target.
func (c notifyTestCommand) Run(p program) error {
	env, err := p.loadEnvironment(0)
	if err != nil {
		return err
	}
	if !env.Notify.On() {
		return usageError{errors.New("nobody is told: set NOTIFY_WEBHOOK_URL, NOTIFY_SLACK_URL or NOTIFY_EMAIL_TO")}
	}
	targets := []notifiedTarget{}
	err = connector.TestNotifications(p.ctx, env, func(target, where string, err error) {
		sent := notifiedTarget{Target: target, Where: where, Sent: err == nil}
		if err != nil {
			sent.Error = err.Error()
		}
		targets = append(targets, sent)
		if c.JSON {
			return
		}
		if err != nil {
			fmt.Fprintf(p.out, "✗ %-8s %s: %v\n", target, where, err)
			return
		}
		fmt.Fprintf(p.out, "✓ %-8s %s\n", target, where)
	})
	if c.JSON {
		if err := p.printJSON(map[string]any{"targets": targets}); err != nil {
			return err
		}
	}
	if err != nil {
		return errors.New("a notification did not arrive: correct its NOTIFY_ settings")
	}
	return nil
}
