import type { Counter, Histogram, Meter } from "@opentelemetry/api";
import { metric } from "./names.ts";

/** All metrics, of one meter. */
export interface Instruments {
  readonly meter: Meter;
  readonly callDuration: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly inputTokens: Counter;
  readonly outputTokens: Counter;
  readonly cachedTokens: Counter;
  readonly runDuration: Histogram;
  readonly criticalPath: Histogram;
  readonly accelerationRatio: Histogram;
  readonly cachedShare: Histogram;
  readonly queueWait: Histogram;
  readonly retries: Counter;
}

/** Bounds of seconds, as the conventions name them. */
const seconds = Array.from({ length: 14 }, (_, n) => 0.01 * 2 ** n);
const tokens = Array.from({ length: 14 }, (_, n) => 4 ** n);
const shares = Array.from({ length: 11 }, (_, n) => n / 10);

export function instrumentsOf(meter: Meter): Instruments {
  const histogram = (name: string, unit: string, description: string, bounds: number[]): Histogram =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: bounds } });
  const counter = (name: string, unit: string, description: string): Counter =>
    meter.createCounter(name, { unit, description });
  return {
    meter,
    callDuration: histogram(metric.callDuration, "s", "From the first request of a call to its end.", seconds),
    timeToFirstChunk: histogram(metric.timeToFirstChunk, "s", "From the request to its first token.", seconds),
    inputTokens: counter(metric.inputTokens, "{token}", "Tokens of the contexts of all requests."),
    outputTokens: counter(metric.outputTokens, "{token}", "Generated tokens, those of no use included."),
    cachedTokens: counter(metric.cachedTokens, "{token}", "Input tokens that the engine had in its cache."),
    runDuration: histogram(metric.runDuration, "s", "From the call of run to its end.", seconds),
    criticalPath: histogram(metric.criticalPath, "{token}", "The longest chain of generated tokens of a run.", tokens),
    accelerationRatio: histogram(
      metric.accelerationRatio,
      "1",
      "Share of tokens that nothing had to wait for.",
      shares,
    ),
    cachedShare: histogram(metric.cachedShare, "1", "Share of a run's input tokens that were in the cache.", shares),
    queueWait: histogram(metric.queueWait, "s", "From when a sequence could go on to its request.", seconds),
    retries: counter(metric.retries, "{attempt}", "Attempts that broke off and were followed by another one."),
  };
}
