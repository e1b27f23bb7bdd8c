import type { Dialect } from "../../core/dialects/schema.ts";
import { canRehearse, writtenIn } from "../../core/rehearsal/example.ts";
import { validateFormat } from "../../core/validation/validate.ts";
import { ThreadweaverError } from "../../errors.ts";
import { equal } from "../../grade/equal.ts";
import type { ExtractionRule } from "../../grade/extract/extract.ts";
import type { Policy } from "../../grade/policy.ts";
import type { PolicyName } from "../../grade/presets.ts";
import { excerpt, type Fault } from "../fault.ts";
import { characters, type Measure } from "../steps/lengths.ts";
import { answerOf } from "../trace/answer.ts";
import { textLengths } from "./threads.ts";

/**
 * Why a trajectory is rejected. `format`: it is not well-formed. `answer`: it has none, or not the right one. `sequential`:
 * it has no block. `balance`: the threads of a block differ too much. `gain`: too little runs side by side.
 */
export type RejectionCode = "format" | "answer" | "sequential" | "balance" | "gain";

export interface FilterOptions {
  readonly dialect: Dialect;
  /** The right answer. */
  readonly reference: string;
  /** How the answer is found. @defaultValue the last box, or what is announced as the answer */
  readonly answer?: ExtractionRule | undefined;
  /** What counts as equal. @defaultValue `default` */
  readonly policy?: PolicyName | Policy | undefined;
  /**
   * The least efficiency of a block: the mean length of its threads, as a share of the longest. With two threads it is
   * never under 0.5. @defaultValue 0.5
   */
  readonly minBalance?: number | undefined;
  /** The least share of what is written that is off the critical path. @defaultValue 0.05 */
  readonly minGain?: number | undefined;
  /** The unit of lengths, such as tokens. @defaultValue characters without the white space around them */
  readonly measure?: Measure | undefined;
  /** Whether a text without a block may pass, so that models also learn when not to fork. @defaultValue false */
  readonly allowSequential?: boolean | undefined;
}

/** What the filter found. Without rejections the trajectory is kept. Numbers are missing where the format is wrong. */
export interface Filtered {
  readonly rejections: readonly Fault<RejectionCode>[];
  readonly answer: string | undefined;
  readonly balance: number | undefined;
  readonly gain: number | undefined;
}

/**
 * Filters one finished text. All that is wrong is named, since yields are tuned by it.
 *
 * @throws `invalid_option` for a format whose finished texts do not say what each call wrote.
 */
export function filterTrajectory(text: string, options: FilterOptions): Filtered {
  const { dialect, minBalance = 0.5, minGain = 0.05, measure = characters, allowSequential = false } = options;
  if (!canRehearse(dialect)) {
    throw new ThreadweaverError("invalid_option", `Finished texts of ${dialect.name} do not say what each call wrote.`);
  }
  const found = answerOf(text, options.answer);
  const rejections = [...formatFaults(dialect, text), ...answerFaults(found, options)];
  const answer = "answer" in found ? found.answer : undefined;
  if (rejections.some(({ code }) => code === "format")) {
    return { rejections, answer, balance: undefined, gain: undefined };
  }
  const { total, criticalPath, blocks } = textLengths(dialect, text, measure);
  const gain = total === 0 ? 0 : 1 - criticalPath / total;
  const balances = blocks.map(
    (threads) => threads.reduce((sum, one) => sum + one, 0) / (threads.length * Math.max(1, ...threads)),
  );
  const balance = Math.min(1, ...balances);
  if (blocks.length === 0) {
    if (!allowSequential) rejections.push({ code: "sequential", message: "The text has no block of threads." });
    return { rejections, answer, balance, gain };
  }
  for (const [i, one] of balances.entries()) {
    if (one >= minBalance) continue;
    const message = `Block ${i + 1} has threads of ${blocks[i]?.join(", ")}: the mean is ${share(one)} of the longest, at least ${share(minBalance)} is asked for.`;
    rejections.push({ code: "balance", item: i + 1, message });
  }
  if (gain < minGain) {
    const message = `${share(gain)} of the text is off the critical path, at least ${share(minGain)} is asked for.`;
    rejections.push({ code: "gain", message });
  }
  return { rejections, answer, balance, gain };
}

function formatFaults(dialect: Dialect, text: string): Fault<RejectionCode>[] {
  const problems = validateFormat(dialect, text);
  if (problems.length > 0) return problems.map(({ at, message }) => ({ code: "format", at, message }));
  const { problem } = writtenIn(dialect, text);
  return problem === undefined ? [] : [{ code: "format", at: problem.at, message: problem.message }];
}

function answerFaults(
  found: ReturnType<typeof answerOf>,
  { reference, policy }: FilterOptions,
): Fault<RejectionCode>[] {
  if ("why" in found) return [{ code: "answer", message: `There is no answer: ${found.why}.` }];
  if (equal(reference, found.answer, policy).equal) return [];
  return [{ code: "answer", message: `The answer is ${excerpt(found.answer)}, not ${excerpt(reference)}.` }];
}

function share(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
