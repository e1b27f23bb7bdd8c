import { afterEach, describe, expect, it } from "vitest";
import type { CompletionEvent, CompletionRequest } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeKind, FakeServer, FakeServerOptions } from "../../src/testing/index.ts";

let server: FakeServer;
let engine: ServerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await server?.close();
});

async function connect(
  fake: Partial<FakeServerOptions> & { kind: FakeKind },
  options: Partial<CreateEngineOptions> = {},
): Promise<ServerEngine> {
  server = await startFakeServer({ model: () => "<think>\nx€</Thread>", ...fake });
  engine = await createEngine({ baseURL: server.baseURL, controls: ["<Thread>", "</Thread>"], ...options });
  return engine;
}

interface Completed {
  ids: number[];
  text: string;
  events: CompletionEvent[];
  end: CompletionEvent | undefined;
}

async function complete(on: ServerEngine, options: Partial<CompletionRequest> = {}): Promise<Completed> {
  const request: CompletionRequest = {
    prompt: [256, 81, 10],
    stop: { ids: [] },
    maxTokens: 100,
    sampling: { temperature: 0, topP: 1 },
    signal: new AbortController().signal,
    ...options,
  };
  const events: CompletionEvent[] = [];
  for await (const event of on.complete(request)) events.push(event);
  const pieces = events.flatMap((event) => (event.type === "pieces" ? event.pieces : []));
  return {
    ids: pieces.flatMap(({ ids }) => [...(ids ?? [])]),
    text: pieces.map(({ text }) => text).join(""),
    events,
    end: events.at(-1),
  };
}

const idKinds: FakeKind[] = ["vllm", "sglang", "sglang-native", "llamacpp"];
const said = [259, 10, 120, 226, 130, 172, 268];

describe.each(idKinds)("%s", (kind) => {
  it("is recognised, and its control tokens and its end of sequence are found", async () => {
    const { report, tokenizer, contextTokens } = await connect({ kind });
    expect(report).toMatchObject({
      kind: kind.replace("-native", ""),
      tier: "ids",
      model: "forkjoin-arith",
      warnings: [],
    });
    expect(tokenizer).toMatchObject({ bos: 256 });
    expect(report.controls).toMatchObject({ "<Thread>": 267, "</s>": 257 });
    expect(contextTokens).toBe(kind.startsWith("sglang") ? 2042 : 2048);
    if (kind !== "llamacpp") expect(tokenizer.eos).toEqual([257]);
  });

  it.each([1, 3, 100])(
    "gives every token once, in pieces of whole characters, %i tokens a part",
    async (tokensPerChunk) => {
      const on = await connect({ kind, tokensPerChunk, bytesPerWrite: 5, comments: true });
      const { ids, text, events } = await complete(on);
      if (kind !== "llamacpp") expect(ids.slice(0, said.length)).toEqual(said);
      expect(text).toBe("<think>\nx€</Thread>");
      for (const event of events) {
        if (event.type === "pieces") for (const piece of event.pieces) expect(piece.text).not.toContain("\uFFFD");
      }
    },
  );

  it("gives no ids that are not those of their text", async () => {
    const on = await connect({ kind });
    const { events } = await complete(on);
    const pieces = events.flatMap((event) => (event.type === "pieces" ? event.pieces : []));
    const told = pieces.map(({ ids, text }) => [text, ids === undefined ? undefined : server.tokenizer.decode(ids)]);
    const euro = kind === "llamacpp" ? undefined : "€";
    expect(told.slice(0, 5)).toEqual([
      ["<think>", "<think>"],
      ["\n", "\n"],
      ["x", "x"],
      ["€", euro],
      ["</Thread>", "</Thread>"],
    ]);
    const warnings = events.flatMap((event) => (event.type === "warning" ? [event.warning.code] : []));
    expect(warnings).toEqual(kind === "llamacpp" ? ["ids-withheld"] : []);
  });

  it("tells a marker, the end of sequence, a used-up budget and a full context apart", async () => {
    const on = await connect({ kind, contextTokens: 40 });
    expect((await complete(on)).end).toMatchObject({ reason: "stop" });
    expect((await complete(on, { maxTokens: 3 })).end).toMatchObject({ reason: "length" });
    if (kind !== "llamacpp") {
      const { ids, end } = await complete(on, { stop: { ids: [268] } });
      expect(ids).toEqual(said);
      expect(end).toMatchObject({ reason: "stop" });
    }
    const long = [256, ...Array.from({ length: on.contextTokens - 2 }, () => 65)];
    expect((await complete(on, { prompt: long })).end).toMatchObject({ reason: "context" });
    await expect(complete(on, { prompt: [...long, 65] })).rejects.toMatchObject({ code: "context_exceeded" });
  });

  it.each([
    ["abort", 'ended the answer with "abort"'],
    ["end", "without a finish reason"],
    ["drop", "broke off in the middle of an answer"],
    ["error", "EngineCore encountered an issue"],
    ["silence", "for 1000 ms (timeouts."],
  ] as const)(
    "a server that breaks off by %s is a loss of that name, and what came was handed over",
    async (ending, message) => {
      if (kind === "llamacpp" && ending === "abort") return;
      const on = await connect(
        { kind, model: () => ({ text: "ab", ending }) },
        { timeouts: ending === "silence" ? { firstTokenMs: 1000, idleMs: 1000 } : undefined },
      );
      const pieces: unknown[] = [];
      const reading = (async () => {
        const request = { prompt: [256, 81], stop: { ids: [] }, maxTokens: 9, sampling: { temperature: 0, topP: 1 } };
        for await (const event of on.complete({ ...request, signal: new AbortController().signal })) {
          if (event.type === "pieces") pieces.push(event);
        }
      })();
      await expect(reading).rejects.toMatchObject({
        code: ending === "silence" ? "timeout" : "engine_failed",
        retryable: true,
        message: expect.stringContaining(message) as string,
      });
      expect(pieces).toHaveLength(2);
    },
  );

  it("says how much of the prompt was cached", async () => {
    const on = await connect({ kind, cacheBlock: 1 });
    await complete(on);
    expect((await complete(on)).end).toMatchObject({ cachedTokens: 2 });
  });

  it("renders chats with its template, and keeps typed markers text", async () => {
    const { tokenizer } = await connect({ kind });
    const ids = await tokenizer.renderChat([{ role: "user", content: " <Thread>? " }]);
    expect(ids).toEqual([256, ...Buffer.from("<Thread>?\n")]);
  });

  it("has its calls ended where somebody loses patience", async () => {
    const on = await connect({ kind, model: () => "a".repeat(1000), chunkDelayMs: 2 });
    const controller = new AbortController();
    const call = complete(on, { signal: controller.signal, maxTokens: 1000 });
    await expect.poll(() => server.running).toBe(1);
    controller.abort("enough");
    await expect(call).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    await expect.poll(() => server.running).toBe(0);
    // What is told by name ends in good order, once the answer has begun; else, and elsewhere, closing is enough.
    const [seen] = server.calls;
    expect(seen?.hungUp === true || (kind === "sglang-native" && seen?.aborted === true)).toBe(true);
  });
});

