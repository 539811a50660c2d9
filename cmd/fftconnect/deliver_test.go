package main

import (
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/intake"
)

// deliver posts a body to an endpoint as its authenticated caller and wants 200:
// deliver /service 'not JSON'. The word message stands for commercetools' message about
// the order $ID.
func deliver(ts *testscript.TestScript, _ bool, args []string) {
	path, body := args[0], args[1]
	if body == "message" {
		body = `{"notificationType":"Message","projectKey":"demo","id":"m-1","version":1,"type":"` + commercetools.OrderCreated +
			`","resource":{"typeId":"order","id":"` + ts.Getenv("ID") + `"}}`
	}
	env, err := config.Load(func(name string) (string, bool) { v := ts.Getenv(name); return v, v != "" }, 0)
	ts.Check(err)
	signer := intake.TokenOf(env)
	if path != "/service" {
		signer = signer.ForEndpoint(path)
	}
	token, err := signer.Sign()
	ts.Check(err)
	request, err := http.NewRequest(http.MethodPost, ts.Getenv("CONNECTOR")+path, strings.NewReader(body))
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("%s answers %s", path, response.Status)
	}
}
