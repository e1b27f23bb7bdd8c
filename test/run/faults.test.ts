import fc from "fast-check";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { generatedBy } from "../../src/core/trie/generated.ts";
import { createEngine, type CreateEngineOptions } from "../../src/engine/openai.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer, type FakeAnswer, type FakeKind, type FakeServer } from "../../src/testing/index.ts";
import { runs } from "../core/drive.ts";
import { FaultyProxy, type ConnectionFault } from "../faulty-proxy.ts";
import { turns } from "./model-engine.ts";
import { planned } from "./scripted-engine.ts";

const prompt = "Q: naïve 👩‍👩‍👧 €\n";
const script = planned(
  { "1": { text: " seven €</Thread>" }, "2": { text: " fünf 👩‍👩‍👧 or more</Thread>" } },
  { text: "</Parallel>\nso – it is</think>12 €" },
);
const markers = [...threadweaver.markers, "<think>", "</think>"];

/** What each call of the undisturbed run begins with, and what it goes on to. */
let whole: { prompt: readonly number[]; ids: readonly number[] }[];
let undisturbed: ResultWithTree;

beforeAll(async () => {
  await using server = await startFakeServer({ model: (context) => script(context).text });
  undisturbed = await runOn(server.baseURL);
  whole = server.calls.map(({ prompt: ids }) => {
    const said = server.tokenizer.encode(script(server.tokenizer.decode(ids)).text);
    return { prompt: ids, ids: [...ids, ...said] };
  });
});

type Faulty = (answer: FakeAnswer & { ids: readonly number[] }, call: number) => FakeAnswer;

/** A server that goes on from wherever it is asked to, as a model without chance does. */
async function startServer(fault: Faulty = (answer) => answer, kind: FakeKind = "vllm"): Promise<FakeServer> {
  const server: FakeServer = await startFakeServer({
    kind,
    model: (_, call) => {
      const ids = server.calls[call]?.prompt ?? [];
      const goesOn = ({ prompt: begin, ids: known }: (typeof whole)[number]): boolean =>
        ids.length >= begin.length && ids.every((id, n) => known[n] === id);
      // One that is complete only where no longer one goes on: a thread's text is the beginning of what is joined.
      const found = whole.find((known) => goesOn(known) && known.ids.length > ids.length) ?? whole.find(goesOn);
      if (found === undefined) return { text: "lost its way" };
      return fault({ text: "", ids: found.ids.slice(ids.length) }, call);
    },
  });
  onTestFinished(() => server.close());
  return server;
}

interface Options extends RunOptions {
  engine?: Partial<CreateEngineOptions>;
  /** Before the run, when the engine is there. */
  ready?: () => void;
}

async function runOn(baseURL: string, { engine: own = {}, ready, ...options }: Options = {}): Promise<ResultWithTree> {
  await using engine = await createEngine({ baseURL, controls: markers, ...own });
  ready?.();
  const runner = createRunner({ engine, dialect: threadweaver, random: () => 0.5 });
  const run = runner.run({ prompt }, { temperature: 0, retry: { baseMs: 1 }, ...options, tree: true });
  return await run.result;
}

/** That nothing was lost, and nothing came twice. */
function expectUndisturbed(result: ResultWithTree): void {
  expect(result.text).toBe(undisturbed.text);
  expect(result.complete).toBe(true);
  for (const threadId of ["0", "0/1.1", "0/1.2"]) {
    const said = ({ tree }: ResultWithTree) => generatedBy(tree, threadId).map(({ ids, text }) => [ids, text]);
    expect(said(result)).toEqual(said(undisturbed));
  }
  expect({ ...result.tokens, sent: 0, cached: 0, wasted: 0 }).toEqual({
    ...undisturbed.tokens,
    sent: 0,
    cached: 0,
    wasted: 0,
  });
}

const sequentially = { mode: "sequential", temperature: 0 } as const;

type Name = string;
const refused =
  (status: number, more = {}): Faulty =>
  () => ({ text: "", refusal: { status, ...more } });
const broken =
  (after: number, ending: FakeAnswer["ending"]): Faulty =>
  ({ ids }) => ({ text: "", ids: ids.slice(0, after), ending });

