package main

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestOrdersAreFoundInWhatPeopleHave(t *testing.T) {
	t.Parallel()
	const order = `{"id":"o1","version":1,"orderState":"Open","lineItems":[]}`
	utf16Of := func(byteOrder binary.AppendByteOrder) string {
		text := byteOrder.AppendUint16(nil, 0xFEFF)
		for _, unit := range utf16.Encode([]rune(order)) {
			text = byteOrder.AppendUint16(text, unit)
		}
		return string(text)
	}
	quoted, err := json.Marshal(`{"type":"OrderCreated","order":` + order + `}`)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		text string
		want int
	}{
		"an order":              {order, 1},
		"UTF-8 with a mark":     {"\ufeff" + order, 1},
		"UTF-16, little-endian": {utf16Of(binary.LittleEndian), 1},
		"UTF-16, big-endian":    {utf16Of(binary.BigEndian), 1},
		"a list":                {"[" + order + "," + order + "]", 2},
		"a query's result":      {`{"limit":20,"results":[` + order + `]}`, 1},
		"EventBridge":           {`{"detail":{"type":"OrderCreated","order":` + order + `}}`, 1},
		"SNS":                   {`{"Type":"Notification","Message":` + string(quoted) + `}`, 1},
		"SQS":                   {`{"Records":[{"body":` + string(quoted) + `}]}`, 1},
		"CloudEvents":           {`{"specversion":"1.0","data":{"order":` + order + `}}`, 1},
	} {
		orders, err := decodeOrders("f", []byte(test.text))
		if err != nil || len(orders) != test.want {
			t.Errorf("%s: %d orders, %v", name, len(orders), err)
		}
	}
	for text, want := range map[string]string{
		"nothing": "it is not JSON", "{}": "it lacks what every such answer has", "[]": "has the wrong type", `"x"`: "has the wrong type",
		strings.Repeat("[", 50) + strings.Repeat("]", 50): "has the wrong type",
	} {
		if _, err := decodeOrders("f", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: %v", text, err)
		}
	}
}
