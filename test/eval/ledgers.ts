import type { Header } from "../../src/eval/ledger/header.ts";
import type { Sample, SampleFailure } from "../../src/eval/ledger/sample.ts";
import { protocols } from "../../src/eval/protocol/presets.ts";
import type { Protocol } from "../../src/eval/protocol/protocol.ts";

type Changes<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A header of two arms, `sequential` and `fork-join`, with changes. */
export function headerWith(changes: Changes<Header> & { samples?: number } = {}): Header {
  const { samples = 2, ...rest } = changes;
  const protocol: Protocol = { ...(protocols["threadweaver"] as Protocol), samples };
  return {
    type: "header",
    version: 1,
    threadweaver: "0.1.0",
    created: "2026-11-27T10:00:00.000Z",
    dataset: { name: "own", sha256: "ab".repeat(32), known: true, problems: 2, digest: "cd".repeat(32), skipped: 0 },
    protocol,
    arms: [
      { name: "sequential", kind: "sequential", endpoint: "default" },
      { name: "fork-join", kind: "fork-join", endpoint: "default" },
    ],
    endpoints: [
      {
        name: "default",
        engine: "http://127.0.0.1:8000/v1",
        model: "m",
        server: "vllm",
        version: "0.32.0",
        tier: "ids",
      },
    ],
    dialect: "threadweaver",
    seed: 7,
    concurrency: 4,
    ...(rest as Partial<Header>),
  };
}

interface Short extends Changes<Omit<Sample, "tokens" | "threadMs">> {
  readonly tokens?: Changes<Sample["tokens"]>;
  readonly threadMs?: Sample["threadMs"];
}

/** A right answer of 100 tokens that took a second, with changes. */
export function sampleWith({ tokens, ...changes }: Short = {}): Sample {
  return {
    type: "sample",
    arm: "sequential",
    problem: "p1",
    sample: 0,
    seed: 1,
    startedAt: 1_000,
    ms: 1000,
    score: 1,
    answer: "42",
    found: "lastBox",
    decided: "exact",
    ending: "eos",
    truncated: false,
    early: {},
    tokens: {
      prompt: 10,
      generated: 100,
      inserted: 0,
      wasted: 0,
      sent: 10,
      cached: null,
      criticalPath: 100,
      inThreads: 0,
      ...(tokens as Partial<Sample["tokens"]>),
    },
    threads: 0,
    forks: 0,
    threadMs: { worked: 0, waited: 0 },
    authorsAcceleration: null,
    wellFormed: null,
    retries: 0,
    ...(changes as Partial<Sample>),
  };
}

export function failureWith(changes: Changes<SampleFailure> = {}): SampleFailure {
  return {
    type: "failure",
    arm: "sequential",
    problem: "p1",
    sample: 0,
    seed: 1,
    startedAt: 500,
    ms: 10,
    code: "engine_failed",
    message: "it broke off",
    ...(changes as Partial<SampleFailure>),
  };
}

type Row = readonly [arm: string, problem: string, sample: number, score: 0 | 1, criticalPath: number, ms: number];

/** Two problems, two samples, two arms: its numbers are worked out by hand in the tests. */
export const small: readonly Sample[] = (
  [
    ["sequential", "p1", 0, 1, 100, 1000],
    ["sequential", "p1", 1, 1, 200, 2000],
    ["sequential", "p2", 0, 0, 300, 3000],
    ["sequential", "p2", 1, 1, 100, 1000],
    ["fork-join", "p1", 0, 1, 50, 700],
    ["fork-join", "p1", 1, 1, 100, 900],
    ["fork-join", "p2", 0, 0, 200, 2000],
    ["fork-join", "p2", 1, 0, 300, 2600],
  ] satisfies Row[]
).map(([arm, problem, sample, score, criticalPath, ms]) => {
  const forks = arm === "fork-join" && problem === "p1" ? 1 : 0;
  const threads = forks * (2 + sample);
  const inThreads = forks * 60;
  const generated = criticalPath + forks * 50;
  const answer = score === 1 ? "42" : `${7 + sample}`;
  const tokens = { generated, criticalPath, inThreads, inserted: forks * 8, wasted: forks * 2, sent: 200, cached: 150 };
  const threadMs = { worked: forks * 300, waited: forks * 100, main: forks * 200 };
  return sampleWith({ arm, problem, sample, score, ms, answer, forks, threads, tokens, threadMs });
});
