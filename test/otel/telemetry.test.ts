import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { conventions, telemetry, type TelemetryOptions } from "../../src/otel/index.ts";
import type { RunHeader } from "../../src/run/recorder.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { startFakeServer, type FakeAnswer, type FakeServer } from "../../src/testing/index.ts";
import { planned, scriptedEngine } from "../run/scripted-engine.ts";
import { Collected, placesOf } from "./collected.ts";

const plan = "Secretly<Parallel>\n<Outlines>\n<Outline>1: alpha</Outline>\n<Outline>2: beta</Outline>\n</Outlines>";

/** A model that forks once. */
function forking(prompt: string): string {
  if (/<Thread>\n\d:$/.test(prompt)) return " gamma</Thread>";
  return prompt.includes("</Outlines>") ? "</Parallel>so</think>delta" : plan;
}

interface Serving {
  server: FakeServer;
  runner: Runner;
  collected: Collected;
}

async function serving(
  model: (prompt: string, call: number) => string | FakeAnswer,
  options: TelemetryOptions & { concurrency?: number } = {},
): Promise<Serving> {
  const server = await startFakeServer({ model });
  const engine = await createEngine({ baseURL: server.baseURL });
  onTestFinished(async () => {
    await engine.close();
    await server.close();
  });
  const { concurrency, ...own } = options;
  const collected = new Collected();
  const { tracerProvider, meterProvider } = collected;
  const observe = telemetry({ tracerProvider, meterProvider, ...own });
  return { server, collected, runner: createRunner({ engine, dialect: threadweaver, observe, concurrency }) };
}

