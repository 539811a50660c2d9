package fulfillmenttools

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fftconnect/internal/remote"
)

// What the platform sends is decoded leniently: it adds keys, leaves out such as it calls
// required, and writes null or another type. What does not fit is left out, and only what
// is needed is missed.

// decode reads what fits in one pass, and anything else leniently.
func decode(text []byte, into any) error {
	if remote.Decode(text, into) == nil {
		return nil
	}
	return decodeLeniently(text, into)
}

// decodeLeniently decodes an object. Only a text that is no object at all is an error.
func decodeLeniently(text []byte, into any) error {
	err := json.Unmarshal(text, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return nil
	}
	return err
}

// number is a whole number, also one written 2.0. Of 1.5 pieces one is whole; but what
// is there in part is not nothing.
type number int

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(text []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err != nil || math.Abs(f) > math.MaxInt32 {
		return nil
	}
	*n = number(math.Floor(f))
	if f > 0 && f < 1 {
		*n = 1
	}
	return nil
}

// moment is a point in time; zero when it is written in another way.
type moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(text []byte) error {
	m.Time, _ = time.Parse(time.RFC3339, strings.Trim(string(text), `"`))
	return nil
}

// name is a text, or a number that names something.
type name string

// UnmarshalJSON implements json.Unmarshaler.
func (n *name) UnmarshalJSON(text []byte) error {
	var words string
	if json.Unmarshal(text, &words) == nil {
		*n = name(words)
	} else if _, err := strconv.ParseFloat(string(text), 64); err == nil {
		*n = name(text)
	}
	return nil
}

// UnmarshalJSONFrom reads a text, and leaves the rest to UnmarshalJSON.
func (n *name) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	if from.PeekKind() == '"' {
		return jsonv2.UnmarshalDecode(from, (*string)(n))
	}
	text, err := from.ReadValue()
	if err != nil {
		return err
	}
	return n.UnmarshalJSON(text)
}

// wireJob is a Job as it comes.
type wireJob struct {
	plainJob
	Version      number `json:"version"`
	Created      moment `json:"created"`
	LastModified moment `json:"lastModified"`
}

type plainJob Job

func (w wireJob) toJob() Job {
	job := Job(w.plainJob)
	job.Version, job.Created, job.LastModified = int(w.Version), w.Created.Time, w.LastModified.Time
	return job
}

// UnmarshalJSONFrom reads a job of which everything fits.
func (j *Job) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	return jsonv2.UnmarshalDecode(from, (*plainJob)(j))
}

// UnmarshalJSON implements json.Unmarshaler.
func (j *Job) UnmarshalJSON(text []byte) error {
	var wire wireJob
	err := decodeLeniently(text, &wire)
	*j = wire.toJob()
	return err
}

type plainOrder Order

// UnmarshalJSONFrom reads an order of which everything fits.
func (o *Order) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	return jsonv2.UnmarshalDecode(from, (*plainOrder)(o))
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *Order) UnmarshalJSON(text []byte) error {
	var wire struct {
		plainOrder
		Version number `json:"version"`
		Created moment `json:"created"`
	}
	err := decodeLeniently(text, &wire)
	*o = Order(wire.plainOrder)
	o.Version, o.Created = int(wire.Version), wire.Created.Time
	return err
}

// wireLine is a JobLine as it comes.
type wireLine struct {
	plainLine
	Quantity    number `json:"quantity"`
	Picked      number `json:"picked"`
	HandedOver  number `json:"handedOverQuantity"`
	Substitutes []struct {
		Picked     number `json:"picked"`
		HandedOver number `json:"handedOverQuantity"`
	} `json:"substituteLineItems"`
}

type plainLine JobLine

func (w wireLine) toLine() JobLine {
	line := JobLine(w.plainLine)
	line.Quantity, line.Picked, line.HandedOver = int(w.Quantity), int(w.Picked), int(w.HandedOver)
	for _, s := range w.Substitutes {
		line.Substitutes = append(line.Substitutes, Substitute{Picked: int(s.Picked), HandedOver: int(s.HandedOver)})
	}
	return line
}

// UnmarshalJSONFrom reads lines of which everything fits.
func (lines *JobLines) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	return jsonv2.UnmarshalDecode(from, (*[]JobLine)(lines))
}

// UnmarshalJSON implements json.Unmarshaler. What is no list is none.
func (lines *JobLines) UnmarshalJSON(text []byte) error {
	var wire []wireLine
	_ = json.Unmarshal(text, &wire)
	*lines = nil
	for _, w := range wire {
		*lines = append(*lines, w.toLine())
	}
	return nil
}
