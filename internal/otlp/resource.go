package otlp

import (
	"maps"
	"slices"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	wire "go.opentelemetry.io/proto/otlp/resource/v1"

	"fftconnect/internal/config"
)

// resourceOf is who we are, for the SDK and on the wire.
type resourceOf struct {
	sdk  *resource.Resource
	wire *wire.Resource
}

// newResource names the service, its version and this process, and adds the attributes of
// OTEL_RESOURCE_ATTRIBUTES, which go first.
func newResource(settings config.OpenTelemetry, version string) resourceOf {
	all := map[string]string{"service.name": scope, "service.version": version, "service.instance.id": uuid.NewString()}
	maps.Copy(all, settings.ResourceAttributes)
	if settings.ServiceName != "" {
		all["service.name"] = settings.ServiceName
	}
	var attributes []attribute.KeyValue
	for _, name := range slices.Sorted(maps.Keys(all)) {
		attributes = append(attributes, attribute.String(name, all[name]))
	}
	return resourceOf{sdk: resource.NewSchemaless(attributes...), wire: &wire.Resource{Attributes: keyValues(attributes)}}
}

// keyValues are attributes on the wire.
func keyValues(attributes []attribute.KeyValue) []*common.KeyValue {
	all := make([]*common.KeyValue, len(attributes))
	for i, a := range attributes {
		all[i] = &common.KeyValue{Key: string(a.Key), Value: anyValue(a.Value)}
	}
	return all
}

// anyValue is one value on the wire. Lists of one kind, which nothing of ours has, become text.
func anyValue(value attribute.Value) *common.AnyValue {
	switch value.Type() {
	case attribute.BOOL:
		return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: value.AsBool()}}
	case attribute.INT64:
		return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: value.AsInt64()}}
	case attribute.FLOAT64:
		return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: value.AsFloat64()}}
	case attribute.SLICE:
		list := &common.ArrayValue{}
		for _, element := range value.AsSlice() {
			list.Values = append(list.Values, anyValue(element))
		}
		return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: list}}
	case attribute.MAP:
		return &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: keyValues(value.AsMap())}}}
	default:
		return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value.String()}}
	}
}
