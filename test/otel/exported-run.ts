import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { bundledModel, llamaEngine } from "../../src/llama/index.ts";
import { telemetry } from "../../src/otel/index.ts";
import { createRunner } from "../../src/run/runner.ts";

/** A span, and the one above it. */
export interface Edge {
  readonly id: string;
  readonly parent: string;
  readonly name: string;
}

/** Runs a sum of three products on the real model, and exports it over OTLP/HTTP. Returns the tree of spans that it has. */
export async function exportRun(url: string): Promise<readonly string[]> {
  const tracerProvider = new TracerProvider({
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }) })],
  });
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }) })],
  });
  await using engine = await llamaEngine({ model: bundledModel });
  const observe = telemetry({ tracerProvider, meterProvider });
  const { threads } = await createRunner({ engine, dialect: threadweaver, observe }).run(
    { prompt: "Q: 37*64+82*19+45*71\n" },
    { temperature: 0 },
  ).result;
  await tracerProvider.shutdown();
  await meterProvider.shutdown();
  const call = `text_completion ${engine.model}`;
  const run = "invoke_workflow threadweaver";
  const ofMain = Array.from({ length: 2 }, () => [`${run} > ${call}`, `${call} > attempt`]);
  const ofThreads = threads.map(() => ["fork > thread", `thread > ${call}`, `${call} > attempt`]);
  return [`- > ${run}`, `${run} > fork`, ...ofMain.flat(), ...ofThreads.flat()].toSorted();
}

/** The same of spans that came somewhere. */
export function treeOf(spans: readonly Edge[]): readonly string[] {
  const nameOf = new Map(spans.map(({ id, name }) => [id, name]));
  return spans.map(({ name, parent }) => `${nameOf.get(parent) ?? "-"} > ${name}`).toSorted();
}
