import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { skeleton, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { evaluate } from "../../../src/eval/evaluate.ts";
import { Ledger, type LedgerOptions } from "../../../src/eval/ledger/ledger.ts";
import { LedgerReader } from "../../../src/eval/ledger/reader.ts";
import type { Sample, SampleFailure } from "../../../src/eval/ledger/sample.ts";
import type { Evaluation } from "../../../src/eval/plan.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import { openBench, planOf, protocol, solve, type Bench } from "../support.ts";

let folder: string;
let path: string;
let bench: Bench;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "threadweaver-ledger-"));
  path = join(folder, "samples.jsonl");
  bench = await openBench();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const twice = { ...protocol, samples: 2 };

/** Makes what is missing; after `until` samples it dies. */
async function make(plan: Evaluation, options: LedgerOptions, until = Infinity): Promise<Ledger> {
  const ledger = await Ledger.open(path, plan.header, options);
  let made = 0;
  const run = evaluate(plan, {
    earlier: ledger,
    onSample: (sample) => {
      if (made === until) throw new Error("killed");
      made += 1;
      ledger.write(sample);
    },
  });
  await run.catch((error: unknown) => {
    if (until === Infinity) throw error;
  });
  ledger.close();
  return ledger;
}

/** What depends neither on time nor on what the server has in its cache, in the order of the file. */
async function contents(): Promise<object[]> {
  const reader = await LedgerReader.open(path);
  const samples: object[] = [reader.header];
  for await (const { startedAt: _, ms: __, ...sample } of reader.samples()) {
    const tokens = "tokens" in sample ? { tokens: { ...sample.tokens, cached: 0 } } : {};
    samples.push({ ...sample, ...tokens, threadMs: 0 });
  }
  return samples;
}

