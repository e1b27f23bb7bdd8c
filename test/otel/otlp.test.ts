import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { bundledModel, llamaEngine } from "../../src/llama/index.ts";
import { telemetry } from "../../src/otel/index.ts";
import { createRunner } from "../../src/run/runner.ts";

/** What of an OTLP request is read here. */
interface Exported {
  resourceSpans?: { scopeSpans: { spans: ExportedSpan[] }[] }[];
  resourceMetrics?: { scopeMetrics: { metrics: { name: string }[] }[] }[];
}

interface ExportedSpan {
  name: string;
  spanId: string;
  parentSpanId?: string;
  kind: number;
}

it("reaches a collector over OTLP: a run of a real model, with its tree and its metrics", async () => {
  const received = new Map<string, Exported[]>();
  const collector = createServer((request, response) => {
    void text(request).then((body) => {
      const path = request.url ?? "";
      received.set(path, [...(received.get(path) ?? []), JSON.parse(body) as Exported]);
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
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
  collector.close();

  const spans = (received.get("/v1/traces") ?? [])
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap((scope) => scope.spans);
  const nameOf = new Map(spans.map((span) => [span.spanId, span.name]));
  const edges = spans.map(({ name, parentSpanId = "" }) => `${nameOf.get(parentSpanId) ?? "-"} > ${name}`).toSorted();
  const call = `text_completion ${engine.model}`;
  expect(threads).toHaveLength(3);
  const run = "invoke_workflow threadweaver";
  const [root, fork, thread] = [`- > ${run}`, `${run} > fork`, "fork > thread"] as const;
  const ofMain = Array.from({ length: 2 }, () => [`${run} > ${call}`, `${call} > attempt`]);
  const ofThreads = threads.map(() => [thread, `thread > ${call}`, `${call} > attempt`]);
  expect(edges).toEqual([root, fork, ...ofMain.flat(), ...ofThreads.flat()].toSorted());
  const metrics = (received.get("/v1/metrics") ?? [])
    .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics.map(({ name }) => name));
  expect(metrics).toEqual(
    expect.arrayContaining(["gen_ai.client.inference.duration", "threadweaver.run.critical_path"]),
  );
});
