package intake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// A probe of our public address comes in as an event does, with a token; only a connector with the same
// secret can answer it. A page that answers 200 to everything cannot.
const (
	ProbeHeader = "Fftconnect-Probe" // any text
	ProofHeader = "Fftconnect-Proof" // Token.Prove of it
)

// AnswerProbe is the answer to a probe.
func (t Token) AnswerProbe(nonce string) string {
	mac := hmac.New(sha256.New, t.Secret)
	mac.Write([]byte("proof of address " + nonce))
	return hex.EncodeToString(mac.Sum(nil))
}
