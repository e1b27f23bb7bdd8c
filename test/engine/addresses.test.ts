import { readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { isLoss } from "../../src/engine/addresses/loss.ts";
import { Sessions } from "../../src/engine/addresses/sessions.ts";
import { createEngine, probeServer } from "../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import type { CompletionEvent } from "../../src/engine/engine.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeModel, FakeServer, FakeServerOptions } from "../../src/testing/index.ts";
import { greedy } from "../greedy.ts";
import { outcomeOf, requestOf } from "./support.ts";

interface Transcript {
  prompt: string;
  pre: string;
  threads: string[];
  post: string;
}

const file = new URL("../fixtures/reference-transcripts.json", import.meta.url);
const [transcript] = JSON.parse(readFileSync(file, "utf8")) as [Transcript];

/** Goes on wherever a prompt ends: in the trunk, in a thread, or after the join. */
const goOn: FakeModel = (prompt) => {
  const { prompt: question, pre, threads, post } = transcript;
  const texts = new Map([
    [question, pre],
    ["</Thread>\n", `</Parallel>\n${post.slice(0, -"</s>".length)}`],
    ...threads.map((text, n): [string, string] => [`<Thread>\n${n + 1}:`, text]),
  ]);
  const starts = [...texts.keys()].map((start) => ({ start, at: prompt.lastIndexOf(start) }));
  const { start, at } = starts.toSorted((a, b) => b.at - a.at)[0] ?? { start: "", at: 0 };
  return (texts.get(start) ?? "").slice(prompt.length - at - start.length);
};

async function open(options: Partial<FakeServerOptions> = {}): Promise<FakeServer> {
  const server = await startFakeServer({ model: goOn, ...options });
  onTestFinished(() => server.close());
  return server;
}

async function connect(servers: readonly FakeServer[], more: Partial<CreateEngineOptions> = {}): Promise<ServerEngine> {
  const baseURL = servers.map((server) => server.baseURL);
  const engine = await createEngine({ baseURL, controls: threadweaver.markers, ...more });
  onTestFinished(() => engine.close());
  return engine;
}

async function eventsOf(engine: ServerEngine, session: string): Promise<CompletionEvent[]> {
  const events: CompletionEvent[] = [];
  for await (const event of engine.complete(requestOf({ session }))) events.push(event);
  return events;
}

describe("a run on two addresses", () => {
  const input = { prompt: transcript.prompt };
  const retry = { baseMs: 0 };

  it("stays with one of them", async () => {
    const servers = [await open(), await open()];
    const engine = await connect(servers);
    const result = await greedy(createRunner({ engine, dialect: threadweaver })).run(input).result;
    expect(result.text).toContain("\\boxed{2974}");
    expect(servers.map(({ calls }) => calls.length)).toEqual([4, 0]);
    expect(servers[1]?.requests).toEqual([]); // it is not needed
  });

  it.each([1, 40, 100, 300])(
    "of which one is lost after %i parts ends as if nothing had happened, with no token twice",
    async (after) => {
      const [one, two] = [await open(), await open()];
      const still = await open();
      const undisturbed = await greedy(createRunner({ engine: await connect([still]), dialect: threadweaver })).run(
        input,
      ).result;
      const engine = await connect([one, two]);
      const run = greedy(createRunner({ engine, dialect: threadweaver })).run(input, { retry });
      let texts = 0;
      for await (const event of run) {
        if (event.type !== "text") continue;
        texts += 1;
        if (texts === after) void one.close();
      }
      const result = await run.result;
      expect(two.calls.length).toBeGreaterThan(0);
      expect(result.text).toBe(undisturbed.text);
      expect(idsOf(result.tree)).toEqual(idsOf(undisturbed.tree));
      expect(result.retries).toBeGreaterThan(0);
      expect(result.warnings.filter(({ code }) => code === "address-lost")).toMatchObject([
        { message: expect.stringContaining(`the address ${one.baseURL} was lost`) as string },
      ]);
    },
  );

  it("that are both lost fails with one error that names them both", async () => {
    const servers = [await open(), await open()];
    const engine = await connect(servers);
    const run = greedy(createRunner({ engine, dialect: threadweaver })).run(input, { retry });
    for await (const event of run) {
      if (event.type !== "text") continue;
      // oxlint-disable-next-line no-await-in-loop -- once
      await Promise.all(servers.map((server) => server.close()));
      break;
    }
    const error: unknown = await run.result.catch((thrown: unknown) => thrown);
    const names = servers.map(({ baseURL }) => baseURL);
    expect(error).toMatchObject({
      code: "engine_unavailable",
      message: expect.stringMatching(
        new RegExp(`^None of the addresses ${names.join(", ")} works\\. No answer from ${names[0]}.*${names[1]}`),
      ) as string,
    });
  });
});

