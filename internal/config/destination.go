package config

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"
)

// Destination is the broker that commercetools delivers messages to. It prints as
// its kind, since the rest may hold secrets.
type Destination struct {
	Kind     string // commercetools' name for it, such as GoogleCloudPubSub
	Platform platform.Destination
	// CloudEvents: the destination demands the CloudEvents format.
	CloudEvents bool
}

// Format writes the kind, for every verb of package fmt.
func (d Destination) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, d.Kind) }

// MarshalText gives the kind.
func (d Destination) MarshalText() ([]byte, error) { return []byte(d.Kind), nil }

// DestinationVariable names the broker, as commercetools' own JSON for a
// subscription's destination.
const DestinationVariable = "SUBSCRIPTION_DESTINATION"

// connectVariables are set by commercetools Connect.
var connectVariables = []string{
	"CONNECT_SUBSCRIPTION_DESTINATION", "CONNECT_GCP_PROJECT_ID", "CONNECT_GCP_TOPIC_NAME",
	"CONNECT_AWS_TOPIC_ARN", "CONNECT_AZURE_CONNECTION_STRING", "CONNECT_PROVIDER",
}

const destinationMeaning = "broker that commercetools delivers messages to, as commercetools' JSON for a destination; on commercetools Connect the CONNECT_ variables name it"

var noDestination = Problem{
	Variable: DestinationVariable, Problem: "is not set", Meaning: destinationMeaning,
	Fix: `for example {"type":"GoogleCloudPubSub","projectId":"my-project","topic":"orders"}`,
}

// mandatory lists the keys of each kind of destination.
var mandatory = map[string][]string{
	"GoogleCloudPubSub": {"projectId", "topic"},
	"SNS":               {"topicArn"},
	"SQS":               {"queueUrl", "region"},
	"EventBridge":       {"region", "accountId"},
	"AzureServiceBus":   {"connectionString"},
	"EventGrid":         {"uri", "accessKey"},
	"ConfluentCloud":    {"bootstrapServer", "apiKey", "apiSecret", "acks", "topic"},
}

// loadDestination prefers our own setting to what commercetools Connect injects.
func loadDestination(env *Environment, given getter) *Problem {
	value, err := given(DestinationVariable)
	problem := Problem{Variable: DestinationVariable, Meaning: destinationMeaning, Fix: noDestination.Fix}
	if err != nil {
		problem.Problem = err.Error()
		return &problem
	}
	if value == "" {
		fields, wrong := connectDestination(given)
		if fields == nil {
			return wrong
		}
		text, _ := json.Marshal(fields)
		value = string(text)
	}
	if env.Destination, err = ParseDestination(value); err != nil {
		problem.Problem = err.Error()
		return &problem
	}
	return nil
}

// connectDestination is nil when the CONNECT_ variables name none.
func connectDestination(given getter) (map[string]string, *Problem) {
	get := func(name string) string { value, _ := given(name); return value }
	kind := get("CONNECT_SUBSCRIPTION_DESTINATION")
	project, topic, arn := get("CONNECT_GCP_PROJECT_ID"), get("CONNECT_GCP_TOPIC_NAME"), get("CONNECT_AWS_TOPIC_ARN")
	azure := get("CONNECT_AZURE_CONNECTION_STRING")
	switch {
	case kind == "SNS" || kind == "" && arn != "":
		if arn == "" {
			return nil, connectProblem("CONNECT_AWS_TOPIC_ARN", "is not set")
		}
		return map[string]string{"type": "SNS", "topicArn": arn, "authenticationMode": "IAM"}, nil
	case kind == "AzureServiceBus" || kind == "" && azure != "":
		if azure == "" {
			return nil, connectProblem("CONNECT_AZURE_CONNECTION_STRING", "is not set")
		}
		return map[string]string{"type": "AzureServiceBus", "connectionString": azure}, nil
	case kind != "" && kind != "GoogleCloudPubSub" && kind != "GCP": // connectors meet both
		return nil, connectProblem("CONNECT_SUBSCRIPTION_DESTINATION", "must be GoogleCloudPubSub, GCP, SNS or AzureServiceBus")
	case kind == "" && project == "" && topic == "":
		return nil, nil
	case project == "":
		return nil, connectProblem("CONNECT_GCP_PROJECT_ID", "is not set")
	case topic == "":
		return nil, connectProblem("CONNECT_GCP_TOPIC_NAME", "is not set")
	}
	return map[string]string{"type": "GoogleCloudPubSub", "projectId": project, "topic": topic}, nil
}

func connectProblem(variable, problem string) *Problem {
	return &Problem{Variable: variable, Problem: problem, Meaning: "injected by commercetools Connect", Fix: "set it, or " + DestinationVariable}
}

// ParseDestination reads commercetools' JSON for a destination. Its errors hold no
// value from it, since it may hold secrets.
func ParseDestination(text string) (*Destination, error) {
	var fields map[string]string
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return nil, fmt.Errorf("is not a JSON object of texts")
	}
	if fields["type"] == "AzureEventGrid" {
		fields["type"] = "EventGrid"
	}
	kind := fields["type"]
	keys, known := mandatory[kind]
	if !known {
		kinds := make([]string, 0, len(mandatory))
		for name := range mandatory {
			kinds = append(kinds, name)
		}
		slices.Sort(kinds)
		return nil, fmt.Errorf("type must be one of %s", strings.Join(kinds, ", "))
	}
	var missing []string
	for _, key := range keys {
		if fields[key] == "" {
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("a destination of type %s needs %s", kind, strings.Join(missing, ", "))
	}
	destination := &Destination{Kind: kind, CloudEvents: kind == "EventGrid"}
	decode, _ := json.Marshal(fields)
	var err error
	destination.Platform, err = decodeDestination(kind, decode)
	return destination, err
}

func decodeDestination(kind string, text []byte) (platform.Destination, error) {
	switch kind {
	case "GoogleCloudPubSub":
		return decodeAs[platform.GoogleCloudPubSubDestination](text)
	case "SNS":
		return decodeAs[platform.SnsDestination](text)
	case "SQS":
		return decodeAs[platform.SqsDestination](text)
	case "EventBridge":
		return decodeAs[platform.EventBridgeDestination](text)
	case "AzureServiceBus":
		return decodeAs[platform.AzureServiceBusDestination](text)
	case "EventGrid":
		return decodeAs[platform.AzureEventGridDestination](text)
	default:
		return decodeAs[platform.ConfluentCloudDestination](text)
	}
}

func decodeAs[T any](text []byte) (platform.Destination, error) {
	var destination T
	if err := json.Unmarshal(text, &destination); err != nil {
		return nil, fmt.Errorf("does not fit commercetools' schema of a destination")
	}
	return destination, nil
}
