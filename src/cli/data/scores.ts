import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { equal, extractAnswer } from "../../grade/index.ts";
import type { Judged } from "../../train/rewards/reward.ts";
import { scoreGroup, type Scored } from "../../train/rewards/group.ts";
import { chunksOf } from "../../files/chunks.ts";
import { linesOf } from "../../files/lines.ts";
import { isRefused, type Source } from "./source.ts";

/** What every rollout is worth, by its id, and what its groups say. */
export interface Scores {
  readonly byId: ReadonlyMap<string, Scored>;
  readonly groups: number;
  /** Groups whose rewards are all equal: they teach nothing. */
  readonly equal: number;
}

const row = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String),
  answer: z.union([z.string(), z.number()]).transform(String),
});

/** Reads lines of `{"id", "answer"}`: what is right, for each problem. */
export async function readAnswers(path: string): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for await (const { number, bytes } of linesOf(chunksOf(path))) {
    const json = new TextDecoder().decode(bytes);
    if (json.trim() === "") continue;
    let data: unknown;
    try {
      data = JSON.parse(json);
    } catch {
      // Said below.
    }
    const parsed = row.safeParse(data);
    if (!parsed.success)
      throw mistake(`${path}:${number} is no answer. Each line is an object such as {"id": "p1", "answer": "42"}.`);
    answers.set(parsed.data.id, parsed.data.answer);
  }
  return answers;
}

/**
 * Judges all rollouts, and compares those of one problem with each other. Only numbers are kept of each.
 *
 * @throws `invalid_option` for a problem without an answer, and for an id that comes twice.
 */
export async function scoresOf(sources: AsyncIterable<Source>, answers: ReadonlyMap<string, string>): Promise<Scores> {
  const groups = new Map<string, { id: string; judged: Judged }[]>();
  const seen = new Set<string>();
  for await (const source of sources) {
    if (isRefused(source)) continue;
    const { where, id, group, answer, trajectory } = source;
    const right = answers.get(group);
    if (right === undefined) throw mistake(`${where}: there is no answer of problem ${JSON.stringify(group)}.`);
    if (seen.has(id))
      throw mistake(`${where}: the id ${JSON.stringify(id)} comes twice, so rollouts cannot be told apart.`);
    seen.add(id);
    const correct = equal(right, extractAnswer(answer, "auto").answer ?? "").equal;
    const members = groups.get(group) ?? [];
    groups.set(group, members);
    members.push({ id, judged: { correct, ...trajectory.tokens } });
  }
  const byId = new Map<string, Scored>();
  let same = 0;
  for (const members of groups.values()) {
    const scored = scoreGroup(members.map(({ judged }) => judged));
    if (scored.equal) same += 1;
    for (const [i, one] of scored.rollouts.entries()) byId.set(members[i]?.id ?? "", one);
  }
  return { byId, groups: groups.size, equal: same };
}

function mistake(message: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", message);
}
