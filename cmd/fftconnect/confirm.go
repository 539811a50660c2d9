package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// usageError is a wrong argument that the parser cannot know.
type usageError struct{ error }

var errDeclined = errors.New("nothing was changed")

// confirm asks on a terminal before something is destroyed. Without a terminal it must have been said: --yes.
func (p program) confirm(question string, yes bool) error {
	switch {
	case yes:
		return nil
	case !term.IsTerminal(int(os.Stdin.Fd())):
		return usageError{errors.New("this destroys something, and there is no terminal to ask on: add --yes, or look first with --dry-run")}
	}
	fmt.Fprintf(p.errs, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errDeclined
	}
	return nil
}
