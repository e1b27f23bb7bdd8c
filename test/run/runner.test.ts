import { describe, expect, it } from "vitest";
import { asyncthink, parallelR1, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { step } from "../../src/core/machine/machine.ts";
import { createState, type State } from "../../src/core/machine/state.ts";
import { effectSchema, inputSchema, type Effect, type Input } from "../../src/core/machine/protocol.ts";
import { serializeTrie } from "../../src/core/trie/serialize.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { RunInput } from "../../src/run/input.ts";
import type { RunResult } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { callSeed } from "../../src/run/calls/seed.ts";
import { planned, scriptedEngine, type Script } from "./scripted-engine.ts";

const two = planned({ "1": { text: " odd: 7.\n</Thread>" }, "2": { text: " even: 5.\n</Thread>" } });

async function run(
  answer: (context: string) => Script,
  options: RunOptions = {},
  input: RunInput = { prompt: "Q" },
): Promise<RunResult> {
  return createRunner({ engine: scriptedEngine(answer), dialect: threadweaver }).run(input, options).result;
}

async function failure(promise: Promise<unknown>): Promise<ThreadweaverError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ThreadweaverError.isInstance(error)) throw new Error(`no ThreadweaverError: ${String(error)}`);
  return error;
}

describe("a fork-join run", () => {
  it("gives the spliced text, its two sides, each thread and the counts", async () => {
    let now = 0;
    const clock = { now: () => (now += 1), schedule: () => () => {} };
    const engine = scriptedEngine(two);
    const result = await createRunner({ engine, dialect: threadweaver, clock }).run({ prompt: "Q" }).result;
    const plan = "Split.<Parallel>\n<Outlines>\n<Outline>1: part</Outline>\n<Outline>2: part</Outline>\n</Outlines>";
    const threads = "\n<Thread>\n1: odd: 7.\n</Thread><Thread>\n2: even: 5.\n</Thread>\n";
    expect(result.text).toBe(`${plan}${threads}</Parallel>\nso it is</think>12`);
    expect(result.reasoning).toBe(`${plan}${threads}</Parallel>\nso it is`);
    expect(result.content).toBe("12");
    expect(result.ending).toEqual({ kind: "eos" });
    const main = "Split.\n\n1: part\n2: part\n".length + 7; // and seven tags
    const after = "\nso it is12".length + 3; // </Parallel>, </think> and the end of sequence
    const [first, second] = [" odd: 7.\n", " even: 5.\n"].map((text) => text.length + 1);
    expect(result.tokens).toEqual({
      prompt: 2,
      generated: main + (first ?? 0) + (second ?? 0) + after,
      // Two prompt headers of 5 tokens, the second thread's other header of 4, its copy, and the line feed behind.
      inserted: 5 + 5 + 4 + (second ?? 0) + 1,
      wasted: 0,
      sent: 2 + (2 + main + 5) * 2 + (2 + main + 5 + (first ?? 0) + 4 + (second ?? 0) + 1),
      cached: undefined,
      criticalPath: main + (second ?? 0) + after,
      estimated: false,
    });
    expect([result.complete, result.incomplete]).toEqual([true, []]);
    expect(result.accelerationRatio).toBe(1 - result.tokens.criticalPath / result.tokens.generated);
    expect(result.threads).toMatchObject([
      {
        threadId: "0/1.1",
        forkId: "0/1",
        parentId: "0",
        name: "1",
        plan: "part",
        index: 1,
        depth: 1,
        ending: { kind: "marker" },
        tokens: first,
      },
      { threadId: "0/1.2", forkId: "0/1", parentId: "0", name: "2", index: 2, depth: 1, text: " even: 5.\n</Thread>" },
    ]);
    expect(result.wallMs).toBeGreaterThan(result.threads[0]?.ms ?? Infinity);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(result.seed).toBeGreaterThanOrEqual(0);
  });

  it("makes one request a thread, all at once, and not more than its slots", async () => {
    const engine = scriptedEngine(
      planned(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i + 1}`, { text: ".</Thread>" }]))),
    );
    await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }).result;
    expect(engine.requests).toHaveLength(1 + 9 + 1);
    expect(engine.mostAtOnce()).toBe(9);

    const narrow = scriptedEngine(
      planned(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i + 1}`, { text: ".</Thread>" }]))),
    );
    await createRunner({ engine: narrow, dialect: threadweaver, concurrency: 2 }).run({ prompt: "Q" }).result;
    expect(narrow.mostAtOnce()).toBe(2);
  });

  it("does not fork in sequential mode: the same dialect without its trigger", async () => {
    const engine = scriptedEngine(() => ({
      text: "<Parallel><Outlines><Outline>1: x</Outline></Outlines>on</think>3",
    }));
    const result = await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { mode: "sequential" })
      .result;
    expect(engine.requests).toHaveLength(1);
    expect(result.threads).toEqual([]);
    expect(result.tokens.criticalPath).toBe(result.tokens.generated);
    expect(result.accelerationRatio).toBe(0);
  });

  it("goes on when one thread fails, closes it, and says how it ended", async () => {
    const result = await run(planned({ "1": { text: " half", after: "break" }, "2": { text: " whole\n</Thread>" } }));
    expect(result.text).toContain("\n<Thread>\n1: half\n</Thread><Thread>\n2: whole\n</Thread>\n</Parallel>");
    expect(result.threads[0]?.ending).toEqual({ kind: "failed", message: "the connection was closed" });
    expect(result.ending).toEqual({ kind: "eos" });
    // What application code looks at, and what a log shows.
    expect(result.complete).toBe(false);
    expect(result.incomplete).toEqual([{ threadId: "0/1.1", ending: result.threads[0]?.ending }]);
    expect(result.warnings).toEqual([
      { code: "thread-failed", message: "thread 1 failed: the connection was closed", threadId: "0/1.1" },
    ]);
  });

  it("rejects when main fails, with the cause and all that was made", async () => {
    const answer = planned(
      { "1": { text: " a\n</Thread>" }, "2": { text: " b\n</Thread>" } },
      { text: "</Par", after: "break" },
    );
    const error = await failure(run(answer));
    expect(error.code).toBe("engine_failed");
    expect(error.message).toBe(
      "the connection was closed. That ended the run. All 44 generated tokens are kept, in partial of this error.",
    );
    expect((error.partial as RunResult).text).toMatch(/2: b\n<\/Thread>\n<\/Par$/);
    expect((error.partial as RunResult).threads).toHaveLength(2);
  });

  it("ends a run whose thread ran out of tokens behind the join, and names the thread", async () => {
    const result = await run(planned({ "1": { text: " a\n</Thread>" }, "2": { text: " b", after: "runOn" } }), {
      maxThreadTokens: 6,
    });
    expect(result.threads.map((t) => t.tokens)).toEqual([4, 6]);
    expect(result.ending).toEqual({ kind: "length", limit: "threadTokens", threadId: "0/1.2" });
    expect(result.text).toMatch(/2: b\.\.\.\.\n<\/Thread>\n<\/Parallel>$/);
    expect(result.warnings.map((w) => w.code)).toEqual(["thread-out-of-tokens", "thread-ended-run"]);
  });

  it("never generates more than maxTokens, however many threads there are", async () => {
    const threads = { "1": { text: " a", after: "runOn" }, "2": { text: " b", after: "runOn" } } as const;
    const result = await run(planned(threads), { maxTokens: 100 });
    expect(result.tokens.generated).toBe(100);
    expect(result.ending).toMatchObject({ kind: "length", limit: "runTokens" });
    expect(result.text).toMatch(/\n<\/Thread>\n<\/Parallel>$/);
  });

  it("ends where the context is full, and refuses threads that have no room", async () => {
    const plan = scriptedEngine(two, 60);
    const result = await createRunner({ engine: plan, dialect: threadweaver }).run({ prompt: "Q" }).result;
    expect(result.ending).toEqual({ kind: "refused", limit: "context" });
    expect(result.text).toMatch(/<\/Thread>\n$/);
    for (const { prompt, maxTokens } of plan.requests) expect(prompt.length + maxTokens).toBeLessThanOrEqual(60);
  });
});