describe("ids", () => {
  it("outside the vocabulary are not sent", async () => {
    const on = await connect({ kind: "sglang" });
    expect(on.tokenizer.vocabularySize).toBe(269);
    for (const id of [269, -1, 0.5]) {
      await expect(complete(on, { prompt: [256, id] })).rejects.toMatchObject({ code: "invalid_prompt" });
      await expect(complete(on, { stop: { ids: [id] } })).rejects.toMatchObject({ code: "invalid_prompt" });
    }
    expect(server.calls).toEqual([]);
  });

  it("that nobody has seen are not sent to a server that may die of them", async () => {
    const on = await connect({ kind: "sglang-native", version: "0.5.12" });
    expect(on.tokenizer.vocabularySize).toBeUndefined();
    await expect(complete(on, { prompt: [256, 5000] })).rejects.toMatchObject({ code: "invalid_prompt" });
    await expect(complete(on, { prompt: [256, 267] })).resolves.toMatchObject({ text: "<think>\nx€</Thread>" });
  });
});

describe("a server without token ids", () => {
  it("is used in text mode, with a warning", async () => {
    const on = await connect({ kind: "text" }, { contextTokens: 100 });
    expect(on).toMatchObject({ tier: "text", report: { tier: "text", kind: "generic" } });
    expect(on.warnings).toMatchObject([
      { code: "text-mode", message: expect.stringContaining("splices are re-tokenised") as string },
    ]);
    const prompt = await on.tokenizer.encode("Q€", { controls: "text" });
    const { text, events } = await complete(on, { prompt });
    expect(server.calls[0]?.body["prompt"]).toBe("Q€");
    expect(text).toBe("<think>\nx€</Thread>");
    expect(events[0]).toEqual({ type: "pieces", pieces: [{ text: "<think>" }] });
  });

  it("keeps its tokenizer where it has one", async () => {
    const on = await connect({ kind: "vllm" }, { profile: { answer: { ids: null } } });
    expect(on.tier).toBe("text");
    expect(await complete(on)).toMatchObject({ ids: [], text: "<think>\nx€</Thread>" });
    expect(server.calls[0]?.prompt).toEqual([256, 81, 10]);
  });
});

