import { scoreGroup, type GroupOptions, type Scored } from "../../train/rewards/group.ts";
import type { Judged } from "../../train/rewards/reward.ts";
import { judgedOf, nameOf } from "../group.ts";
import type { RolloutReader } from "./reader.ts";

/** Which groups of a ledger are trained on. */
export interface GroupRules extends GroupOptions {
  /** A group with fewer rollouts, since some failed, is left out. @defaultValue the size of a group in the ledger */
  readonly atLeast?: number | undefined;
  /** Whether groups whose rewards are all equal are left out. They teach nothing. @defaultValue false */
  readonly dropEqual?: boolean | undefined;
}

/** A ledger in numbers. Means are over the rollouts of groups that are trained on. */
export interface RolloutSummary {
  readonly rollouts: number;
  /** Share of all rollouts that are right. */
  readonly right: number;
  readonly groups: number;
  /** Groups that lack rollouts. */
  readonly incomplete: number;
  /** Whole groups whose rewards are all equal. */
  readonly equal: number;
  /** Rollouts that rows are made of. */
  readonly used: number;
  readonly reward: number;
  readonly pathTokens: number;
  readonly totalTokens: number;
}

export interface LedgerScores {
  /** Of each rollout that is trained on, by its name. */
  readonly byName: ReadonlyMap<string, Scored>;
  readonly summary: RolloutSummary;
}

/** Rewards and advantages of a ledger. Only numbers are kept of each rollout. */
export async function scoreLedger(
  reader: RolloutReader,
  { atLeast, dropEqual = false, ...options }: GroupRules = {},
): Promise<LedgerScores> {
  const size = atLeast ?? Number(reader.header.settings["group"] ?? 2);
  const groups = new Map<string, { name: string; judged: Judged }[]>();
  for await (const rollout of reader.rollouts()) {
    const members = groups.get(rollout.id) ?? [];
    groups.set(rollout.id, members);
    members.push({ name: nameOf(rollout), judged: judgedOf(rollout) });
  }
  const byName = new Map<string, Scored>();
  let [incomplete, equal] = [0, 0];
  for (const members of groups.values()) {
    if (members.length < size) {
      incomplete += 1;
      continue;
    }
    const scored = scoreGroup(
      members.map(({ judged }) => judged),
      options,
    );
    if (scored.equal) equal += 1;
    if (scored.equal && dropEqual) continue;
    for (const [i, one] of scored.rollouts.entries()) byName.set(members[i]?.name ?? "", one);
  }
  const all = [...groups.values()].flat();
  const used = [...byName.values()];
  const summary = {
    rollouts: all.length,
    right: mean(all.map(({ judged }) => Number(judged.correct))),
    groups: groups.size,
    incomplete,
    equal,
    used: used.length,
    reward: mean(used.map(({ reward }) => reward)),
    pathTokens: mean(used.map(({ pathTokens }) => pathTokens)),
    totalTokens: mean(used.map(({ totalTokens }) => totalTokens)),
  };
  return { byName, summary };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length;
}
