package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf16"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
)

// decodeOrders are the orders that a file holds: an order, a list or a query's result of them,
// or what brokers and commercetools wrap around one.
func decodeOrders(file string, text []byte) ([]commercetools.Order, error) {
	wrong := func(err error) error { return fmt.Errorf("%s holds no order of commercetools: %w", file, err) }
	text = withoutByteOrderMark(text)
	if !json.Valid(text) {
		return nil, wrong(fmt.Errorf("it is not JSON"))
	}
	found := findOrdersInJSON(text, 0)
	if len(found) == 0 {
		if id := messageOrderID(text); id != "" {
			return nil, wrong(fmt.Errorf("it is a message that only names order %s; map that with: fftconnect map %s", id, id))
		}
		found = [][]byte{text}
	}
	orders := make([]commercetools.Order, len(found))
	for i, text := range found {
		var err error
		if orders[i], err = commercetools.DecodeOrder(text); err != nil {
			if failed := (*remote.Error)(nil); errors.As(err, &failed) && failed.Cause != nil {
				err = failed.Cause // it is no answer, and will not become better
			}
			return nil, wrong(err)
		}
	}
	return orders, nil
}

// withoutByteOrderMark is the text in UTF-8 without a byte-order mark; some shells and editors
// write one, and UTF-16 behind it.
func withoutByteOrderMark(text []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	var units []uint16
	for rest := text[2:]; len(rest) >= 2; rest = rest[2:] {
		units = append(units, order.Uint16(rest))
	}
	return []byte(string(utf16.Decode(units)))
}

// maxWraps is how deep an order may be wrapped.
const maxWraps = 12

// wraps are the keys under which brokers and commercetools put what they wrap.
var wraps = []string{"results", "order", "detail", "message", "Message", "data", "data_base64", "Records", "body", "Body", "value", "obj"}

// findOrdersInJSON finds orders by what only orders have.
func findOrdersInJSON(text []byte, depth int) (found [][]byte) {
	if depth > maxWraps {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(text, &list) == nil {
		for _, entry := range list {
			found = append(found, findOrdersInJSON(entry, depth+1)...)
		}
		return found
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil {
		return findOrdersInText(text, depth)
	}
	if object["lineItems"] != nil || object["orderState"] != nil && object["version"] != nil {
		return [][]byte{text}
	}
	for _, key := range wraps {
		if found = findOrdersInJSON(object[key], depth+1); len(found) > 0 {
			return found
		}
	}
	return nil
}

// findOrdersInText looks into a text that may be JSON, or JSON in base64.
func findOrdersInText(text []byte, depth int) [][]byte {
	var inner string
	if json.Unmarshal(text, &inner) != nil || inner == "" {
		return nil
	}
	if decoded, err := base64.StdEncoding.DecodeString(inner); err == nil && json.Valid(decoded) {
		return findOrdersInJSON(decoded, depth+1)
	}
	if json.Valid([]byte(inner)) {
		return findOrdersInJSON([]byte(inner), depth+1)
	}
	return nil
}

// messageOrderID is the id of the order that a message is about; empty when it is none.
func messageOrderID(text []byte) string {
	message, err := commercetools.DecodeNotification(text)
	if err != nil || message.ResourceType != "order" {
		return ""
	}
	return message.ResourceID
}
