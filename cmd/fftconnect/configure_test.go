package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"

	"fftconnect/internal/config"
)

// configure puts a file into commercetools as the shop's configuration.
func configure(ts *testscript.TestScript, _ bool, args []string) {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &value))
	of(ts).CT.PutCustomObject(config.ShopContainer, config.ShopKey, value)
}

// ready waits until readiness says what matches a pattern.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	pattern, said := regexp.MustCompile(args[0]), ""
	await(ts, func() bool {
		said = adminAnswer(ts, "/readyz")
		return pattern.MatchString(said)
	}, func() string { return "readiness says " + said })
	adminAnswer(ts, "/problems")
}

// adminAnswer is what the admin listener answers, held against docs/output.schema.json; empty
// while nobody answers.
func adminAnswer(ts *testscript.TestScript, path string) string {
	response, err := http.Get(ts.Getenv("ADMIN") + path)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	ts.Check(err)
	var value any
	ts.Check(json.Unmarshal(text, &value))
	schema, err := outputSchema()
	ts.Check(err)
	ts.Check(checkOutput(schema, "GET "+path, value))
	return string(text)
}

// metric waits until a metric's value matches a pattern.
func metric(ts *testscript.TestScript, _ bool, args []string) {
	pattern, value := regexp.MustCompile("^"+args[1]+"$"), ""
	await(ts, func() bool {
		value = sum(ts, args[0])
		return pattern.MatchString(value)
	}, func() string { return args[0] + " is " + value })
}
