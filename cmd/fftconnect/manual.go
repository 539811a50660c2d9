package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"fftconnect/internal/config"
)

// manCommand prints the manual page that packages install.
type manCommand struct{}

// Run prints every command, flag and setting in the form that man reads.
func (manCommand) Run(p program, app *kong.Kong) error {
	m := manual{p.out}
	fmt.Fprintf(m.to, ".TH FFTCONNECT 1 \"\" \"fftconnect %s\" \"User Commands\"\n", roff(version()))
	m.section("NAME")
	m.text("fftconnect - connects commercetools and fulfillmenttools")
	m.section("SYNOPSIS")
	fmt.Fprintln(m.to, ".B fftconnect\n[\\-\\-env\\-file=FILE] COMMAND ...")
	m.section("DESCRIPTION")
	m.text(app.Model.Help)
	m.section("COMMANDS")
	for _, command := range app.Model.Leaves(true) {
		m.command(command)
	}
	m.section("OPTIONS OF ALL COMMANDS")
	for _, flag := range app.Model.Flags {
		m.flag(flag)
	}
	m.section("ENVIRONMENT")
	m.text("Each setting may be given as NAME_FILE, the path of a file that holds its value, or in the file that --env-file names.")
	for _, setting := range config.Settings() {
		meaning := setting.Meaning
		if setting.Default != "" {
			meaning += " (default: " + setting.Default + ")"
		}
		m.item(setting.Name, meaning)
	}
	m.section("EXIT STATUS")
	m.item("0", "done")
	m.item("1", "failed")
	m.item("2", "wrong usage or configuration")
	return nil
}

type manual struct{ to io.Writer }

func (m manual) section(name string) { fmt.Fprintln(m.to, ".SH", name) }

func (m manual) text(text string) { fmt.Fprintln(m.to, roff(text)) }

func (m manual) item(name, meaning string) {
	fmt.Fprintf(m.to, ".TP\n.B %s\n%s\n", roff(name), roff(meaning))
}

// command is one that does something, with its arguments and flags.
func (m manual) command(command *kong.Node) {
	name := command.FullPath()
	for _, argument := range command.Positional {
		name += " " + argument.Summary()
	}
	fmt.Fprintf(m.to, ".SS \"%s\"\n", strings.ReplaceAll(roff(name), `"`, `\(dq`))
	m.text(command.Help)
	for _, argument := range command.Positional {
		m.item(argument.Summary(), argument.Help)
	}
	for _, flag := range command.Flags {
		if !flag.Hidden && flag.Name != "help" {
			m.flag(flag)
		}
	}
}

func (m manual) flag(flag *kong.Flag) {
	help := flag.Help
	if values := valuesOf(flag.Value); len(values) > 0 && !slices.Contains(values, "") {
		help += " One of: " + strings.Join(values, ", ") + "."
	}
	m.item(flag.String(), help)
}

// roff keeps a text from being read as formatting.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "→", `\(->`, "…", "...").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
