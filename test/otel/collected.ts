import {
  InMemoryMetricExporter,
  MeterProvider,
  AggregationTemporality,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace";

/** The real SDK, which keeps what it is told. */
export class Collected {
  readonly #spans = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly tracerProvider: TracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: this.#spans })],
  });
  readonly meterProvider: MeterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: this.#metrics })],
  });

  /** The spans that are over. */
  get spans(): ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  /** Sums of counters, and counts and sums of histograms, by name. */
  async metrics(): Promise<Map<string, { count: number; sum: number; attributes: unknown[] }>> {
    await this.meterProvider.forceFlush();
    const found = new Map<string, { count: number; sum: number; attributes: unknown[] }>();
    for (const { scopeMetrics } of this.#metrics.getMetrics().slice(-1)) {
      for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        const all = { count: 0, sum: 0, attributes: [] as unknown[] };
        for (const { value, attributes } of dataPoints) {
          const point =
            typeof value === "number" ? { count: 1, sum: value } : (value as { count: number; sum?: number });
          all.count += point.count;
          all.sum += point.sum ?? 0;
          all.attributes.push(attributes);
        }
        found.set(descriptor.name, all);
      }
    }
    return found;
  }
}

/** Each span as its place in the tree, such as `run/fork 0/1/thread 0/1.2/call 3/attempt 1`. */
export function placesOf(spans: readonly ReadableSpan[]): string[] {
  const byId = new Map(spans.map((one) => [one.spanContext().spanId, one]));
  const placeOf = (one: ReadableSpan): string => {
    const parent = byId.get(one.parentSpanContext?.spanId ?? "");
    return parent === undefined ? nameOf(one) : `${placeOf(parent)} > ${nameOf(one)}`;
  };
  return spans.map(placeOf).toSorted();
}

function nameOf({ name, attributes }: ReadableSpan): string {
  if (name === "fork") return `fork ${String(attributes["threadweaver.fork.id"])}`;
  if (name === "thread") return `thread ${String(attributes["threadweaver.thread.id"])}`;
  if (name === "attempt") return `attempt ${String(attributes["threadweaver.attempt"])}`;
  if (name.startsWith("invoke_workflow ")) return "run";
  return `call ${String(attributes["threadweaver.call"])}`;
}
