import { type Estimate, estimateOf } from "./estimate.ts";
import { checkSubset } from "./pass-at.ts";
import { drawIndex, seededRandom, type Random } from "./random.ts";
import { checkWhole, refuse } from "./refuse.ts";

/** The answers that were sampled for one problem, and the right one. */
export interface Ballots<Answer> {
  /** `undefined` where no answer was found: such a sample has no vote, but is one of the `k`. */
  readonly answers: readonly (Answer | undefined)[];
  readonly reference: Answer;
}

/** How votes are counted. */
export interface MajorityOptions<Answer> {
  /** Whether an answer is the same as another one, or as the reference, which then comes first. */
  readonly equal: (one: Answer, other: Answer) => boolean;
  /** How many subsets are drawn of a problem that has more, from 1 to 1,000,000. @defaultValue 10,000 */
  readonly draws?: number | undefined;
  /** @defaultValue a generator with a fixed seed, so the same answers give the same number */
  readonly random?: Random | undefined;
}

/** maj@k, and how exact it is. */
export interface Majority extends Estimate {
  /** How many subsets were drawn of each of `drawnProblems`. */
  readonly draws: number;
  /** The problems with more subsets than `draws`; of all others, every subset was counted. */
  readonly drawnProblems: number;
}

/**
 * maj@k: the chance that most of `k` samples agree on a right answer, over subsets of the samples, then the mean over
 * problems. Votes are counted by classes of equal answers: all right answers are one class, and a wrong answer is never in
 * it, also where it equals one of them but not the reference. If `m` classes have the most votes, each counts `1 / m`. A
 * subset without an answer counts 0. So maj@1 is the accuracy.
 *
 * @throws `invalid_option` if there is no problem, one has fewer than `k` samples, or an option cannot be used.
 * @experimental
 */
export function majorityAtK<Answer>(
  problems: Readonly<Record<string, Ballots<Answer>>>,
  k: number,
  { equal, draws = 10_000, random = seededRandom(1) }: MajorityOptions<Answer>,
): Majority {
  const ballots = Object.entries(problems);
  const remedy = "Give the answers and the reference of each problem.";
  if (ballots.length === 0) refuse("problems", problems, "at least one problem", remedy);
  checkSubset(
    k,
    ballots.map(([name, { answers }]) => [name, answers] as const),
  );
  checkWhole("draws", draws, 1, 1_000_000);
  let drawnProblems = 0;
  const shares = ballots.map(([, { answers, reference }]) => {
    const classes = classify(answers, reference, equal);
    const few = atMost(draws, answers.length, k);
    if (!few) drawnProblems += 1;
    const subsets = few ? everySubset(answers.length, k) : drawSubsets(answers.length, k, draws, random);
    return shareOfRight(subsets, classes);
  });
  return { ...estimateOf(shares), draws, drawnProblems };
}

const noVote = -1;
const rightClass = 0;

/** The class of each answer. A wrong one joins the first class whose first answer it equals. */
function classify<Answer>(
  answers: readonly (Answer | undefined)[],
  reference: Answer,
  equal: (one: Answer, other: Answer) => boolean,
): number[] {
  const wrong: Answer[] = [];
  return answers.map((answer) => {
    if (answer === undefined) return noVote;
    if (equal(reference, answer)) return rightClass;
    const found = wrong.findIndex((first) => equal(first, answer));
    return found === -1 ? wrong.push(answer) : found + 1;
  });
}

function shareOfRight(subsets: Iterable<readonly number[]>, classOf: readonly number[]): number {
  const votes = new Uint32Array(classOf.length + 1);
  let sum = 0;
  let count = 0;
  for (const subset of subsets) {
    let most = 0;
    for (const sample of subset) {
      const voted = classOf[sample] ?? noVote;
      if (voted !== noVote) most = Math.max(most, (votes[voted] = (votes[voted] ?? 0) + 1));
    }
    const isRight = most > 0 && votes[rightClass] === most;
    let tied = 0;
    // Taken back as it is read, so that only what was voted for costs time.
    for (const sample of subset) {
      const voted = classOf[sample] ?? noVote;
      if (voted === noVote) continue;
      tied += Number(votes[voted] === most);
      votes[voted] = 0;
    }
    if (isRight) sum += 1 / tied;
    count += 1;
  }
  return sum / count;
}

/** Whether there are at most so many subsets of `k`. */
function atMost(limit: number, samples: number, k: number): boolean {
  let subsets = 1;
  const chosen = Math.min(k, samples - k);
  for (let i = 1; i <= chosen && subsets <= limit; i += 1) subsets = (subsets * (samples - chosen + i)) / i;
  return subsets <= limit;
}

function* everySubset(samples: number, k: number): Generator<readonly number[]> {
  const subset = Array.from({ length: k }, (_, i) => i);
  for (;;) {
    yield subset;
    let last = k - 1;
    while (last >= 0 && subset[last] === samples - k + last) last -= 1;
    if (last < 0) return;
    for (let i = last, next = (subset[last] ?? 0) + 1; i < k; i += 1, next += 1) subset[i] = next;
  }
}

function* drawSubsets(samples: number, k: number, draws: number, random: Random): Generator<readonly number[]> {
  const order = Array.from({ length: samples }, (_, i) => i);
  for (let draw = 0; draw < draws; draw += 1) {
    for (let i = 0; i < k; i += 1) {
      const other = i + drawIndex(random, samples - i);
      [order[i], order[other]] = [order[other] ?? 0, order[i] ?? 0];
    }
    yield order.slice(0, k);
  }
}
