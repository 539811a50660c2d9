package connector_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// open writes the beginning of a request and leaves it there.
func (r *rig) open(path, token, rest string) <-chan int {
	r.t.Helper()
	conn, err := r.dial()
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	answer := make(chan int, 1)
	go func() {
		defer close(answer)
		_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s", path, token, rest)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil {
			answer <- response.StatusCode
			_ = response.Body.Close()
		}
	}()
	return answer
}

// TestSlowCallersKeepNobodyOut: a body that does not come takes no slot and is left soon.
func TestSlowCallersKeepNobodyOut(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{"MAX_IN_FLIGHT": "2"}})
		var answers []<-chan int
		for _, path := range []string{"/event", "/service"} {
			token, err := r.tokenFor(path).Sign()
			if err != nil {
				t.Fatal(err)
			}
			for range 100 {
				answers = append(answers, r.open(path, token, "Content-Length: 100\r\n\r\n{"))
			}
		}
		time.Sleep(time.Second)
		for _, path := range []string{"/event", "/service"} {
			if response := r.post(path, `{}`); response.StatusCode != http.StatusOK {
				t.Errorf("%s beside them: %d", path, response.StatusCode)
			}
		}
		begun := time.Now()
		for _, answer := range answers {
			if status := <-answer; status != http.StatusRequestTimeout {
				t.Fatalf("a slow body: %d", status)
			}
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("they stay for %s more", took)
		}
	})
}

// TestTheJobWaitsForNobodysBody: only the caller whose job runs may stay.
func TestTheJobWaitsForNobodysBody(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{"EVENT_AUTH": "none"}})
		var answers []<-chan int
		for range 100 {
			answers = append(answers, r.open("/job", "", "Content-Length: 100\r\n\r\n"))
		}
		begun, words := time.Now(), map[int]int{}
		for _, answer := range answers {
			words[<-answer]++
		}
		if took := time.Since(begun); took > 3*time.Second || words[503] != 99 || words[400] != 1 {
			t.Errorf("after %s: %v", took, words)
		}
		if word := answerOf(t, r.post("/job", "", "")); word != "it ran a moment ago" {
			t.Errorf("a stranger again: %s", word)
		}
		if word := answerOf(t, r.post("/job", "")); !strings.HasSuffix(word, "differences") {
			t.Errorf("with a token: %s", word)
		}
		time.Sleep(time.Minute)
		if word := answerOf(t, r.post("/job", "", "")); !strings.HasSuffix(word, "differences") {
			t.Errorf("a minute later: %s", word)
		}
	})
}

// TestATokenOpensOneDoor: a token for one endpoint is none for another.
func TestATokenOpensOneDoor(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		paths := []string{"/event", "/service", "/job"}
		for _, opens := range paths {
			token, err := r.tokenFor(opens).Sign()
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths {
				status := r.post(path, "", "Bearer "+token).StatusCode
				if (status == http.StatusUnauthorized) == (opens == path) {
					t.Errorf("the token for %s at %s: %d", opens, path, status)
				}
			}
		}
		old := r.tokenFor("/event")
		token, err := old.Sign()
		if err != nil {
			t.Fatal(err)
		}
		r.restart(map[string]string{"JWT_SECRET": strings.Repeat("new ", 10), "JWT_SECRET_PREVIOUS": string(old.Secret)})
		if response := r.post("/event", `{}`, "Bearer "+token); response.StatusCode != http.StatusOK {
			t.Errorf("a token of the secret before: %d", response.StatusCode)
		}
		r.restart(map[string]string{"JWT_SECRET": strings.Repeat("new ", 10)})
		if response := r.post("/event", `{}`, "Bearer "+token); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("when that is gone: %d", response.StatusCode)
		}
	})
}

// TestStrangersAreBounded: they make us read so often and no more, learn nothing, and
// name only what can be an order.
func TestStrangersAreBounded(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{"EVENT_AUTH": "none", "EVENT_RATE": "1"}})
		for _, id := range []string{"order-number=A-1", "..", "../products/x", "a/b?c=d", "A-1", strings.Repeat("0", 36)} {
			if word := answerOf(t, r.post("/event", confirmed(id), "")); word != "done" {
				t.Errorf("%s: %s", id, word)
			}
		}
		for _, body := range []string{"", "nonsense", "[]", `{}`} {
			if word := answerOf(t, r.post("/event", body, "")); word != "done" {
				t.Errorf("%q: %s", body, word)
			}
		}
		if n := r.CTLog.Count("GET /demo/orders"); n != 0 {
			t.Errorf("%d calls for what is no id:%s", n, r.listing())
		}
		turnedAway := 0
		for i := range 30 {
			if word := answerOf(t, r.post("/event", confirmed(fmt.Sprintf("55555555-5555-4555-8555-%012d", i)), "")); word == "later" {
				turnedAway++
			}
		}
		if n := r.CTLog.Count("GET /demo/orders"); n != 10 || turnedAway != 20 {
			t.Errorf("%d orders were read, %d turned away", n, turnedAway)
		}
		if response := r.post("/event", confirmed(r.CT.PlaceOrder(simpleOrder("")))); answerOf(t, response) != "applied" {
			t.Error("who shows a token waits with the strangers")
		}
		token, err := r.tokenFor("/event").Sign()
		if err != nil {
			t.Fatal(err)
		}
		if response := r.post("/event?token="+token, confirmed(r.CT.PlaceOrder(simpleOrder(""))), ""); answerOf(t, response) != "applied" {
			t.Error("who shows it in the address waits with the strangers")
		}
	})
}

// TestConnectionsAreBounded: whoever holds many open leaves room, and what is closed makes
// room again.
func TestConnectionsAreBounded(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{"MAX_CONNECTIONS": "20"}})
		var held []<-chan int
		for range 40 {
			held = append(held, r.open("/event", "", ""))
		}
		time.Sleep(time.Second)
		closed := 0
		for _, answer := range held {
			select {
			case <-answer:
				closed++
			default:
			}
		}
		if closed != 30 {
			t.Errorf("%d of 40 were closed at once, want 30", closed)
		}
		time.Sleep(5 * time.Second) // silent ones do not stay longer
		for range 5 {               // each on a connection of its own
			if response := r.post("/event", `{}`); response.StatusCode != http.StatusOK {
				t.Fatalf("afterwards: %d", response.StatusCode)
			}
		}
		if response := r.post("/event", `{}`); response.StatusCode != http.StatusOK {
			t.Errorf("afterwards: %d", response.StatusCode)
		}
	})
}
