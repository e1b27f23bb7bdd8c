import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Piece } from "../../src/core/trie/piece.ts";
import type { CompletionEvent } from "../../src/engine/engine.ts";
import { createPieceDecoder } from "../../src/engine/wire/piece-decoder.ts";
import { Call } from "../../src/llama/call.ts";
import type { KvSequence, SampledToken } from "../../src/llama/kv-sequence.ts";
import { Scheduler, shareBatch } from "../../src/llama/scheduler.ts";

describe("shareBatch", () => {
  it("gives each call a token, and what is left to long prompts in order", () => {
    expect(shareBatch([1, 600, 1, 600], 512)).toEqual([1, 509, 1, 1]);
    expect(shareBatch([1, 10, 20], 512)).toEqual([1, 10, 20]);
  });

  it("never gives more than is wanted or than there is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }),
        fc.nat({ max: 100 }),
        (pending, more) => {
          const budget = pending.length + more;
          const shares = shareBatch(pending, budget);
          expect(shares.every((share, index) => share >= 1 && share <= (pending[index] ?? 0))).toBe(true);
          const wanted = pending.reduce((sum, tokens) => sum + tokens, 0);
          expect(shares.reduce((sum, tokens) => sum + tokens, 0)).toBe(Math.min(wanted, budget));
        },
      ),
    );
  });
});

/** A sequence without a model: it evaluates when it is told to. */
class FakeSequence {
  tokens: number[] = [];
  evaluating = 0;
  resets = 0;
  /** What the next evaluations do; then they answer at once. */
  readonly script: (() => Promise<SampledToken | undefined>)[] = [];
  /** What the next resets do; then they succeed. */
  readonly resetScript: (() => Promise<void>)[] = [];

  async truncate(length: number): Promise<void> {
    this.tokens.length = length;
  }

  async copyFrom(source: FakeSequence, length: number): Promise<void> {
    this.tokens = source.tokens.slice(0, length);
  }

  async evaluate(ids: readonly number[], sample?: unknown): Promise<SampledToken | undefined> {
    if (this.evaluating > 0) throw new Error("two loops evaluate one sequence");
    this.evaluating += 1;
    try {
      const next = await (this.script.shift() ?? (() => Promise.resolve({ id: 7 })))();
      this.tokens.push(...ids);
      return sample === undefined ? undefined : next;
    } finally {
      this.evaluating -= 1;
    }
  }

  async reset(): Promise<void> {
    this.resets += 1;
    await (this.resetScript.shift() ?? (() => Promise.resolve()))();
    this.tokens = [];
  }
}

function schedulerOf(count: number): { scheduler: Scheduler; sequences: FakeSequence[] } {
  const sequences = Array.from({ length: count }, () => new FakeSequence());
  return { scheduler: new Scheduler(sequences as unknown as KvSequence[], 512), sequences };
}

const engine = {
  name: "llama",
  model: "none",
  contextTokens: 100,
  tokenizer: { vocabularySize: 100, eos: [99] },
};

function callOf(prompt: readonly number[], maxTokens = 3, held?: Piece): Call {
  const signal = new AbortController().signal;
  // A token above 90 is the beginning of a character that never comes.
  const decoder = createPieceDecoder(
    (ids) => ids.map((id) => (id > 90 ? "\uFFFD" : String(id))).join(),
    () => false,
  );
  return new Call(
    { prompt, held, stop: { ids: [] }, maxTokens, sampling: { temperature: 0, topP: 1 }, signal },
    decoder,
    engine,
  );
}

/** The ids that a call gave; rejects with what it broke off with. */
async function idsOf(call: Call): Promise<number[]> {
  const ids: number[] = [];
  for await (const event of call.events.read()) {
    if (event.type === "pieces") ids.push(...event.pieces.flatMap((piece) => [...(piece.ids ?? [])]));
  }
  return ids;
}