/** Of thread 2, whose text is ` fünf 👩‍👩‍👧 …`: byte 3 lies inside ü, byte 9 inside 👩. */
const faults: [Name, Faulty][] = [
  ...[408, 409, 425, 429, 500, 502, 503, 504].map((status): [Name, Faulty] => [`HTTP ${status}`, refused(status)]),
  ["HTTP 503 with a flat body", refused(503, { flat: true })],
  ["a full queue inside HTTP 200", refused(503, { inStream: true })],
  ["a server error inside HTTP 200, before its first token", refused(500, { inStream: true })],
  ["a connection that is cut before its first token", broken(0, "drop")],
  ["a connection that is cut after a token", broken(2, "drop")],
  ["a connection that is cut inside a character", broken(3, "drop")],
  ["a connection that is cut inside a character of four bytes", broken(9, "drop")],
  ["a connection that is cut after its last token, before the reason", broken(1000, "drop")],
  ["a stream that ends without a reason", broken(4, "end")],
  ["a stream that ends without a reason, inside a character", broken(8, "end")],
  ["an error event in the middle, with [DONE] after it", broken(5, "error")],
  ["an end that nobody asked for (abort)", broken(6, "abort")],
];

describe.each(["vllm", "sglang"] as const)("on %s over real sockets, at temperature 0", (kind) => {
  it.each(faults)("%s changes nothing: in any call, once or several times", async (_, fault) => {
    for (const times of [1, 3]) {
      const hit = new Map<string, number>();
      const server = await startServer((answer, call) => {
        // Named by the tail of what it says, which every attempt of a call has.
        const name = answer.ids.slice(-5).join();
        const n = hit.get(name) ?? 0;
        hit.set(name, n + 1);
        return n < times ? fault(answer, call) : answer;
      }, kind);
      const result = await runOn(server.baseURL);
      expectUndisturbed(result);
      expect(result.retries).toBeGreaterThan(0);
    }
  });
});

describe("what a server asks to wait", () => {
  it.each([
    ["in seconds", 1, 1000],
    ["longer than we wait", 3600, 2000],
  ])("is waited, %s", async (_, retryAfter, expected) => {
    const waits: number[] = [];
    const server = await startServer((answer, call) =>
      call === 0 ? refused(429, { retryAfter })(answer, call) : answer,
    );
    const onEvent = (event: RunEvent): void => void (event.type === "call-retry" && waits.push(event.waitMs));
    const result = await runOn(server.baseURL, { retry: { baseMs: 0, maxMs: 2000 }, onEvent });
    expectUndisturbed(result);
    expect(waits).toEqual([expected]);
  });
});

describe("a request that is sent once more because its connection was lost", () => {
  it("gets another name where SGLang still runs the first one", async () => {
    const server = await startServer(undefined, "sglang");
    let sent: number | undefined;
    const lossy: typeof fetch = async (input, init) => {
      const isCall = typeof init?.body === "string" && init.body.includes('"stream":true');
      if (sent === undefined || !isCall) return fetch(input, init);
      sent += 1;
      if (sent !== 2) return fetch(input, init);
      // It has come, and its client knows nothing of that.
      const before = server.calls.length;
      void fetch(input, { ...init, signal: null });
      while (server.calls.length === before) await turns(1);
      throw new TypeError("fetch failed", { cause: Object.assign(new Error("closed"), { code: "UND_ERR_SOCKET" }) });
    };
    const result = await runOn(server.baseURL, {
      engine: { fetch: lossy },
      ready: () => (sent = 0),
      onEvent: () => {},
    });
    expectUndisturbed(result);
    expect(result.retries).toBe(1);
  });
});

describe("a connection that suffers", () => {
  type FaultOf = (connection: number) => ConnectionFault | undefined;

  async function through(faultOf: FaultOf, options: Options = {}, kind: FakeKind = "vllm"): Promise<ResultWithTree> {
    await using server = await startServer(undefined, kind);
    const proxy = await new FaultyProxy(server.baseURL).start();
    try {
      // Where somebody listens, tokens come one by one.
      const onEvent = (): void => {};
      return await runOn(proxy.url, { onEvent, ...options, ready: () => proxy.arm(faultOf) });
    } finally {
      await proxy.close();
    }
  }

  it("a silence in the middle of an answer is taken for a loss after a while", async () => {
    const result = await through((n) => (n < 3 ? { after: 2000 + n, kind: "silence" } : undefined), {
      engine: { timeouts: { idleMs: 200, firstTokenMs: 2000 } },
    });
    expectUndisturbed(result);
    expect(result.retries).toBeGreaterThan(0);
  });

  it("an answer that is no JSON from some byte on is asked for again", async () => {
    const result = await through((n) => (n < 3 ? { after: 2000 + n, kind: "garble" } : undefined));
    expectUndisturbed(result);
    expect(result.retries).toBeGreaterThan(0);
  });

  const scenarios = fc.record({
    kind: fc.constantFrom<FakeKind>("vllm", "vllm", "sglang"),
    heard: fc.boolean(),
    faults: fc.array(
      fc.option(
        fc.record({
          after: fc.oneof(fc.nat({ max: 900 }), fc.nat({ max: 8000 })),
          kind: fc.constantFrom<ConnectionFault["kind"]>("cut", "reset"),
        }),
        { nil: undefined },
      ),
      { maxLength: 12 },
    ),
  });

  it("at any byte, any number of times, changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async ({ kind, heard, faults: drawn }) => {
        const retry = { baseMs: 0, perCall: drawn.length + 1 };
        const listening = heard ? {} : { onEvent: undefined };
        expectUndisturbed(await through((n) => drawn[n], { retry, ...listening }, kind));
      }),
      { numRuns: runs(40) },
    );
  }, 600_000);
});