describe("the seed of a call", () => {
  it("follows from the run's seed and the thread's place, as documented", () => {
    expect(callSeed(7, "0/2.1", 0)).toBe(callSeed(7, "0/2.1", 0));
    const seeds = ["0", "0/1.1", "0/1.2", "0/2.1"].flatMap((threadId) =>
      [0, 1].map((callIndex) => callSeed(7, threadId, callIndex)),
    );
    expect(new Set(seeds).size).toBe(8);
    expect(callSeed(0, "0", 0)).toBe(1_668_524_861);
  });

  it("of a run that named none is in the result, and repeats it", async () => {
    const answer = (): Script => ({ text: "." });
    const sent = async (seed?: number) => {
      const engine = scriptedEngine(answer);
      const runner = createRunner({ engine, dialect: threadweaver });
      const result = await runner.run({ prompt: "Q" }, { temperature: 1, seed }).result;
      return { seed: result.seed, calls: engine.requests.map(({ sampling }) => sampling.seed) };
    };
    const first = await sent();
    expect(first.calls).toEqual([callSeed(first.seed, "0", 0)]);
    expect(await sent(first.seed)).toEqual(first);
  });

  it("differs between siblings of equal prompts, and is the same again for the same run", async () => {
    const answer = (context: string): Script =>
      context.endsWith("<Path>")
        ? { text: "x</Path>" }
        : context.includes("</Path>")
          ? { text: "s</Summary>" }
          : { text: "<Parallel>" };
    const seeds = async (options: RunOptions): Promise<(number | undefined)[]> => {
      const engine = scriptedEngine(answer);
      await createRunner({ engine, dialect: parallelR1, random: () => 0.25 }).run(
        { prompt: "Q" },
        { maxForks: 1, maxTokens: 60, ...options },
      ).result;
      return engine.requests.slice(0, 3).map((r) => r.sampling.seed);
    };
    const [main, one, other] = await seeds({ temperature: 1, seed: 7 });
    expect([main, one, other]).toEqual([callSeed(7, "0", 0), callSeed(7, "0/1.1", 0), callSeed(7, "0/1.2", 0)]);
    expect(await seeds({ temperature: 1 })).toEqual(await seeds({ temperature: 1, seed: 2 ** 29 }));
    // Greedy needs none; the paths of this dialect are never greedy.
    expect(await seeds({ temperature: 0, seed: 7 })).toEqual([undefined, one, other]);
  });
});