it("tokens inside a character are held when their call fails, and are no pieces", async () => {
  const { scheduler, sequences } = schedulerOf(1);
  const [only] = sequences as [FakeSequence];
  only.script.push(
    () => Promise.resolve({ id: 8 }),
    () => Promise.resolve({ id: 91 }),
    () => Promise.reject(new Error("no")),
  );
  const call = callOf([1], 9);
  scheduler.submit(call);
  const events: CompletionEvent[] = [];
  const reading = (async () => {
    for await (const event of call.events.read()) events.push(event);
  })();
  await expect(reading).rejects.toMatchObject({ code: "engine_failed" });
  expect(events).toEqual([
    { type: "pieces", pieces: [{ ids: [8], text: "8" }] },
    { type: "broken", held: { ids: [91], text: "\uFFFD" } },
  ]);
});

it("a call begins with the tokens that an earlier one held, as far as they are characters", async () => {
  const { scheduler, sequences } = schedulerOf(1);
  const [only] = sequences as [FakeSequence];
  only.script.push(() => Promise.resolve({ id: 8 }));
  const call = callOf([1, 7, 91], 1, { ids: [7, 91], text: "\uFFFD" });
  scheduler.submit(call);
  const events: CompletionEvent[] = [];
  for await (const event of call.events.read()) events.push(event);
  expect(events).toMatchObject([
    { type: "pieces", pieces: [{ ids: [7], text: "7" }] },
    { type: "pieces", pieces: [{ ids: [91, 8], text: "\uFFFD,8" }] },
    { type: "end", reason: "length", completionTokens: 1 },
  ]);
});

async function turns(): Promise<void> {
  for (let n = 0; n < 5; n++) {
    // oxlint-disable-next-line no-await-in-loop -- turns of the event loop come one after the other
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe("a sequence that fails and cannot be reset", () => {
  it("fails its own call alone: the loop waits for the others, and no second one starts beside it", async () => {
    const { scheduler, sequences } = schedulerOf(2);
    const [broken, other] = sequences as [FakeSequence, FakeSequence];
    const { promise: evaluated, resolve } = Promise.withResolvers<SampledToken>();
    broken.script.push(() => Promise.reject(new Error("no")));
    broken.resetScript.push(() => Promise.reject(new Error("no reset either")));
    other.script.push(() => evaluated);
    const [first, second, third] = [callOf([1, 2]), callOf([3, 4]), callOf([5, 6])];
    scheduler.submit(first);
    scheduler.submit(second);
    const failed = idsOf(first);
    const [whole, later] = [idsOf(second), idsOf(third)];
    await expect(failed).rejects.toMatchObject({ code: "engine_failed", message: "llama.cpp broke off: no" });
    await turns();
    expect(other.evaluating).toBe(1);
    scheduler.submit(third);
    await turns();
    expect(other.evaluating).toBe(1);
    resolve({ id: 8 });
    expect(await whole).toEqual([8, 7, 7]);
    expect(await later).toEqual([7, 7, 7]);
  });

  it("is reset before it is used again", async () => {
    const { scheduler, sequences } = schedulerOf(1);
    const [only] = sequences as [FakeSequence];
    only.script.push(() => Promise.reject(new Error("no")));
    only.resetScript.push(() => Promise.reject(new Error("no reset either")));
    const first = callOf([1]);
    scheduler.submit(first);
    await expect(idsOf(first)).rejects.toMatchObject({ code: "engine_failed" });
    const second = callOf([2]);
    scheduler.submit(second);
    expect(await idsOf(second)).toEqual([7, 7, 7]);
    expect(only.resets).toBe(2);
  });

  it("fails what waits where there is no other, instead of letting it wait for ever", async () => {
    const { scheduler, sequences } = schedulerOf(1);
    const [only] = sequences as [FakeSequence];
    only.script.push(() => Promise.reject(new Error("no")));
    for (let n = 0; n < 9; n++) only.resetScript.push(() => Promise.reject(new Error("no reset either")));
    const calls = [callOf([1]), callOf([2])];
    for (const call of calls) scheduler.submit(call);
    const [first, second] = calls.map(idsOf);
    await expect(first).rejects.toMatchObject({ code: "engine_failed" });
    await expect(second).rejects.toMatchObject({ message: "llama.cpp broke off: no reset either" });
  });
});
