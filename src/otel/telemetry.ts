import {
  context,
  createNoopMeter,
  isSpanContextValid,
  metrics,
  propagation,
  trace,
  type Attributes,
  type MeterProvider,
  type TracerProvider,
} from "@opentelemetry/api";
import * as z from "zod";
import { parseOptions } from "../engine/parse-options.ts";
import type { Observe, ObservedRun, RunObserver } from "../run/observe.ts";
import { CallTimes } from "./call-times.ts";
import { instrumentsOf, type Instruments } from "./instruments.ts";
import { attribute, operation } from "./names.ts";
import { RunMetrics } from "./run-metrics.ts";
import { RunSpans } from "./run-spans.ts";

export interface TelemetryOptions {
  /** Where spans go. @defaultValue the provider that is registered when a run begins */
  tracerProvider?: TracerProvider | undefined;
  /** Where metrics go. @defaultValue the provider that is registered when a run begins */
  meterProvider?: MeterProvider | undefined;
  /** What serves the model, such as `vllm`: `gen_ai.provider.name`. @defaultValue "threadweaver" */
  provider?: string | undefined;
  /**
   * Whether spans have the messages of a run, its text, what plans call their threads, and the messages of warnings and
   * errors. @defaultValue false
   */
  captureText?: boolean | undefined;
}

const optionsSchema = z.strictObject({
  tracerProvider: z.custom<TracerProvider>().optional(),
  meterProvider: z.custom<MeterProvider>().optional(),
  provider: z.string().min(1).optional(),
  captureText: z.boolean().optional(),
});

const scope = "threadweaver";

/**
 * Watches the runs of a runner for OpenTelemetry: a span for each run, fork, thread, call and attempt, and metrics. The span
 * of a run is a child of the span that is active where the run is asked for, and each request tells the engine its own
 * (`traceparent`, by the registered propagator). Where no SDK is registered it watches nothing.
 *
 * @throws `invalid_option` for options that cannot be used.
 * @example
 * ```ts
 * const runner = createRunner({ engine, dialect: threadweaver, observe: telemetry() });
 * ```
 */
export function telemetry(options: TelemetryOptions = {}): Observe {
  const {
    tracerProvider,
    meterProvider,
    provider = "threadweaver",
    captureText = false,
  } = parseOptions("telemetry", optionsSchema, options);
  let instruments: Instruments | undefined;

  return (run): RunObserver | undefined => {
    const tracer = (tracerProvider ?? trace).getTracer(scope);
    const meter = (meterProvider ?? metrics).getMeter(scope);
    const shared = sharedAttributes(run, provider);
    const times = new CallTimes();
    const spans = new RunSpans({ tracer, run, times, shared, captureText, parent: context.active() });
    const isMetered = meter !== createNoopMeter();
    // No SDK is there.
    if (!isMetered && !isSpanContextValid(spans.span.spanContext())) return undefined;
    if (instruments?.meter !== meter) instruments = instrumentsOf(meter);
    const setup = { instruments, times, shared, dialect: run.dialect };
    const measured = isMetered ? new RunMetrics(setup) : undefined;
    return {
      event(event) {
        times.take(event);
        spans.event(event);
        measured?.event(event);
      },
      headers(request) {
        const headers: Record<string, string> = {};
        propagation.inject(spans.contextOf(request), headers);
        return headers;
      },
      end(end) {
        spans.end(end);
        measured?.end(end);
      },
    };
  };
}

/** What all calls of a run have in common, on spans and on metrics. */
function sharedAttributes({ engine }: ObservedRun, provider: string): Attributes {
  const isChat = engine.tier === "chat-only" || engine.tier === "chat-continue";
  return {
    [attribute.operation]: isChat ? operation.chat : operation.completion,
    [attribute.provider]: provider,
    [attribute.model]: engine.model,
    ...serverOf(engine.name),
  };
}

/** An engine in this process has no address. */
function serverOf(name: string): Attributes {
  if (!URL.canParse(name)) return {};
  const { hostname, port, protocol } = new URL(name);
  const known = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return { [attribute.serverAddress]: hostname, [attribute.serverPort]: known };
}
