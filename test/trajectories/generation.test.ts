import { describe, expect, it } from "vitest";
import { ThreadweaverError } from "../../src/errors.ts";
import { BudgetSpent } from "../../src/trajectories/ask/spending.ts";
import { generate } from "../../src/trajectories/making/generate.ts";
import { inOrder } from "../../src/trajectories/making/in-order.ts";
import type { Kept, Outcome } from "../../src/trajectories/filter/outcome.ts";

function kept(id: string, more: Partial<Kept> = {}): Outcome<null> {
  const length = { total: 10, criticalPath: 5 };
  const one: Kept = {
    id,
    kind: "parallel",
    dialect: "threadweaver",
    question: "?",
    text: `text of ${id}`,
    answer: "1",
    blocks: 1,
    threads: 2,
    length,
    gain: 0.5,
    balance: 1,
    ...more,
  };
  return { id, kept: [one], setAside: [], work: null };
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

describe("work in the order of its sources", () => {
  it("is given in that order, however long each takes, and never more at once than asked for", async () => {
    const gates = Array.from({ length: 9 }, () => Promise.withResolvers<void>());
    let running = 0;
    let most = 0;
    const made = inOrder(gates.keys(), 3, async (n) => {
      most = Math.max(most, (running += 1));
      await gates[n]?.promise;
      running -= 1;
      return n;
    });
    const given = all(made);
    for (const n of [2, 1, 4, 3, 0, 8, 7, 6, 5]) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      gates[n]?.resolve();
    }
    expect(await given).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(most).toBe(3);
  });

  it("reads no further than four times what is worked on, while the first one is not done", async () => {
    const gate = Promise.withResolvers<void>();
    let read = 0;
    function* sources() {
      for (; read < 100; read += 1) yield read;
    }
    const made = inOrder(sources(), 2, async (n) => (n === 0 ? gate.promise.then(() => n) : n));
    const first = made.next();
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
    expect(read).toBeLessThanOrEqual(8);
    gate.resolve();
    expect((await first).value).toBe(0);
    expect((await all(made)).at(-1)).toBe(99);
  });

  it("ends what had begun, and closes its sources, before an error reaches the caller", async () => {
    let closed = false;
    let over = 0;
    function* sources() {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        closed = true;
      }
    }
    const made = inOrder(sources(), 3, async (n) => {
      await Promise.resolve();
      over += 1;
      if (n === 1) throw new Error("broken");
      return n;
    });
    await expect(all(made)).rejects.toThrow("broken");
    expect({ closed, over }).toEqual({ closed: true, over: expect.any(Number) as number });
    expect(over).toBeGreaterThanOrEqual(3);
  });
});

describe("a generation", () => {
  const run = async (ids: readonly string[], make: (id: string) => Promise<Outcome<null>>, more = {}) => {
    const outcomes: Outcome<null>[] = [];
    const sources = ids.map((id) => ({ id }));
    const onOutcome = (outcome: Outcome<null>) => outcomes.push(outcome);
    const made = await generate({ sources, make: ({ id }) => make(id), onOutcome, concurrency: 1, ...more });
    return { ...made, outcomes };
  };
  const reasons = (outcomes: readonly Outcome<null>[]) =>
    outcomes.map(({ setAside }) => setAside.map(({ step, code }) => `${step} ${code}`).join());

  it("keeps equal texts once, and of sequential ones no more than their share", async () => {
    const sequential = { kind: "sequential" } as const;
    const make = async (id: string) =>
      id.startsWith("s") ? kept(id, sequential) : kept(id, { text: id === "b" ? "text  of a" : `text of ${id}` });
    const { outcomes } = await run(["s1", "a", "b", "c", "s2", "s3"], make, { sequentialShare: 0.4 });
    expect(reasons(outcomes)).toEqual([
      "selection sequential-share",
      "",
      "selection duplicate",
      "",
      "",
      "selection sequential-share",
    ]);
  });

  it("sets aside what an engine cannot be asked about, and what it failed at, and stops after failures in a row", async () => {
    const make = async (id: string) => {
      if (id === "long") throw new ThreadweaverError("context_exceeded", "too long");
      if (id.startsWith("lost")) throw new ThreadweaverError("engine_failed", "gone");
      return kept(id);
    };
    const { outcomes, failed, early } = await run(["long", "lost 1", "a", "lost 2", "lost 3", "b"], make, {
      stopAfter: 2,
    });
    expect(reasons(outcomes)).toEqual([
      "prompt context_exceeded",
      "engine engine_failed",
      "",
      "engine engine_failed",
      "engine engine_failed",
    ]);
    expect(failed).toBe(3);
    expect(early?.error).toMatchObject({ code: "engine_failed" });
  });

  it.each([
    ["a spent budget", new BudgetSpent("spent")],
    ["an abort", new ThreadweaverError("aborted", "stopped")],
  ])("ends early at %s, with all outcomes before it", async (_, error) => {
    const make = async (id: string) => {
      if (id === "b") throw error;
      return kept(id);
    };
    const { outcomes, early, failed } = await run(["a", "b", "c"], make);
    expect(outcomes.map(({ id }) => id)).toEqual(["a"]);
    expect({ failed, error: early?.error }).toEqual({ failed: 0, error });
  });

  it("throws for two sources with one id, for an option that cannot be used, and for a mistake in the program", async () => {
    const make = async (id: string) => kept(id);
    await expect(run(["a", "a"], make)).rejects.toThrow('Two sources have the id "a". Ids must be unique.');
    const bad = async () => Promise.reject(new ThreadweaverError("invalid_option", "no such format"));
    await expect(run(["a"], bad)).rejects.toThrow("no such format");
    await expect(run(["a"], async () => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
  });
});
