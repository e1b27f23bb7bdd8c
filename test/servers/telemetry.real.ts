import { propagation } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { expect, it, onTestFinished } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { telemetry } from "../../src/otel/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { Collected, placesOf } from "../otel/collected.ts";
import { connect, first } from "./support.ts";

it("a run on the server has its tree of spans, with the server's own counts, and the server takes its headers", async () => {
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => propagation.disable());
  const collected = new Collected();
  const runner = createRunner({ engine: await connect(), dialect: threadweaver, observe: telemetry(collected) });
  const { threads, usage, tokens } = await runner.run({ prompt: first.prompt }, { temperature: 0 }).result;
  expect(threads).toHaveLength(first.threads.length);
  const ofThreads = threads.flatMap(({ threadId }, i) => {
    const thread = `run > fork 0/1 > thread ${threadId}`;
    return [thread, `${thread} > call ${i + 1}`, `${thread} > call ${i + 1} > attempt 1`];
  });
  const last = threads.length + 1;
  const ofMain = [0, last].flatMap((call) => [`run > call ${call}`, `run > call ${call} > attempt 1`]);
  expect(placesOf(collected.spans)).toEqual(["run", "run > fork 0/1", ...ofMain, ...ofThreads].toSorted());
  const metrics = await collected.metrics();
  const sum = (name: string): number | undefined => metrics.get(name)?.sum;
  expect(sum("gen_ai.client.inference.usage.input_tokens")).toBe(usage.inputTokens);
  expect(sum("gen_ai.client.inference.usage.output_tokens")).toBe(usage.outputTokens);
  expect(sum("gen_ai.client.inference.usage.cache_read.input_tokens")).toBe(usage.cachedInputTokens);
  expect(sum("threadweaver.run.critical_path")).toBe(tokens.criticalPath);
  expect(sum("gen_ai.client.inference.time_to_first_chunk")).toBeGreaterThan(0);
});
