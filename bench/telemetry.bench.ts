import { InMemoryMetricExporter, MeterProvider, AggregationTemporality } from "@opentelemetry/sdk-metrics";
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, InMemorySpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import type { CompletionEvent, Engine } from "../src/engine/engine.ts";
import { logRuns } from "../src/observe/index.ts";
import { telemetry } from "../src/otel/index.ts";
import type { Observe } from "../src/run/observe.ts";
import type { RunOptions } from "../src/run/options.ts";
import { createRunner } from "../src/run/runner.ts";
import { alternate, report } from "./measure.ts";

const branches = 16;
const tokens = 4000;

/** It says one token at a time, as fast as it is read. */
const engine: Engine = {
  name: "bench",
  model: "bench",
  contextTokens: 1_000_000,
  parallelCalls: undefined,
  tokenizer: {
    bos: undefined,
    eos: [0],
    controls: [],
    vocabularySize: 10,
    encode: (text) => Array.from(text, () => 1),
    decode: (ids) => ids.map(() => "a").join(""),
    renderChat: () => [1],
  },
  close: async () => {},
  async *complete(): AsyncGenerator<CompletionEvent> {
    for (let n = 1; n < tokens; n += 1) yield { type: "pieces", pieces: [{ ids: [2], text: " so" }] };
    yield { type: "pieces", pieces: [{ ids: [0], text: "" }] };
    yield { type: "end", reason: "stop" };
  },
};

/** Runs of 64,000 tokens, as telemetry and logs cost them. The baseline is the same run that nothing watches. */
export async function telemetryBench(): Promise<void> {
  const spans = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: spans })] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const play = (observe?: Observe, options: RunOptions = {}) => {
    const runner = createRunner({ engine, observe });
    const asked = Array.from({ length: branches }, () => ({ continue: "?" }));
    const { onEvent } = options;
    return async () => {
      const result = await runner.fork({ prompt: "Q" }, asked, { temperature: 0, onEvent }).result;
      if (result.tokens.generated !== branches * tokens) throw new Error(`${result.tokens.generated} tokens`);
      spans.reset();
    };
  };
  const { alone = NaN, ...others } = await alternate(
    {
      alone: play(),
      "telemetry, no SDK": play(telemetry()),
      "telemetry, the SDK": play(telemetry({ tracerProvider, meterProvider })),
      "logs of every call": play(logRuns(silent)),
      "for comparison, a listener to every event": play(undefined, { onEvent: () => {} }),
    },
    { rounds: 15, warmup: 3 },
  );
  await tracerProvider.shutdown();
  await meterProvider.shutdown();
  const us = (ms: number): string => `${((ms * 1000) / (branches * tokens)).toFixed(3)} us`;
  const goals = ["goal 0", "goal <= 2 us", "goal <= 2 us", ""];
  for (const [n, [name, ms]] of Object.entries(others).entries()) {
    report(`telemetry: a token more, ${name}`, us(ms - alone), `${goals[n]}; the run alone: ${us(alone)}`);
  }
}