describe("an engine on several addresses", () => {
  it("keeps a session where it is, and begins new ones where it worked last", async () => {
    const [one, two] = [await open({ model: () => "a" }), await open({ model: () => "b" })];
    const engine = await connect([one, two]);
    await eventsOf(engine, "s1");
    await one.close();
    await expect(eventsOf(engine, "s1")).rejects.toMatchObject({ retryable: true });
    const [warning, ...rest] = await eventsOf(engine, "s1");
    expect(warning).toMatchObject({ type: "warning", warning: { code: "address-lost" } });
    expect(rest).toMatchObject([{ type: "pieces" }, { type: "pieces" }, { type: "end" }]);
    expect((await eventsOf(engine, "s1")).map(({ type }) => type)).toEqual(["pieces", "pieces", "end"]); // told once
    expect((await eventsOf(engine, "s2")).map(({ type }) => type)).toEqual(["pieces", "pieces", "end"]);
  });

  it("moves a session once, however many of its calls fail together", async () => {
    const servers = [await open({ model: () => "a" }), await open({ model: () => "b" }), await open()];
    const engine = await connect(servers);
    await eventsOf(engine, "s");
    await servers[0]?.close();
    const failed = await Promise.allSettled([eventsOf(engine, "s"), eventsOf(engine, "s"), eventsOf(engine, "s")]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await eventsOf(engine, "s");
    expect(servers.map(({ calls }) => calls.length)).toEqual([1, 1, 0]);
  });

  it("stays with a server that is busy", async () => {
    const refusal = { status: 503 };
    const servers = [await open({ model: () => ({ text: "", refusal }) }), await open()];
    const engine = await connect(servers);
    const busy = { code: "engine_failed", status: 503, retryable: true };
    await expect(eventsOf(engine, "s")).rejects.toMatchObject(busy);
    await expect(eventsOf(engine, "s")).rejects.toMatchObject(busy);
    expect(servers[1]?.requests).toEqual([]);
  });

  it("begins at the first address that answers, and says which did not", async () => {
    const [one, two] = [await open(), await open({ model: () => "b" })];
    await one.close();
    const engine = await connect([one, two]);
    expect(engine.warnings).toMatchObject([{ code: "address-lost" }]);
    expect((await outcomeOf(engine)).text).toBe("b");
  });

  it("says what each address said where none answers", async () => {
    const servers = [await open(), await open()];
    await Promise.all(servers.map((server) => server.close()));
    const names = servers.map(({ baseURL }) => baseURL);
    await expect(connect(servers)).rejects.toMatchObject({
      code: "engine_unavailable",
      retryable: true,
      message: expect.stringContaining(`None of the addresses ${names.join(", ")} works.`) as string,
    });
  });

  it("asks the tokenizer of an address that works", async () => {
    const [one, two] = [await open(), await open()];
    const engine = await connect([one, two]);
    await one.close();
    const { tokenizer } = engine;
    await expect(tokenizer.encode("xyz", { controls: "parse" })).rejects.toMatchObject({ retryable: true });
    expect(await tokenizer.encode("xyz", { controls: "parse" })).toEqual([120, 121, 122]);
    expect(tokenizer.encodeSync?.("xyz", { controls: "parse" })).toEqual([120, 121, 122]);
    expect(await tokenizer.decode([120])).toBe("x");
    expect(tokenizer.eos).toContain(257);
  });

  it.each<[string, Partial<FakeServerOptions>, RegExp]>([
    ["another model", { modelName: "other" }, /is not used: its model is other, not forkjoin-arith/],
    ["another tier", { kind: "text", contextTokens: 500 }, /is not used: its (tier|begin of sequence) is/],
    ["other markers", { controls: ["<Thread>"] }, /is not used: (the id of <|its vocabulary)/],
  ])("does not use an address with %s", async (_, other, message) => {
    const [one, two] = [await open(), await open(other)];
    const engine = await connect([one, two], { contextTokens: 500 });
    await one.close();
    await expect(eventsOf(engine, "s")).rejects.toMatchObject({ code: "engine_unavailable" });
    await expect(eventsOf(engine, "s")).rejects.toMatchObject({ message: expect.stringMatching(message) as string });
    await expect(eventsOf(engine, "s")).rejects.toMatchObject({
      message: expect.stringContaining(one.baseURL) as string,
    });
    expect(two.calls).toEqual([]);
  });

  it("has the shortest context that is known", async () => {
    const [one, two] = [await open(), await open({ contextTokens: 1000, model: () => "b" })];
    const engine = await connect([one, two]);
    expect(engine.contextTokens).toBe(2048);
    await one.close();
    await outcomeOf(engine);
    await outcomeOf(engine);
    expect(engine.contextTokens).toBe(1000);
  });

  it("is closed as one", async () => {
    const engine = await connect([await open(), await open()]);
    await engine.close();
    expect((await outcomeOf(engine)).error).toMatchObject({ code: "closed" });
  });

  it("is asked for with a list of addresses", async () => {
    const invalid = async (baseURL: string[], said: string) => {
      const message = expect.stringContaining(said) as string;
      await expect(createEngine({ baseURL })).rejects.toMatchObject({ code: "invalid_option", message });
    };
    await invalid([], "baseURL: at least one address");
    await invalid(["http://a", "b"], "baseURL.1: an address such as");
    await invalid(["http://a", "http://a"], "baseURL: each address once");
    await expect(probeServer({ baseURL: ["http://a", "http://b"] })).rejects.toMatchObject({ code: "invalid_option" });
  });
});

describe("what an address is lost with", () => {
  it.each<[ThreadweaverError, boolean]>([
    [new ThreadweaverError("engine_unavailable", "No answer"), true],
    [new ThreadweaverError("timeout", "silent"), true],
    [new ThreadweaverError("engine_failed", "broke off"), true],
    [new ThreadweaverError("engine_failed", "failed", { status: 500 }), true],
    [new ThreadweaverError("engine_failed", "no healthy upstream", { status: 503 }), true],
    [new ThreadweaverError("engine_failed", "The engine is currently busy", { status: 503 }), false],
    [new ThreadweaverError("engine_failed", "The request queue is full.", { status: 503 }), false],
    [new ThreadweaverError("engine_failed", "slow down", { status: 429 }), false],
    [new ThreadweaverError("engine_refused", "bad", { status: 400 }), false],
    [new ThreadweaverError("aborted", "aborted"), false],
  ])("%s: %s", (error, lost) => {
    expect(isLoss(error)).toBe(lost);
  });
});

it("only the sessions that were used last are remembered", () => {
  const sessions = new Sessions(2);
  for (const [session, fresh, at] of [
    ["a", 0, 0],
    ["b", 1, 1],
    ["a", 9, 0],
    ["c", 2, 2],
    ["b", 3, 3],
    ["c", 9, 2],
  ] as const) {
    expect(sessions.at(session, fresh)).toBe(at);
  }
});

/** Every token of a run, in the order of its segments. */
function idsOf(tree: { segments: readonly object[] }): unknown {
  return JSON.parse(
    JSON.stringify(tree.segments, (key, value: unknown) => (key === "origins" || key === "calls" ? undefined : value)),
  );
}
