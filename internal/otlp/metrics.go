package otlp

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	wire "go.opentelemetry.io/proto/otlp/metrics/v1"
)

// metricSender sends the metrics that /metrics serves, under the same names.
type metricSender struct {
	post     *poster
	from     prometheus.Gatherer
	resource resourceOf
	began    time.Time
}

func (m *metricSender) run(ctx context.Context, every time.Duration) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			_ = m.send(ctx) // that it failed was logged
		}
	}
}

func (m *metricSender) send(ctx context.Context) error {
	families, err := m.from.Gather()
	if err != nil && len(families) == 0 {
		return err
	}
	now := time.Now()
	var metrics []*wire.Metric
	for _, family := range families {
		if metric := m.metric(family, now); metric != nil {
			metrics = append(metrics, metric)
		}
	}
	return m.post.send(ctx, &wire.MetricsData{ResourceMetrics: []*wire.ResourceMetrics{{
		Resource:     m.resource.wire,
		ScopeMetrics: []*wire.ScopeMetrics{{Scope: &common.InstrumentationScope{Name: scope}, Metrics: metrics}},
	}}})
}

// metric is a family on the wire; nil for a type that we do not have.
func (m *metricSender) metric(family *dto.MetricFamily, now time.Time) *wire.Metric {
	metric := &wire.Metric{Name: family.GetName(), Description: family.GetHelp()}
	const cumulative = wire.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
	var numbers []*wire.NumberDataPoint
	number := func(of *dto.Metric, value float64) {
		numbers = append(numbers, &wire.NumberDataPoint{
			Attributes: labels(of), StartTimeUnixNano: m.start(family), TimeUnixNano: nanos(now), Value: &wire.NumberDataPoint_AsDouble{AsDouble: value},
		})
	}
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		for _, of := range family.GetMetric() {
			number(of, of.GetCounter().GetValue())
		}
		metric.Data = &wire.Metric_Sum{Sum: &wire.Sum{DataPoints: numbers, AggregationTemporality: cumulative, IsMonotonic: true}}
	case dto.MetricType_GAUGE, dto.MetricType_UNTYPED:
		for _, of := range family.GetMetric() {
			number(of, of.GetGauge().GetValue()+of.GetUntyped().GetValue())
		}
		metric.Data = &wire.Metric_Gauge{Gauge: &wire.Gauge{DataPoints: numbers}}
	case dto.MetricType_HISTOGRAM:
		histogram := &wire.Histogram{AggregationTemporality: cumulative}
		for _, of := range family.GetMetric() {
			histogram.DataPoints = append(histogram.DataPoints, m.buckets(of, now))
		}
		metric.Data = &wire.Metric_Histogram{Histogram: histogram}
	case dto.MetricType_SUMMARY:
		summary := &wire.Summary{}
		for _, of := range family.GetMetric() {
			summary.DataPoints = append(summary.DataPoints, m.quantiles(of, now))
		}
		metric.Data = &wire.Metric_Summary{Summary: summary}
	default:
		return nil
	}
	return metric
}

// start is since when a count counts; a gauge counts nothing.
func (m *metricSender) start(family *dto.MetricFamily) uint64 {
	if family.GetType() != dto.MetricType_COUNTER {
		return 0
	}
	return nanos(m.began)
}

// buckets are a histogram on the wire, where each bucket counts for itself.
func (m *metricSender) buckets(of *dto.Metric, now time.Time) *wire.HistogramDataPoint {
	h := of.GetHistogram()
	sum := h.GetSampleSum()
	point := &wire.HistogramDataPoint{
		Attributes: labels(of), StartTimeUnixNano: nanos(m.began), TimeUnixNano: nanos(now), Count: h.GetSampleCount(), Sum: &sum,
	}
	var below uint64
	for _, bucket := range h.GetBucket() {
		point.ExplicitBounds = append(point.ExplicitBounds, bucket.GetUpperBound())
		point.BucketCounts = append(point.BucketCounts, bucket.GetCumulativeCount()-below)
		below = bucket.GetCumulativeCount()
	}
	point.BucketCounts = append(point.BucketCounts, h.GetSampleCount()-below)
	return point
}

func (m *metricSender) quantiles(of *dto.Metric, now time.Time) *wire.SummaryDataPoint {
	s := of.GetSummary()
	point := &wire.SummaryDataPoint{
		Attributes: labels(of), StartTimeUnixNano: nanos(m.began), TimeUnixNano: nanos(now), Count: s.GetSampleCount(), Sum: s.GetSampleSum(),
	}
	for _, q := range s.GetQuantile() {
		point.QuantileValues = append(point.QuantileValues, &wire.SummaryDataPoint_ValueAtQuantile{Quantile: q.GetQuantile(), Value: q.GetValue()})
	}
	return point
}

func labels(of *dto.Metric) []*common.KeyValue {
	all := make([]*common.KeyValue, len(of.GetLabel()))
	for i, label := range of.GetLabel() {
		all[i] = &common.KeyValue{Key: label.GetName(), Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: label.GetValue()}}}
	}
	return all
}
