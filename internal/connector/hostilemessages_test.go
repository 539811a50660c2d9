package connector_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// The callers of this file have a good token: what they send is answered, as bodies that
// cannot be used must not come again and again. So an attack is kept out when nothing was
// done because of it, and accepted when it was what the genuine would have been. What must
// never happen is damage, and an answer that says that something crashed.

// deliver sends a body that must not harm, and counts what became of it.
func (f *figures) deliver(a *target, name, path, body string, headers ...string) {
	mistakes, before := a.logs.mistakes(), a.seen
	got := a.send(path, body, a.token(path), headers...)
	f.tried++
	a.seen = a.version(a.victim)
	switch {
	case got.err != nil || got.status == http.StatusInternalServerError || a.logs.mistakes() > mistakes:
		f.crashed++
		f.through = append(f.through, fmt.Sprintf("%s %s: %d, %v", path, name, got.status, got.err))
	case a.seen != before || got.status == http.StatusOK && body == a.message():
		f.accepted++
	default:
		f.keptOut++
	}
}

// weird are values that stand where others are expected.
var weird = []string{
	`null`, `true`, `-1`, `1e400`, `99999999999999999999`, `""`, `"\u0000\u001b[2J\u202e"`, `"..\/..\/x"`, `"2099-01-01T00:00:00.000Z"`,
	`[]`, `{}`, `[[[[[[[[[[]]]]]]]]]]`, `{"a":{"a":{"a":{"a":[null]}}}}`, "\"\xff\xfe\"",
}

// paths lists every place of a value, as a way of keys and indexes.
func paths(value any, at []any) (found [][]any) {
	found = append(found, slices.Clone(at))
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, paths(value[key], append(at, key))...)
		}
	case []any:
		for i := range value[:min(len(value), 1)] {
			found = append(found, paths(value[i], append(at, i))...)
		}
	}
	return found
}

