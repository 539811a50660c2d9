package remote

import (
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Unreadable is JSON that does not fit what it is read into. Its text holds no value of
// it.
type Unreadable struct {
	Field  string // such as lineItems[2].price, where the wrong type is; empty: the whole
	NoJSON bool   // it is no JSON at all, or ends too early
}

func (e *Unreadable) Error() string {
	if e.NoJSON {
		return "not JSON"
	}
	return "field " + strconv.Quote(e.Field) + " has the wrong type"
}

// lenient is how platforms' answers are read: what is wrong in them and does not matter
// is no reason to do nothing.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// wholeNumbers reads whole numbers however they are written: 2, 2.0, 2e0. It is not
// tried first, since it costs a look-up for every value.
var wholeNumbers = json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *int) error {
	if from.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	text, err := from.ReadValue()
	if err != nil {
		return err
	}
	number, err := strconv.ParseFloat(string(text), 64)
	if err != nil || number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return errors.New("not a whole number")
	}
	*into = int(number)
	return nil
})

// exactNumbers reads whole numbers, where any value may stand, that a float64 does not
// hold: as an int, and beyond 64 bits as the text of their digits.
var exactNumbers = json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *any) error {
	if from.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	text, err := from.ReadValue()
	if err != nil {
		return err
	}
	digits := string(text)
	number, err := strconv.ParseFloat(digits, 64)
	*into = number
	if err != nil || math.Abs(number) < 1<<53 || strings.ContainsAny(digits, ".eE") {
		return err
	}
	whole, err := strconv.Atoi(digits)
	switch {
	case err != nil:
		*into = digits
	case whole != int(number):
		*into = whole
	}
	return nil
})

// hasLongNumber reports whether text may hold numbers that a float64 does not.
func hasLongNumber(text []byte) bool {
	const long = 16 // digits of 2 to the power of 53
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	// Of so many in a row one is met, whatever their place.
	for start, end := long-1, 0; start < len(text); start = end + long {
		end = start
		for digit(start - 1) {
			start--
		}
		for digit(end) {
			end++
		}
		if end-start >= long && (start == 0 || strings.IndexByte(":,[- \t\r\n", text[start-1]) >= 0) { // not in a text
			return true
		}
	}
	return false
}

// Decode reads JSON in one pass, by functions alone. Names are matched exactly; unknown
// ones are skipped. The error is an *Unreadable. Nothing of text is kept.
func Decode(text []byte, into any) error { return decoder.Decode(text, into) }

// Decoder decodes like Decode, some types with functions of its own.
type Decoder struct{ plain, exact, plainWhole, exactWhole json.Options }

var decoder = NewDecoder()

// NewDecoder joins the functions. What it learns of types it keeps, so it is made once.
func NewDecoder(functions ...*json.Unmarshalers) *Decoder {
	with := func(further ...*json.Unmarshalers) json.Options {
		if all := slices.Concat(functions, further); len(all) > 0 {
			return json.JoinOptions(lenient, json.WithUnmarshalers(json.JoinUnmarshalers(all...)))
		}
		return lenient
	}
	return &Decoder{plain: with(), exact: with(exactNumbers), plainWhole: with(wholeNumbers), exactWhole: with(exactNumbers, wholeNumbers)}
}

// Decode decodes a text; see the function Decode.
func (d *Decoder) Decode(text []byte, into any) error {
	first, second := d.plain, d.plainWhole
	if hasLongNumber(text) {
		first, second = d.exact, d.exactWhole
	}
	err := json.Unmarshal(text, into, first)
	var wrong *json.SemanticError
	if errors.As(err, &wrong) {
		err = json.Unmarshal(text, into, second)
	}
	if err == nil {
		return nil
	}
	if !errors.As(err, &wrong) || !jsontext.Value(text).IsValid(lenient) {
		return &Unreadable{NoJSON: true}
	}
	return &Unreadable{Field: fieldOf(pointerOf(err))}
}

// pointerOf is where the innermost error is: functions that read a type of their own wrap
// what they meet.
func pointerOf(err error) (place jsontext.Pointer) {
	var wrong *json.SemanticError
	for errors.As(err, &wrong) {
		if len(wrong.JSONPointer) > len(place) {
			place = wrong.JSONPointer
		}
		err = wrong.Err
	}
	return place
}

// fieldOf is the place as people write it: lineItems[2].price.value.
func fieldOf(place jsontext.Pointer) string {
	var path strings.Builder
	for name := range place.Tokens() {
		_, err := strconv.Atoi(name)
		switch {
		case err == nil:
			path.WriteString("[" + name + "]")
		case path.Len() > 0:
			path.WriteString("." + name)
		default:
			path.WriteString(name)
		}
	}
	return path.String()
}

// bodies are buffers that answers were read into.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is how large a buffer may be to be used again.
const maxPooled = 64 << 10

// DecodeBody reads an answer's body to its end and decodes it like Decode. An error of
// another kind is the connection's.
func DecodeBody(response *http.Response, into any) error {
	return WithBody(response, func(text []byte) error { return Decode(text, into) })
}

// WithBody reads an answer's body to its end. text is used again when read returns.
func WithBody(response *http.Response, read func(text []byte) error) error {
	buffer := bodies.Get().(*[]byte)
	defer bodies.Put(buffer)
	text, err := appendBody((*buffer)[:0], response.Body)
	if cap(text) <= maxPooled {
		*buffer = text
	}
	if err != nil {
		return err
	}
	return read(text)
}

// appendBody reads a body to its end behind what text holds.
func appendBody(text []byte, body io.Reader) ([]byte, error) {
	const least = 512
	for {
		if cap(text)-len(text) < least {
			grown := make([]byte, len(text), max(2*cap(text), 8*least))
			copy(grown, text)
			text = grown
		}
		n, err := body.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		if err == io.EOF {
			return text, nil
		}
		if err != nil {
			return text, err
		}
	}
}