describe("telemetry of a run on a server", () => {
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  });
  afterAll(() => {
    context.disable();
    propagation.disable();
  });

  it("belongs to the span that is active where the run is asked for", async () => {
    const { runner, collected } = await serving(forking);
    const tracer = collected.tracerProvider.getTracer("application");
    await tracer.startActiveSpan("request", async (request) => {
      await runner.run({ prompt: "Q\n" }).result;
      request.end();
    });
    const [first] = placesOf(collected.spans);
    // What is not ours is named by no call.
    expect(first).toBe("call undefined");
    expect(placesOf(collected.spans)).toContain("call undefined > run > fork 0/1 > thread 0/1.2 > call 2 > attempt 1");
    expect(new Set(collected.spans.map((one) => one.spanContext().traceId)).size).toBe(1);
  });

  it("tells the engine the attempt of each request, also of one that is made again", async () => {
    let refused = 0;
    const { runner, collected, server } = await serving((prompt) => {
      if (prompt.endsWith("<Thread>\n1:") && (refused += 1) === 1) return { text: " ga", ending: "drop" };
      return prompt.includes("<Thread>\n1: ga") && !prompt.includes("<Thread>\n2:") ? "mma</Thread>" : forking(prompt);
    });
    await runner.run({ prompt: "Q\n" }, { retry: { baseMs: 0 } }).result;
    const attempts = collected.spans.filter(({ name }) => name === "attempt");
    const parents = attempts.map((one) => `00-${one.spanContext().traceId}-${one.spanContext().spanId}-01`);
    expect(attempts).toHaveLength(5);
    expect(server.calls.map(({ headers }) => String(headers["traceparent"])).toSorted()).toEqual(parents.toSorted());
    const broken = attempts.find(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(broken?.attributes).toMatchObject({ "error.type": "engine_failed", "threadweaver.attempt": 1 });
  });

  it("leaves the headers of the run as they are", async () => {
    const { runner, server } = await serving(forking);
    await runner.run({ prompt: "Q\n" }, { headers: { traceparent: "mine", "x-tenant": "seven" } }).result;
    for (const { headers } of server.calls) expect(headers).toMatchObject({ traceparent: "mine", "x-tenant": "seven" });
  });

  it("follows the conventions that it names", async () => {
    const { runner, collected, server } = await serving(forking, { provider: "vllm" });
    const { usage, seed } = await runner.run({ prompt: "Q\n" }, { temperature: 0.5, topP: 0.9 }).result;
    expect(conventions).toMatch(/0\.1\.0$/);
    const { hostname, port } = new URL(server.baseURL);
    const shared = {
      "gen_ai.provider.name": "vllm",
      "gen_ai.request.model": "forkjoin-arith",
      "server.address": hostname,
      "server.port": Number(port),
    };
    const call = collected.spans.find(({ name }) => name === "text_completion forkjoin-arith");
    expect(call?.kind).toBe(SpanKind.CLIENT);
    expect(call?.attributes).toMatchObject({
      ...shared,
      "gen_ai.operation.name": "text_completion",
      "gen_ai.request.stream": true,
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.usage.input_tokens": expect.any(Number) as number,
      "gen_ai.usage.output_tokens": expect.any(Number) as number,
      "gen_ai.response.time_to_first_chunk": expect.any(Number) as number,
    });
    const run = collected.spans.find(({ name }) => name === "invoke_workflow threadweaver");
    expect(run?.kind).toBe(SpanKind.INTERNAL);
    expect(run?.attributes).toMatchObject({
      ...shared,
      "gen_ai.operation.name": "invoke_workflow",
      "gen_ai.agent.name": "threadweaver",
      "gen_ai.request.seed": seed,
      "gen_ai.request.temperature": 0.5,
      "gen_ai.request.top_p": 0.9,
      "gen_ai.usage.input_tokens": usage.inputTokens,
      "gen_ai.usage.output_tokens": usage.outputTokens,
      "threadweaver.run.complete": true,
      "threadweaver.threads": 2,
    });
  });

  it("has no word of the prompt or of what was written, unless it is asked for", async () => {
    const secrets = ["Classified", "Secretly", "alpha", "gamma", "delta"];
    const drop = (prompt: string): string | FakeAnswer =>
      prompt.endsWith("<Thread>\n2:") ? { text: " gamma", ending: "drop" } : forking(prompt);
    const input = { messages: [{ role: "user", content: "Classified" }] };
    const quiet = await serving(drop);
    await quiet.runner.run(input, { retry: false }).result;
    expect(quiet.collected.spans.length).toBeGreaterThan(8);
    const told =
      JSON.stringify(quiet.collected.spans.map(said)) + JSON.stringify([...(await quiet.collected.metrics())]);
    for (const secret of secrets) expect(told, secret).not.toContain(secret);

    const open = await serving(drop, { captureText: true });
    await open.runner.run(input, { retry: false }).result;
    const all = JSON.stringify(open.collected.spans.map(said));
    for (const secret of secrets) expect(all, secret).toContain(secret);
    const run = open.collected.spans.find(({ name }) => name === "invoke_workflow threadweaver");
    expect(JSON.parse(String(run?.attributes["gen_ai.input.messages"]))).toEqual([
      { role: "user", parts: [{ type: "text", content: "Classified" }] },
    ]);
    expect(JSON.parse(String(run?.attributes["gen_ai.output.messages"]))).toMatchObject([
      { role: "assistant", parts: [{ type: "reasoning" }, { type: "text", content: "delta" }], finish_reason: "stop" },
    ]);
  });

  it("says what failed, and how far the run was", async () => {
    const { runner, collected } = await serving(() => ({ text: "", refusal: { status: 400, message: "no" } }));
    await expect(runner.run({ prompt: "Q\n" }).result).rejects.toMatchObject({ code: "engine_refused" });
    const run = collected.spans.find(({ name }) => name.startsWith("invoke_workflow"));
    expect(run?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(run?.attributes).toMatchObject({ "error.type": "engine_refused", "threadweaver.run.complete": false });
    const durations = (await collected.metrics()).get("threadweaver.run.duration");
    expect(durations?.attributes).toMatchObject([{ "error.type": "engine_refused" }]);
  });

  it("tells of runs that fail before they begin", async () => {
    const { runner, collected } = await serving(() => "x");
    await expect(runner.run({ prompt: "a <Thread>" }).result).rejects.toMatchObject({ code: "invalid_prompt" });
    expect(collected.spans.map(({ attributes }) => attributes["error.type"])).toEqual(["invalid_prompt"]);
  });

  it("measures tokens, shares, waits and retries of all runs, batches included", async () => {
    const { runner, collected } = await serving(forking, { concurrency: 1 });
    const problems = [1, 2, 3].map((id) => ({ id, input: { prompt: `Q${id}\n` } }));
    let criticalPath = 0;
    for await (const { result } of runner.batch(problems)) criticalPath += result?.tokens.criticalPath ?? 0;
    const metrics = await collected.metrics();
    expect(metrics.get("threadweaver.run.critical_path")).toMatchObject({ count: 3, sum: criticalPath });
    expect(metrics.get("threadweaver.run.cached_share")?.count).toBe(3);
    expect(metrics.get("gen_ai.client.inference.duration")?.count).toBe(12);
    expect(metrics.get("gen_ai.client.inference.time_to_first_chunk")?.count).toBe(12);
    // With one slot, the second thread of each run waits for the first.
    expect(metrics.get("threadweaver.call.queue_wait")?.sum).toBeGreaterThan(0);
    expect(metrics.get("gen_ai.client.inference.usage.cache_read.input_tokens")?.sum).toBeGreaterThan(0);
  });
});