describe("a ledger", () => {
  it("has its header, and each sample in the order in which they were made", async () => {
    await make(planOf(bench.endpoint, { protocol: twice }), {});
    const [header, ...samples] = await contents();
    expect(header).toMatchObject({ type: "header", dataset: { name: "sums", problems: 3 }, seed: 1 });
    expect(samples).toHaveLength(12);
  });

  it("is the same, killed at any of ten moments and gone on with", async () => {
    const plan = planOf(bench.endpoint, { protocol: twice, arms: ["sequential", "fork-join", "budget"] });
    await make(plan, {});
    const whole = await contents();
    for (let moment = 0; moment < 10; moment += 1) {
      await make(plan, { overwrite: true }, moment);
      // A line that was being written.
      appendFileSync(path, readFileSync(path).subarray(0, 7 * moment));
      const ledger = await make(plan, { resume: true });
      expect(ledger.damaged.length).toBe(moment === 0 ? 0 : 1);
      expect(await contents()).toEqual(whole);
    }
  });

  it("reports a damaged line, and has its sample made again", async () => {
    const plan = planOf(bench.endpoint, { protocol: twice });
    await make(plan, {});
    const whole = await contents();
    const lines = readFileSync(path, "utf8").split("\n");
    const damaged = lines.with(2, lines[2]?.slice(0, 40) ?? "").with(5, lines[5]?.replace('"score":', '"sore":') ?? "");
    writeFileSync(path, damaged.join("\n"));
    const ledger = await make(plan, { resume: true });
    expect(ledger.damaged).toEqual([
      { line: 3, why: "it is no JSON" },
      { line: 6, why: expect.stringContaining("score") },
    ]);
    const key = (one: object): string => JSON.stringify(one);
    expect((await contents()).map(key).toSorted()).toEqual(whole.map(key).toSorted());
  });

  it("has failures made again, and keeps them beside what is good", async () => {
    const plan = planOf(bench.endpoint);
    let broken = true;
    await using other = await openBench((prompt) => {
      if (broken && prompt.includes("Q: 7*8")) return { text: "", refusal: { status: 400 } };
      return solve(prompt);
    });
    const lost = planOf(other.endpoint);
    const ledger = await Ledger.open(path, plan.header);
    const entries: (Sample | SampleFailure)[] = [];
    await evaluate(lost, {
      onSample: (entry) => {
        entries.push(entry);
        ledger.write(entry);
      },
    });
    ledger.close();
    const failures = entries.filter(({ type }) => type === "failure");
    expect(failures).toMatchObject([
      { problem: "b", code: "engine_refused" },
      { problem: "b", code: "engine_refused" },
    ]);
    broken = false;
    await make(lost, { resume: true });
    const [, ...lines] = await contents();
    expect(Object.groupBy(lines, (line) => ("score" in line ? "good" : "failed"))).toMatchObject({
      good: { length: 6 },
      failed: { length: 2 },
    });
    const reader = await LedgerReader.open(path);
    const { arms } = await summarize(reader.header, reader.samples());
    expect(arms.map(({ samples, failures, recovered }) => ({ samples, failures, recovered }))).toEqual([
      { samples: 3, failures: {}, recovered: 1 },
      { samples: 3, failures: {}, recovered: 1 },
    ]);
  });

  it("of other settings is refused, with each difference", async () => {
    await make(planOf(bench.endpoint), {});
    const before = readFileSync(path, "utf8");
    const other = planOf(bench.endpoint, { seed: 7, protocol: { ...protocol, sampling: { temperature: 0.5 } } });
    await expect(Ledger.open(path, other.header, { resume: true })).rejects.toThrow(
      "protocol.sampling.temperature: nothing there, 0.5 now; seed: 1 there, 7 now",
    );
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  it("of another dialect is refused, also where it has the same name or is of a second endpoint", async () => {
    const second = { ...bench.endpoint, name: "b" };
    const [first, arms] = [bench.endpoint, ["fork-join", "fork-join@b"]];
    await make(planOf(first, { arms, endpoints: [first, second] }), {});
    for (const dialect of [skeleton, { ...threadweaver, limits: { forks: 1 } }]) {
      const other = planOf(first, { arms, endpoints: [first, { ...second, dialect }] });
      await expect(Ledger.open(path, other.header, { resume: true })).rejects.toThrow("endpoints.b.dialect.sha256: ");
    }
  });

  it("of problems with other tolerances is refused", async () => {
    const plan = planOf(bench.endpoint);
    await make(plan, {});
    const dataset = { ...plan.dataset, problems: plan.dataset.problems.map((one) => ({ ...one, tolerance: 0.1 })) };
    const other = planOf(bench.endpoint, { dataset });
    await expect(Ledger.open(path, other.header, { resume: true })).rejects.toThrow("dataset.digest: ");
  });

  it("of before, which says less of its dialect, is read, and not gone on with", async () => {
    const plan = planOf(bench.endpoint);
    await make(plan, {});
    const [header = "", ...lines] = readFileSync(path, "utf8").split("\n");
    const { endpoints, ...rest } = JSON.parse(header);
    const [{ dialect: _, ...endpoint }] = endpoints;
    writeFileSync(path, [JSON.stringify({ ...rest, endpoints: [endpoint] }), ...lines].join("\n"));
    expect(await contents()).toHaveLength(7);
    await expect(Ledger.open(path, plan.header, { resume: true })).rejects.toThrow(
      'endpoints.default.dialect.name: nothing there, "threadweaver" now',
    );
  });

  it("that is there is not replaced unless that was asked for", async () => {
    const plan = planOf(bench.endpoint);
    await make(plan, {});
    await expect(Ledger.open(path, plan.header)).rejects.toThrow("exists");
  });

  it("that was killed before its header was whole begins anew", async () => {
    const plan = planOf(bench.endpoint);
    await make(plan, {}, 0);
    truncateSync(path, 30);
    await make(plan, { resume: true });
    expect(await contents()).toHaveLength(7);
  });

  it.each([
    ["an empty file", "", "is empty"],
    ["another file", '{"id":1}\n', "is no ledger of an evaluation"],
    [
      "a ledger of a later version",
      '{"type":"header","version":9}\n',
      "is a ledger of version 9; this library reads version 1",
    ],
  ])("is not read from %s", async (_, text, why) => {
    writeFileSync(path, text);
    await expect(LedgerReader.open(path)).rejects.toThrow(why);
  });
});