describe("a connection that breaks where the context is nearly full", () => {
  it.each<FakeKind>(["vllm", "sglang", "sglang-native"])("changes nothing, after any token: %s", async (kind) => {
    const said = Array.from("fünf € – so it is", (letter) => Buffer.from(letter)).flatMap((bytes) => [...bytes]);
    const until = async (broken: number | undefined): Promise<ResultWithTree> => {
      const server: FakeServer = await startFakeServer({
        kind,
        contextTokens: 60,
        model: (_, call) => {
          const there = (server.calls[call]?.prompt.length ?? 0) - begin.length;
          const rest = said.concat(said).slice(there);
          return there === 0 && broken !== undefined
            ? { text: "", ids: rest.slice(0, broken), ending: "drop" }
            : { text: "", ids: rest };
        },
      });
      const begin = server.tokenizer.encode(".".repeat(38));
      await using engine = await createEngine({ baseURL: server.baseURL });
      const runner = createRunner({ engine, dialect: threadweaver, random: () => 0 });
      const { result } = runner.run({ promptIds: begin }, { ...sequentially, retry: { baseMs: 0 }, tree: true });
      return await result.finally(() => server.close());
    };
    const { text, ending, tokens: all } = await until(undefined);
    const tokens = { generated: all.generated, criticalPath: all.criticalPath, wasted: 0 };
    expect(ending).toEqual({ kind: "length", limit: "context" });
    for (let broken = 1; broken < tokens.generated; broken += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one server at a time
      expect(await until(broken)).toMatchObject({ text, ending, tokens, retries: 1 });
    }
  });
});

describe("without token ids", () => {
  /** Says a text after whatever of it is there; the first calls break off after some tokens. */
  async function startSaying(kind: FakeKind, said: string, breaks: readonly number[]): Promise<FakeServer> {
    const server = await startFakeServer({
      kind,
      continuesChats: true,
      model: (context, call) => {
        const there = Array.from(said, (_, n) => said.slice(0, n)).findLast((part) => context.endsWith(part)) ?? "";
        const rest = said.slice(there.length);
        const after = breaks[call];
        return after === undefined ? rest : { text: rest.slice(0, after), ending: "drop" };
      },
    });
    onTestFinished(() => server.close());
    return server;
  }
  const said = "0123456789 and so on";

  it.each<FakeKind>(["text", "chat"])("a call goes on from its text, and says so once: on %s", async (kind) => {
    const server = await startSaying(kind, said, [4, 3, 5]);
    await using engine = await createEngine({ baseURL: server.baseURL, contextTokens: 1000 });
    expect(engine.tier).toBe(kind === "text" ? "text" : "chat-continue");
    const runner = createRunner({ engine, dialect: threadweaver, random: () => 0 });
    const input = kind === "text" ? { prompt: "count: " } : { messages: [{ role: "user", content: "count" }] };
    const result = await runner.run(input, { ...sequentially, retry: { baseMs: 0 } }).result;
    expect(result.text).toBe(said);
    expect(result.retries).toBe(3);
    expect(result.warnings.filter(({ code }) => code === "resumed-from-text")).toHaveLength(1);
  });

  it("a chat that takes whole turns only is tried again before its first token, and not after it", async () => {
    const server = await startFakeServer({
      kind: "chat",
      model: (_, call) => {
        if (call === 0) return { text: "", ending: "drop" };
        return call === 1 ? "fine" : { text: "so f", ending: "drop" };
      },
    });
    onTestFinished(() => server.close());
    await using engine = await createEngine({ baseURL: server.baseURL, contextTokens: 1000 });
    expect(engine.tier).toBe("chat-only");
    const runner = createRunner({ engine, dialect: threadweaver, random: () => 0 });
    const run = () =>
      runner.run({ messages: [{ role: "user", content: "count" }] }, { ...sequentially, retry: { baseMs: 0 } }).result;
    expect(await run()).toMatchObject({ text: "fine", retries: 1 });
    await expect(run()).rejects.toMatchObject({
      code: "engine_failed",
      retryable: false,
      message: expect.stringMatching(/takes whole turns of a chat only, so a call cannot go on/) as string,
      partial: { text: "so f" },
    });
  });
});
