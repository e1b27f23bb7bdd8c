import { join } from "node:path";
import { LedgerReader } from "../../src/eval/ledger/reader.ts";
import type { Sample } from "../../src/eval/ledger/sample.ts";
import { pairedDifference, type PairedDifference } from "../../src/eval/statistics/paired-difference.ts";
import type { Family } from "./tasks/families.ts";
import type { Task } from "./tasks/tasks.ts";

/** What one evaluation says. Shares are from 0 to 1. */
export interface Measures {
  readonly problems: number;
  /** Of fork-join, and of its twin: the same weights, made to go on without a fork. */
  readonly right: number;
  readonly sequential: number;
  /** Fork-join less sequential, problem by problem. */
  readonly difference: PairedDifference;
  readonly families: Readonly<
    Record<Family, { readonly problems: number; readonly right: number; readonly forks: number }>
  >;
  /** Means of fork-join. */
  readonly tokens: number;
  readonly path: number;
  /** Generated tokens by those of the solutions without a fork. */
  readonly tokenRatio: number;
  /** Of what fork-join answers rightly: tokens of the solutions without a fork by those on the critical path. */
  readonly speedUp: number;
  /** What the graphs of the same problems allow: tokens of all steps by those on the longest chain. */
  readonly allowed: number;
  /** Milliseconds of fork-join by those of sequential. */
  readonly wallClock: number;
  /** How many times faster fork-join is by the clock, by how many times fewer tokens it waits for. */
  readonly clockShare: number;
}

/** Reads an evaluation of these tasks, which has a folder for each arm. @throws where a sample failed or is missing */
export async function measure(folder: string, tasks: readonly Task[]): Promise<Measures> {
  const arms = { sequential: await samplesOf(folder, "sequential"), "fork-join": await samplesOf(folder, "fork-join") };
  const rows = tasks.map((task) => {
    const [sequential, forkJoin] = [arms.sequential.get(task.id), arms["fork-join"].get(task.id)];
    if (sequential === undefined || forkJoin === undefined) throw new Error(`${folder} has no answers to ${task.id}`);
    return { task, sequential, forkJoin };
  });
  const scores = (arm: "sequential" | "forkJoin") =>
    Object.fromEntries(rows.map((row) => [row.task.id, [row[arm].score]]));
  const total = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const family = (name: Family) => {
    const own = rows.filter(({ task }) => task.family === name);
    const share = (is: (row: (typeof rows)[number]) => boolean): number =>
      own.filter(is).length / Math.max(1, own.length);
    return {
      problems: own.length,
      right: share(({ forkJoin }) => forkJoin.score === 1),
      forks: share(({ forkJoin }) => forkJoin.forks > 0),
    };
  };
  // An answer that breaks off is short, and would pass for a fast one.
  const ofRight = (of: (row: (typeof rows)[number]) => number): number =>
    total((row) => (row.forkJoin.score === 1 ? of(row) : 0));
  const wallClock = total(({ forkJoin }) => forkJoin.ms) / total(({ sequential }) => sequential.ms);
  const path = total(({ forkJoin }) => forkJoin.tokens.criticalPath);
  return {
    problems: rows.length,
    right: total(({ forkJoin }) => forkJoin.score) / rows.length,
    sequential: total(({ sequential }) => sequential.score) / rows.length,
    difference: pairedDifference({ baseline: scores("sequential"), candidate: scores("forkJoin") }),
    families: { sums: family("sums"), nested: family("nested"), chain: family("chain"), mixed: family("mixed") },
    tokens: total(({ forkJoin }) => forkJoin.tokens.generated) / rows.length,
    path: path / rows.length,
    tokenRatio: total(({ forkJoin }) => forkJoin.tokens.generated) / total(({ task }) => tokensOf(task.sequential)),
    speedUp: ofRight(({ task }) => tokensOf(task.sequential)) / ofRight(({ forkJoin }) => forkJoin.tokens.criticalPath),
    allowed: ofRight(({ task }) => task.graph.total) / ofRight(({ task }) => task.graph.path),
    wallClock,
    clockShare: path / (wallClock * total(({ sequential }) => sequential.tokens.generated)),
  };
}

async function samplesOf(folder: string, arm: string): Promise<Map<string, Sample>> {
  const samples = new Map<string, Sample>();
  const ledger = await LedgerReader.open(join(folder, arm, "samples.jsonl"));
  for await (const entry of ledger.samples()) if (entry.type === "sample") samples.set(entry.problem, entry);
  return samples;
}

/** In the small model's vocabulary: a tag is a token, and so is every other character, and the end. */
export function tokensOf(text: string): number {
  return text.replaceAll(/<\/?\w+>/g, "#").length + 1;
}
