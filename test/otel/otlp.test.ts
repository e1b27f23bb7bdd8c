import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { exportRun, treeOf } from "./exported-run.ts";

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
  const expected = await exportRun(url);
  collector.close();

  const spans = (received.get("/v1/traces") ?? [])
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap((scope) => scope.spans);
  expect(expected).toHaveLength(15);
  expect(treeOf(spans.map(({ name, spanId: id, parentSpanId: parent = "" }) => ({ name, id, parent })))).toEqual(
    expected,
  );
  const metrics = (received.get("/v1/metrics") ?? [])
    .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics.map(({ name }) => name));
  expect(metrics).toEqual(
    expect.arrayContaining(["gen_ai.client.inference.duration", "threadweaver.run.critical_path"]),
  );
});