// with is the value with what is at the path replaced by a text that need not be JSON.
func with(value any, path []any, text string) string {
	if len(path) == 0 {
		return text
	}
	write := func(value any) string {
		plain, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		return string(plain)
	}
	var parts []string
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			inner := write(value[key])
			if key == path[0] {
				inner = with(value[key], path[1:], text)
			}
			parts = append(parts, write(key)+":"+inner)
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		for i := range value {
			inner := write(value[i])
			if i == path[0] {
				inner = with(value[i], path[1:], text)
			}
			parts = append(parts, inner)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return text
}

// brokenBodies are bodies that are no message at all.
func brokenBodies() map[string]string {
	return map[string]string{
		"nothing": "", "blanks": "  \r\n\t ", "a bracket": "{", "a list": "[]", "a text": `"text"`, "a number": "7", "null": "null", "an object": "{}",
		"two objects": "{}{}", "a comma too many": `{"a":1,}`, "single quotes": "{'a':1}", "a comment": "{/*a*/}", "not finished": `{"notificationType":"Mess`,
		"a zero byte": "\x00", "zero bytes": strings.Repeat("\x00", 10_000), "a mark of bytes": "\xef\xbb\xbf{}", "UTF-16": "\xff\xfe{\x00}\x00",
		"broken UTF-8": "{\"a\":\"\xc3\x28\"}", "a lone surrogate": `{"a":"\ud800"}`, "HTML": "<html><script>alert(1)</script></html>", "XML": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`,
		"a form": "event=ORDER_CREATED&payload=1", "YAML": "event: ORDER_CREATED\npayload: &a [*a]", "gzip": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", "SQL": "'; DROP TABLE fftconnect_events; --",
		"deep": strings.Repeat("[", 200_000), "deep objects": strings.Repeat(`{"a":`, 100_000), "deep and closed": strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"many keys": "{" + strings.TrimSuffix(strings.Repeat(`"a":1,`, 50_000), ",") + "}", "a long text": `{"event":"` + strings.Repeat("x", 2<<20) + `"}`,
		"a long number": `{"event":` + strings.Repeat("9", 1<<20) + `}`, "over the limit": `{"x":"` + strings.Repeat("a", 11<<20) + `"}`,
		"blanks over the limit": strings.Repeat(" ", 11<<20) + "{}", "a key like Go's": `{"__proto__":{"event":"x"},"constructor":1}`,
	}
}

// bodies are bodies that are none, and genuine ones with every value in them replaced by
// values of other kinds.
func bodies(t *testing.T) *figures {
	f := &figures{what: "bodies"}
	synctest.Test(t, func(t *testing.T) {
		a := newTarget(t)
		none := brokenBodies()
		for _, name := range slices.Sorted(maps.Keys(none)) {
			for _, path := range []string{"/event", "/service"} {
				f.deliver(a, name, path, none[name])
				if len(none[name]) < 1000 {
					f.deliver(a, name+", said to be packed", path, none[name], "Content-Encoding", "gzip", "Content-Type", "text/plain")
				}
			}
		}
		genuine := map[string]string{"message": a.message()}
		for _, name := range slices.Sorted(maps.Keys(a.events)) {
			genuine[name] = a.events[name]
		}
		for _, name := range slices.Sorted(maps.Keys(genuine)) {
			path := "/service"
			if name == "message" {
				path = "/event"
			}
			var value any
			if err := json.Unmarshal([]byte(genuine[name]), &value); err != nil {
				t.Fatal(err)
			}
			for n, place := range paths(value, nil)[1:] {
				for i, text := range weird {
					if name != "message" && (i+n)%7 > 0 {
						continue // a seventh of them, everywhere others
					}
					f.deliver(a, fmt.Sprintf("%s with %s at %v", name, text, place), path, with(value, place, text))
				}
			}
		}
		a.rest()
		f.through = append(f.through, a.damage()...)
	})
	return f
}

// envelopes are what brokers wrap around messages, with what is none inside, and the other
// way round.
func envelopes(t *testing.T) *figures {
	f := &figures{what: "envelopes"}
	wrap := map[string]func(inner string) string{
		"Pub/Sub": func(inner string) string {
			return `{"message":{"data":` + quoted(base64.StdEncoding.EncodeToString([]byte(inner))) + `,"messageId":"1"},"subscription":"s"}`
		},
		"SNS": func(inner string) string {
			return `{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:eu:1:t","Message":` + quoted(inner) + `}`
		},
		"SNS to confirm": func(inner string) string {
			return `{"Type":"SubscriptionConfirmation","Token":` + quoted(inner) + `,"SubscribeURL":"http://169.254.169.254/latest","TopicArn":"t"}`
		},
		"SQS": func(inner string) string {
			return `{"Records":[{"messageId":"1","body":` + quoted(inner) + `,"eventSource":"aws:sqs"}]}`
		},
		"EventBridge": func(inner string) string {
			return `{"version":"0","id":"1","detail-type":"x","source":"y","detail":` + orNull(inner) + `}`
		},
		"CloudEvents": func(inner string) string {
			return `{"specversion":"1.0","id":"1","type":"x","source":"y","data":` + orNull(inner) + `}`
		},
		"CloudEvents, packed": func(inner string) string {
			return `{"specversion":"1.0","id":"1","type":"x","source":"y","data_base64":` + quoted(base64.StdEncoding.EncodeToString([]byte(inner))) + `}`
		},
		"Event Grid": func(inner string) string {
			return `[{"id":"1","eventType":"x","subject":"y","data":` + orNull(inner) + `}]`
		},
		"Event Grid to validate": func(inner string) string {
			return `[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":` + quoted(inner) + `,"validationUrl":"http://169.254.169.254/"}}]`
		},
	}
	synctest.Test(t, func(t *testing.T) {
		a := newTarget(t)
		insides := map[string]string{
			"nothing": "", "no JSON": "nonsense", "null": "null", "an object": "{}", "a list": "[]", "a zero byte": "\x00", "an escape": "\x1b[2J",
			"the bystander, not confirmed": messageOf(a.bystander), "no id": messageOf("order-number=A-1"), "an address": messageOf("../products/x"),
			"another project": strings.Replace(messageOf(a.bystander), `"demo"`, `"other"`, 1), "an event": a.events["ORDER_CREATED"],
			"a channel of nobody's": strings.Replace(strings.Replace(messageOf("55555555-5555-4555-8555-555555555555"), `"order"`, `"channel"`, 1), `"Message"`, `"ResourceDeleted"`, 1),
			"a product":             strings.Replace(messageOf(a.bystander), `"typeId":"order"`, `"typeId":"product"`, 1), "deep": strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		}
		for _, kind := range slices.Sorted(maps.Keys(wrap)) {
			for _, name := range slices.Sorted(maps.Keys(insides)) {
				f.deliver(a, kind+" around "+name, "/event", wrap[kind](insides[name]))
				f.deliver(a, kind+" around "+name, "/service", wrap[kind](insides[name]))
				f.deliver(a, kind+" cut off around "+name, "/event", strings.TrimSuffix(wrap[kind](insides[name]), "}"))
			}
			for _, outer := range slices.Sorted(maps.Keys(wrap)) {
				f.deliver(a, outer+" around "+kind, "/event", wrap[outer](wrap[kind](messageOf(a.bystander))))
			}
			deep := messageOf(a.bystander)
			for range 12 {
				deep = wrap[kind](deep)
			}
			f.deliver(a, kind+" in itself", "/event", deep)
			f.deliver(a, kind+", the genuine", "/event", a.message())
		}
		f.deliver(a, "many", "/event", "["+strings.TrimSuffix(strings.Repeat(messageOf("55555555-5555-4555-8555-555555555555")+",", 3), ",")+"]")
		f.deliver(a, "too many", "/event", "["+strings.TrimSuffix(strings.Repeat("{},", 20_000), ",")+"]")
		a.rest()
		f.through = append(f.through, a.damage()...)
	})
	return f
}

func quoted(text string) string {
	plain, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(plain)
}

// orNull is the text where JSON is expected.
func orNull(text string) string {
	if text == "" {
		return "null"
	}
	return text
}

// strangeIDs are no ids, or somebody else's.
func (a *target) strangeIDs() []string {
	return []string{
		"", " ", ".", "..", "/", "//", "../", "../../", "../products/x", "a/b?c=d", "a/../b", "%2e%2e", "%2e%2e%2fproducts", "..%2f", "..;/", `..\`, "key=fft-order",
		"order-number=A-1", "order-number=B-1", "A-1", "B-1", "0", "-1", "null", "undefined", "true", "*", "%", "?", "#", "?where=1", "&limit=1", "@", "'", `"`, `" or 1=1 --`,
		"\x00", "\n", "\r\nX-Injected: 1", "\t", "\x1b[2J", "\u202e", "\ufeff", "\u2028", "ＡＢＣ", "🛒", "\xff", strings.Repeat("0", 36), strings.Repeat("a", 36), strings.Repeat("x", 10_000),
		"00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000", "g0000000-0000-4000-8000-000000000000", "{00000000-0000-4000-8000-000000000000}",
		a.bystander, a.bystander + "/", a.bystander + "/..", " " + a.bystander, strings.ToUpper(a.bystander), "55555555-5555-4555-8555-555555555555",
	}
}

// idPlaces are where bodies have ids.
var idPlaces = []string{"id", "orderRef", "pickJobRef", "processId", "processRef", "facilityRef", "tenantOrderId", "parcelRef", "commercetoolsId", "commercetoolsProjectKey"}

// ids puts each strange id in every place where a body has one.
func ids(t *testing.T) *figures {
	f := &figures{what: "ids"}
	synctest.Test(t, func(t *testing.T) {
		a := newTarget(t)
		for _, id := range a.strangeIDs() {
			f.deliver(a, fmt.Sprintf("order %.40q", id), "/event", messageOf(id))
			f.deliver(a, fmt.Sprintf("channel %.40q", id), "/event", strings.Replace(strings.Replace(messageOf(id), `"order"`, `"channel"`, 1), `"Message"`, `"ResourceDeleted"`, 1))
			f.deliver(a, fmt.Sprintf("deleted %.40q", id), "/event", strings.Replace(messageOf(id), "OrderStateChanged", "OrderDeleted", 1))
			for _, event := range []string{"ORDER_CREATED", "PICK_JOB_CREATED", "HANDOVERJOB_CREATED"} {
				for _, place := range idPlaces {
					body, there := replaced(a.events[event], place, id)
					if there {
						f.deliver(a, fmt.Sprintf("%s: %s %.40q", event, place, id), "/service", body)
					}
				}
			}
		}
		a.rest()
		f.through = append(f.through, a.damage()...)
	})
	return f
}

// replaced is the event with every field of this name in its payload replaced.
func replaced(event, name, value string) (body string, there bool) {
	var decoded map[string]any
	if err := json.Unmarshal([]byte(event), &decoded); err != nil {
		panic(err)
	}
	payload := decoded["payload"].(map[string]any)
	for _, part := range []any{payload, payload["customAttributes"], payload["handoverJobParcelInfo"]} {
		fields, ok := part.(map[string]any)
		if _, has := fields[name]; ok && has {
			fields[name], there = value, true
		}
	}
	text, err := json.Marshal(decoded)
	if err != nil {
		panic(err)
	}
	return string(text), there
}
