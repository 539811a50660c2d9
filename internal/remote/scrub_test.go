package remote_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"fftconnect/internal/remote"
)

// refuse sends body to a platform that answers 400 with words, and gives the text
// of the error.
func refuse(t *testing.T, body, words string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://acme.example/?key=the-api-key", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("client", "basic-secret")
	transport := remote.NewTransport(remote.Options{
		Platform: "acme", Base: &platform{answers: []answer{{status: 400, body: strings.NewReader(words)}}},
		Read: func(_ remote.Operation, _ int, body []byte) remote.Refusal {
			return remote.Refusal{Code: "Invalid", Message: string(body)}
		},
	})
	response, err := transport.RoundTrip(request)
	if err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		t.Fatalf("answered %d", response.StatusCode)
	}
	return fmt.Sprintf("%v %+v", err, err)
}

const order = `{
 "consumer": {"consumerId": "c-5b7f-kunde", "addresses": [{
   "salutation": "Frau Dr.", "firstName": "Anna", "lastName": "Annabell-Ng", "companyName": "Krug \"Co\" KG",
   "street": "Lindenweg", "houseNumber": "17b", "additionalAddressInfo": "Hinterhaus", "postalCode": "50667", "city": "Köln",
   "email": "anna@example.org", "phoneNumbers": [{"type": "MOBILE", "value": "+49 170 5550"}]
 }, {"firstName": "Bo", "lastName": "山田", "city": "Au"}]},
 "email": "user@demo.example", "password": "demo-password", "refresh_token": "AMf-refresh",
 "target": {"headers": [{"key": "Authorization", "value": "Bearer eyJhbGciOiJIUzI1NiJ9"}]},
 "destination": {"accessSecret": "aws-secret", "apiKey": "kafka-key", "apiSecret": "kafka-secret", "accessKey": "grid-key", "connectionString": "Endpoint=sb://x;SharedAccessKey=abc"},
 "orderLineItems": [{"quantity": 3, "article": {"title": "Mug"}}]
}`

func TestNothingPersonalThatTheRequestHeldSurvives(t *testing.T) {
	t.Parallel()
	for _, planted := range []string{
		"c-5b7f-kunde", "Frau Dr.", "Anna", "Annabell-Ng", "Annabell", `Krug "Co" KG`, `Krug \"Co\" KG`, "Lindenweg", "17b", "Hinterhaus",
		"50667", "Köln", "anna@example.org", "+49 170 5550", "Bo", "山田", "Au",
		"user@demo.example", "demo-password", "AMf-refresh", "eyJhbGciOiJIUzI1NiJ9", "aws-secret", "kafka-key", "kafka-secret",
		"grid-key", "Endpoint=sb://x;SharedAccessKey=abc",
		"the-api-key", "basic-secret", "somebody.else@example.com",
	} {
		for _, words := range []string{
			"The value '" + planted + "' is not valid.",
			planted + ": must match ^.+$",
			"got " + planted,
			`[{"summary":"` + planted + `"}]`,
		} {
			text := refuse(t, order, words)
			if strings.Contains(text, planted) {
				t.Errorf("%q survives in %s", planted, text)
			}
		}
	}
}

func TestANameThatIsPartOfAnotherLeavesNoRest(t *testing.T) {
	t.Parallel()
	for range 20 { // the order of a JSON object's fields is random
		if text := refuse(t, order, "who is Annabell-Ng?"); strings.Contains(text, "bell") || strings.Contains(text, "Ng") {
			t.Fatalf("got %s", text)
		}
	}
}

func TestTheRestOfThePlatformsWordsStays(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"consumer.addresses[0].houseNumber: must match ^.+$",
		"quantity: must be at most 3, Boat and Auto are no names, 5066 is none",
		"The Order '0b8a3c53' has a different version than expected. Expected: 3 - Actual: 4.",
		"article Mug does not exist",
	} {
		if text := refuse(t, order, words); !strings.Contains(text, words) {
			t.Errorf("%q became %s", words, text)
		}
	}
	if text := refuse(t, "not JSON", "Lindenweg is not valid"); !strings.Contains(text, "Lindenweg is not valid") {
		t.Errorf("a request that is not JSON: %s", text)
	}
}

func TestACodeHoldsNoAddressEither(t *testing.T) {
	t.Parallel()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://acme.example/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	transport := remote.NewTransport(remote.Options{
		Platform: "acme", Base: answering(400),
		Read: func(remote.Operation, int, []byte) remote.Refusal { return remote.Refusal{Code: "anna@example.org"} },
	})
	_, err = transport.RoundTrip(request)
	if err == nil || strings.Contains(err.Error(), "anna") {
		t.Errorf("got %v", err)
	}
}

func TestLongWordsAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for pad := range 4 {
		text := refuse(t, "{}", strings.Repeat("x", pad)+strings.Repeat("界", 400))
		if !utf8.ValidString(text) || len(text) > 1300 || !strings.Contains(text, "…") {
			t.Errorf("%d bytes, valid %v", len(text), utf8.ValidString(text))
		}
	}
}