describe("telemetry of a run that is resumed", () => {
  it("has the threads that were going on, and what they do from then on", async () => {
    const inputs: Input[] = [];
    let header: RunHeader | undefined;
    const recorder = {
      begin: (begun: RunHeader) => void (header = begun),
      input: (input: Input) => void inputs.push(input),
    };
    const first = createRunner({
      engine: scriptedEngine(planned({ "1": { text: " a</Thread>" }, "2": { text: " b", after: "hang" } })),
      dialect: threadweaver,
    });
    const run = first.run({ prompt: "Q" }, { recorder });
    for await (const event of run.events()) {
      if (event.type === "thread-end" && event.threadId === "0/1.1") break;
    }
    const known = inputs.slice();
    run.abort();
    await expect(run.result).rejects.toMatchObject({ code: "aborted" });

    const collected = new Collected();
    const rest = planned({});
    const engine = scriptedEngine((context) => (context.endsWith("2: b") ? { text: "</Thread>" } : rest(context)));
    const runner = createRunner({ engine, dialect: threadweaver, observe: telemetry(collected) });
    if (header === undefined) throw new Error("the run did not begin");
    await runner.resume({ header, inputs: known }).result;
    const places = placesOf(collected.spans);
    expect(places).toContain("run > fork 0/1 > thread 0/1.2 > call 2 > attempt 2");
    expect(places).toContain("run > call 3 > attempt 1");
    expect(places.join()).not.toContain("0/1.1");
  });
});

describe("what watches a run", () => {
  it("is nothing where no SDK is there", () => {
    const run = { id: "1", engine: { name: "e", model: "m", tier: "ids" }, dialect: "d", mode: "fork-join" } as const;
    expect(telemetry()({ ...run, sampling: {}, seed: 1, input: undefined })).toBeUndefined();
    expect(trace.getTracerProvider()).toBeDefined();
  });

  it("leaves the parts of answers as large as they are without it", async () => {
    const coalesce = async (observe: ReturnType<typeof telemetry> | undefined): Promise<unknown[]> => {
      const engine = scriptedEngine(planned({ "1": { text: " a</Thread>" } }));
      await createRunner({ engine, dialect: threadweaver, observe }).run({ prompt: "Q" }).result;
      return engine.requests.map((request) => request.coalesce);
    };
    const alone = await coalesce(undefined);
    expect(alone).toEqual([Infinity, Infinity, Infinity]);
    expect(await coalesce(telemetry(new Collected()))).toEqual(alone);
  });

  it("refuses an option that there is not", () => {
    expect(() => telemetry({ captureTexts: true } as never)).toThrow(/there is no option captureTexts \(there are/);
  });
});

/** All that leaves the process of a span. */
function said({ name, attributes, events, status }: Collected["spans"][number]): unknown {
  return { name, attributes, events, status };
}
