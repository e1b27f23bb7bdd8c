import { accelerationRatio } from "../../core/measures/tokens.ts";
import { hasCutThread, isTruncated, type Sample, type SampleFailure } from "../ledger/sample.ts";
import { refuse } from "../statistics/refuse.ts";
import { Column } from "./column.ts";
import { ProblemData } from "./problem-data.ts";
import { Tally } from "./tally.ts";
import { Undecided } from "./undecided.ts";

const undecidedRules: ReadonlySet<string | null> = new Set(["unreadable", "undecided", "too-long", "work-limit"]);

/** What is kept of one arm while its samples go by: sums, counts and one column. Texts are dropped. */
export class ArmData {
  readonly #planned: number;
  readonly problems = new Map<string, ProblemData>();
  readonly milliseconds = new Column();
  readonly sums = {
    samples: 0,
    none: 0,
    truncated: 0,
    cutThreads: 0,
    prompt: 0,
    generated: 0,
    criticalPath: 0,
    inThreads: 0,
    inserted: 0,
    wasted: 0,
    forked: 0,
    forks: 0,
    threads: 0,
    acceleration: 0,
    authors: 0,
    authorsSamples: 0,
    formatted: 0,
    wellFormed: 0,
    worked: 0,
    waited: 0,
    mainWaited: 0,
    mainWaitedSamples: 0,
    sent: 0,
    sentWhereKnown: 0,
    cached: 0,
    cachedSamples: 0,
    retries: 0,
    budgets: 0,
    closed: 0,
    withAttempts: 0,
    attempts: 0,
    savedTokens: 0,
  };
  /** When the last of its samples was over. */
  ended: number | undefined;
  readonly why = new Tally();
  readonly endings = new Tally();
  readonly early = new Tally();
  readonly undecided = new Undecided();

  /** @param planned samples of each problem */
  constructor(planned: number) {
    this.#planned = planned;
  }

  fail(failure: SampleFailure): void {
    this.#problemOf(failure).fail(failure);
  }

  add(sample: Sample): void {
    if (!this.#problemOf(sample).add(sample)) {
      const remedy = "Remove one of the two lines.";
      refuse(`sample ${place(sample)}`, "there twice", "one line for each sample", remedy);
    }
    this.#addAnswer(sample);
    this.#addTokens(sample);
    this.#addThreads(sample);
    const { sums } = this;
    sums.samples += 1;
    sums.truncated += Number(isTruncated(sample));
    sums.cutThreads += Number(sample.forks > 0 && hasCutThread(sample));
    sums.retries += sample.retries;
    this.milliseconds.push(sample.ms);
    this.ended = Math.max(this.ended ?? 0, sample.startedAt + sample.ms);
    this.endings.add(sample.ending);
    this.early.addAll(sample.early);
    if (sample.budget !== undefined) {
      sums.budgets += 1;
      sums.closed += Number(sample.budget.closed);
    }
    if (sample.attempts !== undefined) {
      sums.withAttempts += 1;
      sums.attempts += sample.attempts.count;
      sums.savedTokens += sample.attempts.savedTokens;
    }
  }

  #addAnswer({ problem, sample, answer, found, decided }: Sample): void {
    if (answer === null) {
      this.sums.none += 1;
      this.why.add(found);
    } else if (decided !== null && undecidedRules.has(decided)) {
      this.undecided.add({ problem, sample, answer, decided });
    }
  }

  #addTokens({ tokens }: Sample): void {
    const { sums } = this;
    sums.prompt += tokens.prompt;
    sums.sent += tokens.sent;
    sums.generated += tokens.generated;
    sums.criticalPath += tokens.criticalPath;
    sums.inThreads += tokens.inThreads;
    sums.inserted += tokens.inserted;
    sums.wasted += tokens.wasted;
    sums.acceleration += accelerationRatio(tokens);
    if (tokens.cached === null) return;
    sums.sentWhereKnown += tokens.sent;
    sums.cached += tokens.cached;
    sums.cachedSamples += 1;
  }

  #addThreads({ forks, threads, threadMs, authorsAcceleration, wellFormed }: Sample): void {
    const { sums } = this;
    sums.forked += Number(forks > 0);
    sums.forks += forks;
    sums.threads += threads;
    sums.worked += threadMs.worked;
    sums.waited += threadMs.waited;
    if (threadMs.main !== undefined) {
      sums.mainWaited += threadMs.main;
      sums.mainWaitedSamples += 1;
    }
    if (authorsAcceleration !== null) {
      sums.authors += authorsAcceleration;
      sums.authorsSamples += 1;
    }
    if (wellFormed !== null) {
      sums.formatted += 1;
      sums.wellFormed += Number(wellFormed);
    }
  }

  #problemOf(line: Sample | SampleFailure): ProblemData {
    const { problem, sample } = line;
    if (sample >= this.#planned) {
      const expected = `a number from 0 to ${this.#planned - 1}, as the protocol takes ${this.#planned} of each problem`;
      refuse(`sample ${place(line)}`, sample, expected, "Give the header that these samples were made with.");
    }
    let found = this.problems.get(problem);
    if (found === undefined) this.problems.set(problem, (found = new ProblemData(problem, this.#planned)));
    return found;
  }
}

function place({ arm, problem, sample }: Sample | SampleFailure): string {
  return `${sample} of problem ${JSON.stringify(problem)} of arm ${JSON.stringify(arm)}`;
}
