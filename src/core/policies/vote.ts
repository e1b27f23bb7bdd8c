import type { Sibling } from "./policy.ts";

/** Attempts with the same answer. */
export interface AnswerGroup<T> {
  /** As the first of them gave it. */
  readonly answer: string;
  readonly members: readonly T[];
}

/**
 * Puts those with equal answers together, in the order in which the answers first come. An answer is compared with the
 * first one of each group. Those without an answer are left out.
 */
export function groupAnswers<T extends Pick<Sibling, "answer">>(
  siblings: readonly T[],
  equal: (a: string, b: string) => boolean,
): AnswerGroup<T>[] {
  const groups: { answer: string; members: T[] }[] = [];
  for (const sibling of siblings) {
    const { answer } = sibling;
    if (answer === undefined) continue;
    const group = groups.find((known) => known.answer === answer || equal(known.answer, answer));
    if (group === undefined) groups.push({ answer, members: [sibling] });
    else group.members.push(sibling);
  }
  return groups;
}

/** An answer and what speaks for it. */
export interface Vote {
  readonly answer: string;
  /** The number of attempts with this answer, or the sum of their scores. */
  readonly weight: number;
  /** The indices of these attempts. */
  readonly attempts: readonly number[];
}

/**
 * Counts the votes, the heaviest first; of equal ones, the one that the attempt with the lowest index gave.
 *
 * @param weigh what the vote of an attempt weighs.
 */
export function countVotes<T extends Pick<Sibling, "answer" | "index">>(
  voters: readonly T[],
  equal: (a: string, b: string) => boolean,
  weigh: (voter: T) => number,
): Vote[] {
  const votes = groupAnswers(voters, equal).map(({ answer, members }) => ({
    answer,
    weight: members.reduce((sum, member) => sum + weigh(member), 0),
    attempts: members.map(({ index }) => index),
  }));
  return votes.toSorted((a, b) => b.weight - a.weight); // stable: the first seen stays first
}
