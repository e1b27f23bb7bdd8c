import { flatten } from "../../../train/flat/flatten.ts";
import { trainingUnits } from "../../../train/units.ts";
import { refusal } from "../../data/rows.ts";
import { isRefused } from "../../data/source.ts";
import type { Scores } from "../../data/scores.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { DataWork } from "./work.ts";

/** What a file of trajectories has; `tokens` are sums. */
interface Stats {
  trajectories: number;
  refused: number;
  calls: number;
  threads: number;
  /** How many trajectories were sampled as whom decided. */
  samplingBy: Record<string, number>;
  tokens: { targets: number; path: number; rows: number; trie: number; spliced: number };
  scores?: { right: number; groups: number; equal: number; reward: number };
}

/** `data stats`: sums over a file, and what each layout costs in tokens. */
export async function dataStats({ flags, world, sources, scores }: DataWork): Promise<number> {
  const stats: Stats = {
    trajectories: 0,
    refused: 0,
    calls: 0,
    threads: 0,
    samplingBy: {},
    tokens: { targets: 0, path: 0, rows: 0, trie: 0, spliced: 0 },
  };
  for await (const source of sources()) {
    stats.trajectories += 1;
    if (isRefused(source)) {
      stats.refused += 1;
      continue;
    }
    const { trajectory, where } = source;
    try {
      const units = trainingUnits(trajectory);
      const { tokens } = stats;
      stats.calls += units.length;
      stats.threads += new Set(units.map(({ threadId }) => threadId)).size - 1;
      for (const { promptIds, responseIds } of units) {
        tokens.targets += responseIds.length;
        tokens.rows += promptIds.length + responseIds.length;
      }
      tokens.path += trajectory.tokens.criticalPath;
      tokens.trie += flatten(trajectory, { layout: "trie" }).ids.length;
      tokens.spliced += flatten(trajectory, { layout: "spliced" }).ids.length;
      stats.samplingBy[trajectory.samplingBy] = (stats.samplingBy[trajectory.samplingBy] ?? 0) + 1;
    } catch (error) {
      throw error instanceof Error ? refusal(where, error.message) : error;
    }
  }
  const scored = await scores();
  if (scored !== undefined) stats.scores = summaryOf(scored);
  world.stdout.write(flags.json ? `${JSON.stringify(stats)}\n` : linesOf(stats));
  return exitCodes.ok;
}

function summaryOf({ byId, groups, equal }: Scores): NonNullable<Stats["scores"]> {
  const all = [...byId.values()];
  const reward = all.reduce((sum, one) => sum + one.reward, 0) / Math.max(1, all.length);
  return { right: all.filter(({ correct }) => correct).length, groups, equal, reward };
}

function linesOf({ trajectories, refused, calls, threads, samplingBy, tokens, scores }: Stats): string {
  const used = Math.max(1, trajectories - refused);
  const each = (n: number): string => `${n.toLocaleString("en")} (${(n / used).toFixed(2)} each)`;
  const by = Object.entries(samplingBy).map(([who, n]) => `${n} by ${who}`);
  const lines = [
    ["trajectories", `${trajectories}, ${refused} refused`],
    ["calls", each(calls)],
    ["threads", each(threads)],
    ["sampled", by.join(", ") || "none"],
    ["targets", each(tokens.targets)],
    ["on the critical path", each(tokens.path)],
    ["tokens in rows of a call", each(tokens.rows)],
    ["tokens in tries", each(tokens.trie)],
    ["tokens in spliced tries", each(tokens.spliced)],
  ];
  if (scores !== undefined) {
    lines.push(["right", `${scores.right} of ${used}, mean reward ${scores.reward.toFixed(4)}`]);
    lines.push(["problems", `${scores.groups}, ${scores.equal} with equal rewards (no advantage)`]);
  }
  return lines.map(([what = "", value = ""]) => `${what.padEnd(26)}${value}\n`).join("");
}
