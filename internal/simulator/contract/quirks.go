package contract

import (
	"maps"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// quirks are the places where a vendor's file says something else than the vendor
// documents and does.
type quirks struct {
	// paths are those that the connector and the simulators speak, and notices the schemas of
	// what the platform tells the connector.
	paths, notices *regexp.Regexp
	// failure names the schema of an error body.
	failure string
	// unauthorized names the schema of an error body with status 401, where it has
	// one of its own that no operation lists.
	unauthorized string
	// keyPatterns: names in "required" between slashes are patterns of map keys that
	// came over from RAML, not properties.
	keyPatterns bool
	// stringMeansAnything: additional properties are declared as strings wherever the
	// RAML says "any value" (custom fields, details of errors). Only the schemas named
	// here really hold strings.
	stringMeansAnything bool
	realStrings         []string
	// suffixes: the mapping of these bases lists their immediate subclasses only, or
	// hardly any. A subclass's name is its discriminator value and this suffix.
	suffixes map[string]string
	// unlisted are flags that the vendor sends and the file forgets, by schema.
	unlisted map[string]string
	// oneOfMeansAnyOf: alternatives overlap (two enumerations of tracking states share
	// values), so that "exactly one" would refuse what is meant.
	oneOfMeansAnyOf bool
	// undocumented are statuses that an operation may answer although the file does
	// not list them; their bodies are held against failure. withBody are those of
	// operations that take a body.
	undocumented func(status int, takesBody bool) bool
	// documented finds what breaks the vendor's pages though not its file; nil when
	// they agree.
	documented func(value any) Problems
	// extra are schemas that the file lacks; they are made of parts that it has.
	extra func(*rewriter) map[string]*openapi3.Schema
	parts []string
}

var commercetoolsQuirks = quirks{
	paths:               regexp.MustCompile(`^/\{projectKey\}(/(orders|custom-objects|types|channels|stores|states|subscriptions|shipping-methods)(/.*)?)?$`),
	notices:             regexp.MustCompile(`^(SubscriptionNotification|MessageDeliveryPayload|Message)$`),
	failure:             "ErrorResponse",
	unauthorized:        "AuthErrorResponse",
	keyPatterns:         true,
	stringMeansAnything: true,
	realStrings:         []string{"LocalizedString"},
	suffixes:            map[string]string{"Message": "Message", "MessagePayload": "MessagePayload", notificationSchema: "DeliveryPayload"},
	unlisted:            map[string]string{"ClientLogging": "isPlatformClient"},
	undocumented:        func(status int, _ bool) bool { return alwaysPossible(status) },
	extra:               notifications,
	parts:               []string{"Message", bareMessageSchema},
}

var fulfillmenttoolsQuirks = quirks{
	paths: regexp.MustCompile(`^/api/(articles|cancelationreasons|configurations/ordermodification|facilities|handoverjobs|health|itemreturnjobs|` +
		`loadunits|orders|parcels|pickjobs|process|processes|shipments|status|subscriptions|supportedevents|tags)(/.*)?$`),
	notices:         regexp.MustCompile(`WebHookEvent$`),
	failure:         "ApiError",
	oneOfMeansAnyOf: true,
	// A body that breaks the rules is answered 400 everywhere, but listed for few.
	undocumented: func(status int, takesBody bool) bool {
		return alwaysPossible(status) || takesBody && status == 400
	},
	documented: attributeProblems,
}

// inUse reports parts that the connector or the simulators may speak.
func (q quirks) inUse(p part) bool {
	return p.kind == pathKind && q.paths.MatchString(p.name) || p.kind == schemaKind && q.notices.MatchString(p.name)
}

// alwaysPossible are answers that gateways and overload produce for any operation.
func alwaysPossible(status int) bool {
	return status == 401 || status == 408 || status == 409 || status == 413 || status == 429 || status >= 500
}

func (q quirks) isKeyPattern(name string) bool {
	return q.keyPatterns && strings.HasPrefix(name, "/") && strings.HasSuffix(name, "/")
}

func (q quirks) additional(w *rewriter, part *openapi3.Schema) openapi3.AdditionalProperties {
	more := part.AdditionalProperties
	if more.Schema == nil {
		return more
	}
	if q.stringMeansAnything && !w.isNamed(part, q.realStrings) {
		yes := true
		return openapi3.AdditionalProperties{Has: &yes}
	}
	return openapi3.AdditionalProperties{Schema: w.rewritten(more.Schema)}
}

func (w *rewriter) isNamed(s *openapi3.Schema, names []string) bool {
	for _, name := range names {
		if ref := w.components[name]; ref != nil && ref.Value == s {
			return true
		}
	}
	return false
}

const (
	notificationSchema = "SubscriptionNotification"
	messageSchema      = "message in a notification"
	bareMessageSchema  = "MessageDeliveryPayload"
)

// notifications adds the message as it is delivered, which commercetools' file lacks:
// the fields of the envelope and those of the message, side by side. Without them, a
// notification must say why it left them out.
func notifications(w *rewriter) map[string]*openapi3.Schema {
	bare := w.flatten(w.components[bareMessageSchema].Value)
	bare.Required = append(bare.Required, "payloadNotIncluded")
	return map[string]*openapi3.Schema{messageSchema: w.messages(bare)}
}

func (w *rewriter) messages(envelope *openapi3.Schema) *openapi3.Schema {
	types := map[string]*openapi3.Schema{}
	for value, target := range ownDiscriminator(w.components["Message"].Value).Mapping {
		message := *w.flatten(w.component(target.Ref))
		message.Properties = maps.Clone(message.Properties)
		for _, name := range []string{"notificationType", "projectKey"} {
			message.Properties[name] = envelope.Properties[name]
		}
		message.Required = append([]string{"notificationType", "projectKey"}, message.Required...)
		types[value] = &message
	}
	return chooseByProperty("type", types)
}

// narrowSchemaName replaces the name of a notification's schema by the one for the message
// that it carries, if it carries one.
func narrowSchemaName(platform, name string, value any) string {
	if platform != Commercetools || name != notificationSchema && name != bareMessageSchema {
		return name
	}
	body, _ := value.(map[string]any)
	_, typed := body["type"]
	_, left := body["payloadNotIncluded"]
	if body["notificationType"] == "Message" && (typed || !left) {
		return messageSchema
	}
	return name
}
