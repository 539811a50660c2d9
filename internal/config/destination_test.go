package config_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

func TestEveryKindOfDestinationIsKept(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"type":"GoogleCloudPubSub","projectId":"p","topic":"t"}`,
		`{"type":"SNS","topicArn":"arn","authenticationMode":"IAM"}`,
		`{"type":"SNS","topicArn":"arn","accessKey":"k","accessSecret":"s"}`,
		`{"type":"SQS","queueUrl":"https://q","region":"eu-central-1","accessKey":"k","accessSecret":"s","authenticationMode":"Credentials"}`,
		`{"type":"EventBridge","region":"eu-central-1","accountId":"1"}`,
		`{"type":"AzureServiceBus","connectionString":"Endpoint=sb://x"}`,
		`{"type":"EventGrid","uri":"https://grid","accessKey":"k"}`,
		`{"type":"ConfluentCloud","bootstrapServer":"b:9092","apiKey":"k","apiSecret":"s","acks":"all","topic":"t","key":"orders"}`,
	} {
		destination, err := config.ParseDestination(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := asObject(t, destination.Platform); !contains(got, text) || destination.Kind != got["type"] {
			t.Errorf("%s became %s %v", text, destination.Kind, got)
		}
		if destination.CloudEvents != (destination.Kind == "EventGrid") {
			t.Errorf("%s: CloudEvents is %v", destination.Kind, destination.CloudEvents)
		}
	}
	grid, err := config.ParseDestination(`{"type":"AzureEventGrid","uri":"https://grid","accessKey":"k"}`)
	if err != nil || grid.Kind != "EventGrid" || asObject(t, grid.Platform)["type"] != "EventGrid" {
		t.Errorf("got %v, %v", grid, err)
	}
}

func asObject(t *testing.T, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// contains reports whether object has everything that text has, and nothing else
// but empty values.
func contains(object map[string]any, text string) bool {
	var want map[string]any
	if json.Unmarshal([]byte(text), &want) != nil {
		return false
	}
	maps.DeleteFunc(object, func(_ string, value any) bool { return value == "" })
	return reflect.DeepEqual(object, want)
}

func TestAWrongDestinationIsExplainedWithoutItsValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`hunter2`:                           "is not a JSON object of texts",
		`["hunter2"]`:                       "is not a JSON object of texts",
		`{"type":1,"topic":"hunter2"}`:      "is not a JSON object of texts",
		`{}`:                                "type must be one of AzureServiceBus, ConfluentCloud, EventBridge, EventGrid, GoogleCloudPubSub, SNS, SQS",
		`{"type":"hunter2"}`:                "type must be one of",
		`{"type":"IronMQ","uri":"hunter2"}`: "type must be one of",
		`{"type":"GoogleCloudPubSub"}`:      "needs projectId, topic",
		`{"type":"SNS"}`:                    "needs topicArn",
		`{"type":"SQS","region":"hunter2"}`: "needs queueUrl",
		`{"type":"EventBridge"}`:            "needs region, accountId",
		`{"type":"AzureServiceBus"}`:        "needs connectionString",
		`{"type":"EventGrid"}`:              "needs uri, accessKey",
		`{"type":"ConfluentCloud","apiSecret":"hunter2"}`: "needs bootstrapServer, apiKey, acks, topic",
	} {
		destination, err := config.ParseDestination(text)
		if err == nil || destination != nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestConnectNamesTheDestination(t *testing.T) {
	t.Parallel()
	const (
		pubSub = `{"type":"GoogleCloudPubSub","projectId":"p","topic":"t"}`
		sns    = `{"type":"SNS","topicArn":"arn","authenticationMode":"IAM"}`
		azure  = `{"type":"AzureServiceBus","connectionString":"Endpoint=sb://x"}`
	)
	for name, c := range map[string]struct {
		kind, project, topic, arn, azure, own string
		want                                  string // empty: none
		problem                               string // the variable at fault; empty: none
	}{
		"nothing":                   {},
		"Pub/Sub":                   {kind: "GoogleCloudPubSub", project: "p", topic: "t", want: pubSub},
		"Pub/Sub, not named":        {project: "p", topic: "t", want: pubSub},
		"Pub/Sub without topic":     {kind: "GoogleCloudPubSub", project: "p", problem: "CONNECT_GCP_TOPIC_NAME"},
		"topic alone":               {topic: "t", problem: "CONNECT_GCP_PROJECT_ID"},
		"Pub/Sub of nothing":        {kind: "GoogleCloudPubSub", problem: "CONNECT_GCP_PROJECT_ID"},
		"SNS":                       {kind: "SNS", arn: "arn", want: sns},
		"SNS, not named":            {arn: "arn", want: sns},
		"SNS beside Pub/Sub":        {kind: "SNS", arn: "arn", project: "p", topic: "t", want: sns},
		"Pub/Sub beside SNS":        {kind: "GoogleCloudPubSub", arn: "arn", project: "p", topic: "t", want: pubSub},
		"SNS without ARN":           {kind: "SNS", project: "p", topic: "t", problem: "CONNECT_AWS_TOPIC_ARN"},
		"Azure":                     {kind: "AzureServiceBus", azure: "Endpoint=sb://x", want: azure},
		"Azure, not named":          {azure: "Endpoint=sb://x", want: azure},
		"Azure without connection":  {kind: "AzureServiceBus", problem: "CONNECT_AZURE_CONNECTION_STRING"},
		"a broker unknown to us":    {kind: "Kafka", project: "p", topic: "t", problem: "CONNECT_SUBSCRIPTION_DESTINATION"},
		"our own setting":           {own: sns, kind: "GoogleCloudPubSub", project: "p", topic: "t", want: sns},
		"our own setting, broken":   {own: "{}", kind: "GoogleCloudPubSub", project: "p", topic: "t", problem: "SUBSCRIPTION_DESTINATION"},
		"our own setting, no other": {own: azure, kind: "SNS", want: azure},
	} {
		settings := with(map[string]string{
			"CONNECT_SUBSCRIPTION_DESTINATION": c.kind, "CONNECT_GCP_PROJECT_ID": c.project, "CONNECT_GCP_TOPIC_NAME": c.topic,
			"CONNECT_AWS_TOPIC_ARN": c.arn, "CONNECT_AZURE_CONNECTION_STRING": c.azure, "SUBSCRIPTION_DESTINATION": c.own,
		})
		if c.problem != "" {
			if got := problemsOf(t, settings, config.NeedDestination); !slices.Equal(got, []string{c.problem}) {
				t.Errorf("%s: got problems with %v, want %s", name, got, c.problem)
			}
			continue
		}
		env, err := load(settings, 0)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want == "":
			if env.Destination != nil {
				t.Errorf("%s: got %v", name, env.Destination)
			}
		case env.Destination == nil || !contains(asObject(t, env.Destination.Platform), c.want):
			t.Errorf("%s: got %v, want %s", name, env.Destination, c.want)
		}
	}
}