describe("forks", () => {
  it("wait on SGLang until the trunk's stream has closed, so that it is in the cache", async () => {
    const on = await connect({ kind: "sglang" });
    const trunk = [256, 81, 10, ...said];
    const cached: unknown[] = [];
    for await (const event of on.complete(requestOf("trunk", [256, 81, 10]))) {
      if (event.type !== "pieces" || event.pieces.at(-1)?.ids?.at(-1) !== 268) continue;
      // Asked for while the trunk's stream is still open.
      const child = complete(on, { ...requestOf("child", [...trunk, 49]), extends: "trunk" });
      cached.push(child.then(({ end }) => end));
    }
    expect(await Promise.all(cached)).toMatchObject([{ cachedTokens: trunk.length - 1 }]);
  });

  it("do not wait for a call that goes on", async () => {
    const on = await connect({ kind: "sglang", chunkDelayMs: 1 });
    for await (const event of on.complete(requestOf("main", [256, 81, 10]))) {
      if (event.type !== "pieces" || event.pieces[0]?.ids?.[0] !== 259) continue;
      await complete(on, { ...requestOf("inline", [256, 81, 10, 259]), extends: "main" });
    }
    expect(server.calls).toHaveLength(2);
  });

  it("keep the calls of a run together behind a router", async () => {
    await complete(await connect({ kind: "vllm" }), { session: "tree-1" });
    expect(server.calls[0]?.headers).toMatchObject({ "x-session-id": "tree-1", "x-smg-routing-key": "tree-1" });
  });

  it("that lose the cache are warned of once, until it comes back", async () => {
    const on = await connect({ kind: "vllm", cacheBlock: 1, cacheReport: true });
    const warnings: string[] = [];
    const fork = async (prompt: number[]): Promise<void> => {
      const { events } = await complete(on, { prompt, extends: "trunk" });
      for (const event of events) if (event.type === "warning") warnings.push(event.warning.code);
    };
    await fork([256, 81, 10, 1]);
    await fork([256, 81, 10, 2]);
    for (const id of [3, 4, 5, 6, 7, 8]) await fork([id, id, id, id, id]);
    expect(warnings).toEqual(["cache-lost"]);
  });
});

describe("options", () => {
  it("let every field of the profile be overruled", async () => {
    const on = await connect({ kind: "vllm" }, { profile: { request: { always: { stream: true, mine: 1 } } } });
    await complete(on);
    expect(server.calls[0]?.body).toMatchObject({ mine: 1 });
    expect(server.calls[0]?.body).not.toHaveProperty("skip_special_tokens");
    const wrong = createEngine({ baseURL: server.baseURL, profile: { request: { promt: "x" } } as never });
    await expect(wrong).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("promt") as string,
    });
  });

  it("keep what a server repeats of a key out of the error", async () => {
    server = await startFakeServer({ model: () => "", apiKey: "right" });
    const fetchThatRepeats: typeof fetch = async () =>
      Response.json({ error: { message: "no such key: sk-secret", code: 400 } }, { status: 400 });
    const options = { baseURL: server.baseURL, apiKey: "sk-secret", fetch: fetchThatRepeats };
    const error: unknown = await createEngine(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "engine_refused", message: expect.stringContaining("***") as string });
    expect(JSON.stringify([String(error), (error as Error).cause])).not.toContain("sk-secret");
  });

  it("ask for as many tokens a part as are wanted, and no more than 128, if the server can", async () => {
    const on = await connect({ kind: "vllm" });
    for (const coalesce of [1000, 128, 5, 1, undefined]) await complete(on, { coalesce });
    const intervals = server.calls.map(({ body }) => body["stream_interval"]);
    expect(intervals).toEqual([128, 128, 5, undefined, undefined]);
  });

  it("tell the version of the weights, where the server does", async () => {
    expect((await complete(await connect({ kind: "sglang-native" }))).end).toMatchObject({ weightVersion: "default" });
  });
});

describe("bad servers", () => {
  it("that are busy say so, in a status or inside HTTP 200", async () => {
    const words = { vllm: "The engine is currently busy", sglang: "The request queue is full." };
    for (const kind of ["vllm", "sglang"] as const) {
      const on = await connect({ kind, maxCalls: 1, model: () => "a".repeat(500), chunkDelayMs: 1 });
      const controller = new AbortController();
      const running = complete(on, { maxTokens: 500, signal: controller.signal }).catch(() => undefined);
      await expect.poll(() => server.running).toBe(1);
      await expect(complete(on)).rejects.toMatchObject({
        code: "engine_failed",
        message: expect.stringContaining(words[kind]) as string,
      });
      controller.abort();
      await running;
      await on.close();
      await server.close();
    }
  });

  it.each([
    [{ kind: "vllm", version: "0.21.3" }, "server-version", "CVE-2026-48746"],
    [{ kind: "vllm", cacheReport: false }, "server-flags", "--enable-prompt-tokens-details"],
    [{ kind: "sglang", cacheReport: false }, "server-flags", "--enable-cache-report"],
  ] as const)("%j are warned of", async (fake, code, message) => {
    const on = await connect(fake);
    expect(on.warnings).toMatchObject([{ code, message: expect.stringContaining(message) as string }]);
  });
});

function requestOf(id: string, prompt: number[]): CompletionRequest {
  const signal = new AbortController().signal;
  return { id, prompt, stop: { ids: [268] }, maxTokens: 100, sampling: { temperature: 0, topP: 1 }, signal };
}
