package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Each script asks the program itself, so that completions always fit the installed version. When
// there is nothing to propose, files are.
var completionScripts = map[string]string{
	"bash": `_fftconnect() {
  local word=${COMP_WORDS[COMP_CWORD]}
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$(fftconnect complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)" -- "$word"))
}
complete -o default -F _fftconnect fftconnect
`,
	"zsh": `#compdef fftconnect
_fftconnect() {
  local -a proposals
  local line
  for line in ${(f)"$(fftconnect complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    proposals+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( ${#proposals} )); then
    _describe fftconnect proposals
  else
    _files
  fi
}
if [ "$funcstack[1]" = _fftconnect ]; then
  _fftconnect "$@"
else
  compdef _fftconnect fftconnect
fi
`,
	"fish": `function __fftconnect_proposals
    set -l words (commandline -opc) (commandline -ct)
    fftconnect complete -- $words[2..] 2>/dev/null
end
complete -c fftconnect -f -n 'test -n "$(__fftconnect_proposals)"' -a '(__fftconnect_proposals)'
`,
}

// Run prints the script that a shell reads.
func (c completionCommand) Run(p program) error {
	_, err := fmt.Fprint(p.out, completionScripts[c.Shell])
	return err
}

// completeCommand is what the scripts call.
type completeCommand struct {
	Words []string `arg:"" optional:"" help:"Words after fftconnect; the last one is being typed."`
}

// Run prints a proposal a line, with its meaning behind a tab.
func (c completeCommand) Run(p program, app *kong.Kong) error {
	for _, proposal := range completionsFor(app.Model.Node, c.Words) {
		fmt.Fprintf(p.out, "%s\t%s\n", proposal.word, proposal.meaning)
	}
	return nil
}

type proposal struct{ word, meaning string }

// completionsFor are what the last word may become. None: it is a file, or anything.
func completionsFor(node *kong.Node, words []string) (all []proposal) {
	last := ""
	if len(words) > 0 {
		last = strings.TrimPrefix(words[len(words)-1], "=")
		words = words[:len(words)-1]
	}
	var wants *kong.Flag // whose value comes next
	arguments := 0       // positional ones that are there
	for _, word := range words {
		switch {
		case word == "=": // bash takes --flag=value apart
		case wants != nil:
			wants = nil
		case strings.HasPrefix(word, "-"):
			wants = flagThatWants(node, word)
		default:
			if child := childByName(node, word); child != nil {
				node, arguments = child, 0
			} else {
				arguments++
			}
		}
	}
	propose := func(word, meaning string) {
		if strings.HasPrefix(word, last) {
			all = append(all, proposal{word, meaning})
		}
	}
	switch name, _, given := strings.Cut(last, "="); {
	case wants != nil:
		for _, value := range allowedValues(wants.Value) {
			propose(value, wants.Help)
		}
	case given && strings.HasPrefix(last, "--"):
		if flag := flagByName(node, name); flag != nil {
			for _, value := range allowedValues(flag.Value) {
				propose(name+"="+value, flag.Help)
			}
		}
	case strings.HasPrefix(last, "-"):
		for _, flag := range slices.Concat(node.AllFlags(true)...) {
			propose("--"+flag.Name, flag.Help)
		}
	default:
		for _, child := range node.Children {
			if !child.Hidden {
				propose(child.Name, child.Help)
			}
		}
		if arguments < len(node.Positional) {
			for _, value := range allowedValues(node.Positional[arguments]) {
				propose(value, node.Positional[arguments].Help)
			}
		}
	}
	return all
}

func childByName(node *kong.Node, name string) *kong.Node {
	at := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == name })
	if at < 0 {
		return nil
	}
	return node.Children[at]
}

func flagByName(node *kong.Node, word string) *kong.Flag {
	flags := slices.Concat(node.AllFlags(false)...)
	at := slices.IndexFunc(flags, func(flag *kong.Flag) bool { return word == "--"+flag.Name })
	if at < 0 {
		return nil
	}
	return flags[at]
}

// flagThatWants is the flag when its value is the next word.
func flagThatWants(node *kong.Node, word string) *kong.Flag {
	flag := flagByName(node, word)
	if flag == nil || flag.IsBool() {
		return nil
	}
	return flag
}

func allowedValues(value *kong.Value) []string {
	if value.Enum == "" {
		return nil
	}
	return strings.Split(value.Enum, ",")
}
