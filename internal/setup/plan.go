package setup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fftconnect/internal/printable"
	"fftconnect/internal/remote"
)

// Step is one thing to do, or one that is as it should be already.
type Step struct {
	Verb string // create, update, replace, delete, keep
	What string // in plain words
	Why  string // may be empty
	// Routine steps restore what was ours where it was: serve carries them out unasked.
	Routine bool
	do      func(ctx context.Context) error
}

// Keep is the verb of a step that does nothing.
const Keep = "keep"

// Plan is what an installation will do.
type Plan struct {
	Steps    []Step
	Warnings []string
}

func (p *Plan) addStep(verb, what, why string, do func(context.Context) error) {
	p.Steps = append(p.Steps, Step{Verb: verb, What: what, Why: why, do: do})
}

// addRoutineStep adds a step that serve carries out unasked.
func (p *Plan) addRoutineStep(verb, what, why string, do func(context.Context) error) {
	p.Steps = append(p.Steps, Step{Verb: verb, What: what, Why: why, Routine: true, do: do})
}

// addRefusedStep adds a step that cannot be done until somebody decides.
func (p *Plan) addRefusedStep(verb, what string, err error) {
	p.addStep(verb, what, err.Error(), func(context.Context) error { return err })
}

func (p *Plan) addUnchanged(what string) { p.addStep(Keep, what, "", nil) }

func (p *Plan) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// ignoreNotFound is nil when somebody else created the same just now: a running
// connector looks after its installation too.
func ignoreNotFound(err error) error {
	var failed *remote.Error
	if errors.As(err, &failed) && failed.Code == "DuplicateField" {
		return nil
	}
	return err
}

// Changes is the number of steps that do something.
func (p Plan) Changes() int {
	n := 0
	for _, step := range p.Steps {
		if step.Verb != Keep {
			n++
		}
	}
	return n
}

// Print writes the plan for people.
func (p Plan) Print(w io.Writer) {
	for _, step := range p.Steps {
		printable.Fprintf(w, "  %-8s %s", step.Verb, step.What)
		if step.Why != "" {
			printable.Fprintf(w, " (%s)", step.Why)
		}
		fmt.Fprintln(w)
	}
	for _, warning := range p.Warnings {
		printable.Fprintf(w, "  warning: %s\n", warning)
	}
}

// Apply carries the plan out in order, and tells done of each step. A step that
// fails does not keep the others from being tried; a second run does what is left.
func (p Plan) Apply(ctx context.Context, done func(Step, error)) error {
	var failed failures
	for _, step := range p.Steps {
		if step.do == nil {
			done(step, nil)
			continue
		}
		err := step.do(ctx)
		if err != nil {
			failed.add(step, err)
			err = fmt.Errorf("%s %s: %w", step.Verb, step.What, err)
		}
		done(step, err)
	}
	return failed.join()
}

// failures are the steps that failed, grouped by why: what many steps share is said once.
type failures []failure

type failure struct {
	step Step // the first of them
	more int
	err  error
}

func (f *failures) add(step Step, err error) {
	for n, before := range *f {
		if before.err.Error() == err.Error() {
			(*f)[n].more++
			return
		}
	}
	*f = append(*f, failure{step: step, err: err})
}

func (f failures) join() error {
	var all []error
	for _, one := range f {
		more := ""
		if one.more > 0 {
			more = fmt.Sprintf(", and %d more like it", one.more)
		}
		all = append(all, fmt.Errorf("%s %s%s: %w", one.step.Verb, one.step.What, more, one.err))
	}
	return errors.Join(all...)
}
