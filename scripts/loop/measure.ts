import { LedgerReader } from "../../src/eval/ledger/reader.ts";
import type { Sample } from "../../src/eval/ledger/sample.ts";
import { pairedDifference, type PairedDifference } from "../../src/eval/statistics/paired-difference.ts";
import type { Family } from "./tasks/families.ts";
import type { Task } from "./tasks/tasks.ts";

/** What one evaluation says. Shares are from 0 to 1. */
export interface Measures {
  readonly problems: number;
  /** Of fork-join, and of the same weights where nothing forks. */
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
  /** Of all problems: tokens of the solutions without a fork by those on the critical path. */
  readonly speedUp: number;
  /** What the graphs allow: tokens of all steps by those on the longest chain. */
  readonly allowed: number;
  /** Milliseconds of fork-join by those of sequential. */
  readonly wallClock: number;
}

/** Reads the ledger of an evaluation of these tasks. @throws where a sample failed or is missing */
export async function measure(ledger: string, tasks: readonly Task[]): Promise<Measures> {
  const arms: Record<string, Map<string, Sample>> = { sequential: new Map(), "fork-join": new Map() };
  for await (const entry of (await LedgerReader.open(ledger)).samples())
    if (entry.type === "sample") arms[entry.arm]?.set(entry.problem, entry);
  const rows = tasks.map((task) => {
    const [sequential, forkJoin] = [arms["sequential"]?.get(task.id), arms["fork-join"]?.get(task.id)];
    if (sequential === undefined || forkJoin === undefined) throw new Error(`${ledger} has no answers to ${task.id}`);
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
  const solutions = total(({ task }) => tokensOf(task.sequential));
  return {
    problems: rows.length,
    right: total(({ forkJoin }) => forkJoin.score) / rows.length,
    sequential: total(({ sequential }) => sequential.score) / rows.length,
    difference: pairedDifference({ baseline: scores("sequential"), candidate: scores("forkJoin") }),
    families: { sums: family("sums"), nested: family("nested"), chain: family("chain"), mixed: family("mixed") },
    tokens: total(({ forkJoin }) => forkJoin.tokens.generated) / rows.length,
    path: total(({ forkJoin }) => forkJoin.tokens.criticalPath) / rows.length,
    tokenRatio: total(({ forkJoin }) => forkJoin.tokens.generated) / solutions,
    speedUp: solutions / total(({ forkJoin }) => forkJoin.tokens.criticalPath),
    allowed: total(({ task }) => task.graph.total) / total(({ task }) => task.graph.path),
    wallClock: total(({ forkJoin }) => forkJoin.ms) / total(({ sequential }) => sequential.ms),
  };
}

/** In the small model's vocabulary: a tag is a token, and so is every other character, and the end. */
export function tokensOf(text: string): number {
  return text.replaceAll(/<\/?\w+>/g, "#").length + 1;
}
