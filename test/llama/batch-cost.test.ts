import { describe, expect, it } from "vitest";
import { measureBatchCost, warningOfCost, type Measured } from "../../src/llama/batch-cost.ts";
import { llamaEngine } from "../../src/llama/index.ts";
import { complete, encodePrompt, modelPath, transcripts } from "./support.ts";

/** Sequences without a model, and a clock: one step of them takes as long as the table says for that many. */
class Machine {
  readonly sequences: Measured[];
  /** Tokens that each holds. */
  readonly held: number[];
  /** How many were evaluated together, step by step. */
  readonly steps: number[] = [];
  now = 0;
  readonly #msOf: (size: number, step: number) => number;
  #together = 0;

  constructor(count: number, msOf: (size: number, step: number) => number) {
    this.#msOf = msOf;
    this.held = Array.from({ length: count }, () => 0);
    this.sequences = this.held.map((_, index) => ({
      truncate: async (length) => void (this.held[index] = Math.min(length, this.held[index] ?? 0)),
      evaluate: async (ids) => {
        this.held[index] = (this.held[index] ?? 0) + ids.length;
        this.#together += 1;
        await Promise.resolve(); // all of a batch come in one turn
        if (this.#together > 0) {
          this.now += this.#msOf(this.#together, this.steps.length);
          this.steps.push(this.#together);
          this.#together = 0;
        }
        return undefined;
      },
    }));
  }

  async measure(signal?: AbortSignal): Promise<number | undefined> {
    return (await measureBatchCost(this.sequences, { now: () => this.now, signal }))?.cost;
  }
}

describe("what a batch costs", () => {
  it("is the time of a step for four over that of a step for one", async () => {
    expect(await new Machine(8, (size) => (size === 4 ? 330 : 100)).measure()).toBeCloseTo(3.3);
    expect(await new Machine(4, (size) => (size === 4 ? 110 : 100)).measure()).toBeCloseTo(1.1);
  });

  it("takes one step of each size where they are slow, after one that does not count", async () => {
    const slow = new Machine(8, (size, step) => (step === 0 ? 9000 : 500 * size));
    expect(await slow.measure()).toBe(4);
    expect(slow.steps).toEqual([1, 1, 4]);
  });

  it("takes the quickest of ten steps at most where they are quick", async () => {
    const quick = new Machine(8, (size, step) => (size === 4 ? 2 : 1) * (step === 12 || step === 13 ? 1 : 3));
    expect(await quick.measure()).toBe(2);
    expect(quick.steps).toHaveLength(21);
  });

  it("begins no further round after a fifth of a second", async () => {
    const machine = new Machine(8, (size) => (size === 4 ? 50 : 30));
    await machine.measure();
    expect(machine.steps).toEqual([1, 1, 4, 1, 4, 1, 4]);
  });

  it("is never less than no longer, nor more than as long as one after the other", async () => {
    expect(await new Machine(4, (size) => 100 / size).measure()).toBe(1);
    expect(await new Machine(4, (size) => 100 * size * size).measure()).toBe(4);
  });

  it("is not known with fewer than four sequences, or by a clock that stands still", async () => {
    const three = new Machine(3, () => 1);
    expect([await three.measure(), three.steps]).toEqual([undefined, []]);
    expect(await new Machine(4, () => 0).measure()).toBeUndefined();
  });

  it("leaves the sequences empty", async () => {
    const machine = new Machine(6, () => 7);
    await machine.measure();
    expect(machine.held).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("is given up between two steps when loading is aborted", async () => {
    const controller = new AbortController();
    const machine = new Machine(4, (_, step) => {
      if (step === 1) controller.abort("enough");
      return 100;
    });
    await expect(machine.measure(controller.signal)).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    expect(machine.steps).toEqual([1, 1]);
  });

  it("is a warning only from where threads save no time, and where a step takes a while", () => {
    const quiet = [undefined, { cost: 1, stepMs: 90 }, { cost: 2.49, stepMs: 90 }, { cost: 4, stepMs: 4.9 }];
    for (const measured of quiet) expect(warningOfCost("m.gguf", measured)).toBeUndefined();
    expect(warningOfCost("m.gguf", { cost: 3.24, stepMs: 5 })).toMatchObject({
      code: "batch-cost",
      message: expect.stringContaining("with m.gguf a step for 4 threads takes 3.2 times as long") as string,
    });
  });

  it("is measured on the real model, which then generates what it always does", async () => {
    const engine = await llamaEngine({ model: modelPath, sequences: 4, contextTokens: 256 });
    expect(engine.batchCost).toBeGreaterThanOrEqual(1);
    expect(engine.batchCost).toBeLessThanOrEqual(4);
    const { ids, end } = await complete(engine, await encodePrompt(engine, transcripts[0]?.prompt ?? ""), {
      maxTokens: 12,
    });
    const [own] = transcripts;
    const reference = await encodePrompt(engine, own?.text ?? "");
    const start = (await encodePrompt(engine, own?.prompt ?? "")).length;
    expect([ids, end?.cachedTokens]).toEqual([reference.slice(start, start + 12), 0]);
    await engine.close();
  });
});