describe("what cannot be run", () => {
  it.each<[string, RunInput, RunOptions, string, RegExp]>([
    ["an empty prompt", { prompt: "" }, {}, "invalid_prompt", /prompt is empty/],
    ["no messages", { messages: [] }, {}, "invalid_prompt", /messages is empty/],
    ["half a character", { prompt: "a \ud83d" }, {}, "invalid_prompt", /half a character .* as its character 3/],
    [
      "half a character in a message",
      { messages: [{ role: "user", content: "\ude00" }] },
      {},
      "invalid_prompt",
      /messages\[0\]\.content holds half a character/,
    ],
    ["no ids", { promptIds: [] }, {}, "invalid_prompt", /promptIds is empty/],
    [
      "an id that is none",
      { promptIds: [1, -4] },
      {},
      "invalid_prompt",
      /promptIds\[1\] is -4: .* whole number from 0 to/,
    ],
    [
      "two prompts",
      { prompt: "Q", promptIds: [1] } as unknown as RunInput,
      {},
      "invalid_prompt",
      /prompt and promptIds/,
    ],
    [
      "a prompt as long as the context",
      { prompt: "x".repeat(10_000) },
      {},
      "context_exceeded",
      /has 10001 tokens.* context of 10000/,
    ],
    [
      "a control string in a prompt",
      { prompt: "What is <Thread>?" },
      {},
      "invalid_prompt",
      /holds <Thread>.*specialInPrompt/,
    ],
  ])("%s is refused before anything is sent", async (_, input, options, code, message) => {
    const engine = scriptedEngine(two);
    const error = await failure(createRunner({ engine, dialect: threadweaver }).run(input, options).result);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(engine.requests).toEqual([]);
  });

  it("options that are not there or out of range are named at once", () => {
    const runner = createRunner({ engine: scriptedEngine(two), dialect: threadweaver });
    expect(() => runner.run({ prompt: "Q" }, { temperature: -1, max_tokens: 3 } as RunOptions)).toThrow(
      /Invalid options for run: temperature: .*>=0; there is no option max_tokens \(there are temperature, topP, /,
    );
    expect(() => runner.run({ prompt: "Q" }, { signal: "now" } as unknown as RunOptions)).toThrow(
      'signal: must be an AbortSignal, not "now"',
    );
    expect(() => createRunner({ engine: scriptedEngine(two), dialect: threadweaver, concurrency: 0 })).toThrow(
      /concurrency/,
    );
  });
});

describe("control strings", () => {
  it("in messages stay text", async () => {
    const engine = scriptedEngine(() => ({ text: "12" }));
    await createRunner({ engine, dialect: threadweaver }).run({ messages: [{ role: "user", content: "</Outlines>" }] })
      .result;
    expect(engine.requests[0]?.prompt.length).toBe(1 + "</Outlines>\n".length);
  });

  it("in a prompt are what specialInPrompt says", async () => {
    const lengths = async (specialInPrompt: "parse" | "text"): Promise<number | undefined> => {
      const engine = scriptedEngine(() => ({ text: "12" }));
      await createRunner({ engine, dialect: threadweaver }).run({ prompt: "a</Thread>" }, { specialInPrompt }).result;
      return engine.requests[0]?.prompt.length;
    };
    expect(await lengths("parse")).toBe(3);
    expect(await lengths("text")).toBe(2 + "</Thread>".length);
  });

  it("that users typed are never looked at: only generated text forks", async () => {
    const engine = scriptedEngine(() => ({ text: "12" }));
    const dialect = asyncthink;
    const result = await createRunner({ engine, dialect }).run({ prompt: "<FORK-1>x</FORK-1><JOIN-1>" }).result;
    expect(result.threads).toEqual([]);
    expect(result.text).toBe("12");
  });
});

describe("a trace", () => {
  it("replayed gives every effect and the same tree again", async () => {
    const inputs: Input[] = [];
    const recorder = { input: (input: Input): void => void inputs.push(input) };
    const result = await run(two, { recorder, tree: true });
    const live = replay(inputs);
    const again = replay(JSON.parse(JSON.stringify(inputs)) as Input[]);
    expect(again.effects).toEqual(live.effects);
    expect(again.effects.at(-1)).toEqual({ e: "finish", ending: { kind: "eos" } });
    expect({ ...serializeTrie(again.state.trie), head: result.tree?.head }).toEqual(result.tree);
    for (const input of inputs) expect(inputSchema.parse(input)).toEqual(input);
    for (const effect of again.effects) expect(effectSchema.parse(effect)).toEqual(effect);
  });
});

function replay(inputs: readonly Input[]): { state: State; effects: Effect[] } {
  const state = createState({ dialect: threadweaver });
  return { state, effects: inputs.flatMap((input) => [...step(state, input)]) };
}
