package intake

import (
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// classify turns an error into how the message ended. This is the one place where
// it is decided whether a message is worth keeping.
//
//	conflict, transient, blocked   Returned, or Deferred once it is stored
//	rejected, not found            Rejected: somebody must look
//	anything else                  Rejected: our own mistake
func classify(result outcome.Result, err error) outcome.Result {
	if err == nil {
		return result
	}
	result.Kind = outcome.Rejected
	if remote.KindOf(err).IsTemporary() {
		result.Kind = outcome.Returned
	}
	result.Reason = err.Error()
	if result.Hint == "" {
		result.Hint = remote.HintOf(err)
	}
	return result
}

// replyWord tells the sender how it ended in a word, and nothing that it did not know. Both
// senders repeat whatever is not answered 200; fulfillmenttools takes no other 2xx.
func replyWord(w http.ResponseWriter, status int, word string) { replyJSON(w, status, "status", word) }

func replyJSON(w http.ResponseWriter, status int, name, word string) {
	body, err := jsontext.AppendQuote([]byte(`{"`+name+`":`), word)
	if err != nil {
		panic(fmt.Sprintf("intake: a word that JSON cannot hold: %v", err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '}'))
}
