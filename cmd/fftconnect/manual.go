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
	fmt.Fprintf(m.to, ".TH FFTCONNECT 1 \"\" \"fftconnect %s\" \"User Commands\"\n", escapeRoff(versionText()))
	m.writeSection("NAME")
	m.writeText("fftconnect - connects commercetools and fulfillmenttools")
	m.writeSection("SYNOPSIS")
	fmt.Fprintln(m.to, ".B fftconnect\n[\\-\\-env\\-file=FILE] COMMAND ...")
	m.writeSection("DESCRIPTION")
	m.writeText(app.Model.Help)
	m.writeSection("COMMANDS")
	for _, command := range app.Model.Leaves(true) {
		m.writeCommand(command)
	}
	m.writeSection("OPTIONS OF ALL COMMANDS")
	for _, flag := range app.Model.Flags {
		m.writeFlag(flag)
	}
	m.writeSection("ENVIRONMENT")
	m.writeText("Each setting may be given as NAME_FILE, the path of a file that holds its value, or in the file that --env-file names.")
	for _, setting := range config.Settings() {
		meaning := setting.Meaning
		if setting.Default != "" {
			meaning += " (default: " + setting.Default + ")"
		}
		m.writeItem(setting.Name, meaning)
	}
	m.writeSection("EXIT STATUS")
	m.writeItem("0", "done")
	m.writeItem("1", "failed")
	m.writeItem("2", "wrong usage or configuration")
	return nil
}

type manual struct{ to io.Writer }

func (m manual) writeSection(name string) { fmt.Fprintln(m.to, ".SH", name) }

func (m manual) writeText(text string) { fmt.Fprintln(m.to, escapeRoff(text)) }

func (m manual) writeItem(name, meaning string) {
	fmt.Fprintf(m.to, ".TP\n.B %s\n%s\n", escapeRoff(name), escapeRoff(meaning))
}

// writeCommand is one that does something, with its arguments and flags.
func (m manual) writeCommand(command *kong.Node) {
	name := command.FullPath()
	for _, argument := range command.Positional {
		name += " " + argument.Summary()
	}
	fmt.Fprintf(m.to, ".SS \"%s\"\n", strings.ReplaceAll(escapeRoff(name), `"`, `\(dq`))
	m.writeText(command.Help)
	for _, argument := range command.Positional {
		m.writeItem(argument.Summary(), argument.Help)
	}
	for _, flag := range command.Flags {
		if !flag.Hidden && flag.Name != "help" {
			m.writeFlag(flag)
		}
	}
}

func (m manual) writeFlag(flag *kong.Flag) {
	help := flag.Help
	if values := allowedValues(flag.Value); len(values) > 0 && !slices.Contains(values, "") {
		help += " One of: " + strings.Join(values, ", ") + "."
	}
	m.writeItem(flag.String(), help)
}

// escapeRoff keeps a text from being read as formatting.
func escapeRoff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "→", `\(->`, "…", "...").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
