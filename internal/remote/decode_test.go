package remote_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fftconnect/internal/remote"
)

type thing struct {
	Name  string   `json:"name"`
	Count int      `json:"count"`
	List  []thing  `json:"list"`
	Words []string `json:"words"`
}

func TestWhatDoesNotMatterIsNoReasonToDoNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]thing{
		`{"name":"a","count":2}`:                             {Name: "a", Count: 2},
		`{"name":null,"count":null,"list":null}`:             {},
		`{"unknown":{"deep":[1,{"x":"\ud800"}]},"name":"a"}`: {Name: "a"},
		`{"count":2.0}`:                                      {Count: 2},
		`{"count":2e1,"list":[{"count":3.0}]}`:               {Count: 20, List: []thing{{Count: 3}}},
		`{"name":"a","name":"b"}`:                            {Name: "b"},
		`{"NAME":"a"}`:                                       {},
		"{\"name\":\"a\xff\"}":                               {Name: "a\ufffd"},
		` {"name":"a"} `:                                     {Name: "a"},
	} {
		var got thing
		if err := remote.Decode([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got.Name != want.Name || got.Count != want.Count || len(got.List) != len(want.List) || len(got.List) > 0 && got.List[0].Count != want.List[0].Count {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
}

func TestUnreadableNamesTheFieldAndNoValue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]remote.Unreadable{
		``:                                      {NoJSON: true},
		`{"name":"hunter2`:                      {NoJSON: true},
		`{"name":"a"}x`:                         {NoJSON: true},
		`{"count":"hunter2"`:                    {NoJSON: true},
		`{"count":"hunter2"}`:                   {Field: "count"},
		`{"count":2.5}`:                         {Field: "count"},
		`{"list":[{},{"words":["a",{"b":1}]}]}`: {Field: "list[1].words[1]"},
		`["hunter2"]`:                           {},
	} {
		err := remote.Decode([]byte(text), &thing{})
		var got *remote.Unreadable
		if !errors.As(err, &got) || *got != want {
			t.Errorf("%s: got %#v, want %#v", text, err, want)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows what was in it: %v", text, err)
		}
	}
}

// TestNumbersAreExactWhereAnyValueMayStand: a float64 holds 53 bits of a number.
func TestNumbersAreExactWhereAnyValueMayStand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"19.99": 19.99, "12": 12.0, "-0": 0.0, "true": true, "null": nil, `"9007199254740993"`: "9007199254740993",
		"9007199254740992": 9007199254740992.0, "9007199254740993": 9007199254740993, "-9007199254740993": -9007199254740993,
		"9223372036854775807": 9223372036854775807, "9223372036854775808": "9223372036854775808",
		"12345678901234567890123": "12345678901234567890123", "1e30": 1e30, "0.12345678901234567890": 0.12345678901234567890,
	} {
		for _, form := range []string{`{"value":%s}`, `{"value": [ %s ]}`, `{"value":{"a":%s}}`, "{\"value\":[1,\n%s]}"} {
			var got struct{ Value any }
			if err := remote.Decode(fmt.Appendf(nil, form, text), &struct {
				Value *any `json:"value"`
			}{&got.Value}); err != nil {
				t.Errorf("%s: %v", text, err)
			}
			switch value := got.Value.(type) {
			case []any:
				got.Value = value[len(value)-1]
			case map[string]any:
				got.Value = value["a"]
			}
			if got.Value != want {
				t.Errorf("%s: got %v (%T), want %v (%T)", fmt.Sprintf(form, text), got.Value, got.Value, want, want)
			}
		}
	}
}

// TestBothPassesReadWithTheSameFunctions: what makes a second pass necessary changes
// nothing else.
func TestBothPassesReadWithTheSameFunctions(t *testing.T) {
	t.Parallel()
	shout := json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *string) error {
		token, err := from.ReadToken()
		*into = strings.ToUpper(token.String())
		return err
	})
	shouting := remote.NewDecoder(shout)
	for _, text := range []string{`{"name":"a","count":2}`, `{"name":"a","count":2.0}`, `{"name":"a","count":2.0,"x":9007199254740993}`} {
		var got thing
		if err := shouting.Decode([]byte(text), &got); err != nil || got.Name != "A" || got.Count != 2 {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	var got thing
	err := shouting.Decode([]byte(`{"list":[{"count":2.0},{"count":2.5}]}`), &got)
	if err == nil || !strings.Contains(err.Error(), "list[1].count") {
		t.Errorf("got %v", err)
	}
}

// TestBodiesThatAreReadAtOnceStayApart: their buffers are used again and again.
func TestBodiesThatAreReadAtOnceStayApart(t *testing.T) {
	t.Parallel()
	var reading sync.WaitGroup
	for n := range 8 {
		reading.Go(func() {
			for i := range 200 {
				want := fmt.Sprint(n, " ", i)
				text := `{"skipped":"` + strings.Repeat("x", 100*n) + `","name":"` + want + `"}`
				var got thing
				response := &http.Response{Body: io.NopCloser(iotest.HalfReader(strings.NewReader(text)))}
				if err := remote.DecodeBody(response, &got); err != nil || got.Name != want {
					t.Errorf("got %q (%v), want %q", got.Name, err, want)
					return
				}
			}
		})
	}
	reading.Wait()
}

func BenchmarkDecode(b *testing.B) {
	text := []byte(`{"name":"a","count":2,"list":[{"name":"b"},{"name":"c","count":3}],"skipped":{"a":[1,2,3],"b":"text"}}`)
	b.ReportAllocs()
	for b.Loop() {
		var into thing
		if err := remote.Decode(text, &into); err != nil {
			b.Fatal(err)
		}
	}
}
