import type { RunResult } from "../../run/result.ts";
import { counted, duration } from "../view/describe.ts";
import { averageTable, type Figures } from "../view/gain-table.ts";
import { hasFailed, type Answer } from "./result-line.ts";

const none: Figures = { generated: 0, criticalPath: 0, wallMs: 0 };

/** What a batch has come to, in sums. */
export class Totals {
  done = 0;
  failed = 0;
  #retries = 0;
  #all = none;
  #forkJoin = none;
  #onePass: Figures | undefined;
  #sequential = none;
  #equal = 0;

  add(answer: Answer): void {
    if (hasFailed(answer)) {
      this.failed += 1;
      if (answer.partial !== undefined) this.#addRun(answer.partial);
      return;
    }
    this.done += 1;
    if ("text" in answer) return this.#addRun(answer);
    this.#addRun(answer.forkJoin);
    this.#addRun(answer.sequential);
    if (answer.onePass !== undefined) {
      this.#addRun(answer.onePass);
      this.#onePass = plus(this.#onePass ?? none, answer.onePass);
    }
    this.#forkJoin = plus(this.#forkJoin, answer.forkJoin);
    this.#sequential = plus(this.#sequential, answer.sequential);
    if (answer.equal) this.#equal += 1;
  }

  /** Tokens, steps to wait for, retries. */
  line(): string {
    const { generated, criticalPath } = this.#all;
    const gain = criticalPath === generated ? "" : ` (${(generated / criticalPath).toFixed(2)} times fewer steps)`;
    const retries = `${this.#retries} ${this.#retries === 1 ? "retry" : "retries"}`;
    return `${counted(generated, "token")} generated, ${criticalPath} on the critical paths${gain}, ${retries}`;
  }

  /**
   * What each mode took on average, of the problems that were answered in all. @param withTimes whether one run had the
   * engine for itself at a time: otherwise seconds say more of the load than of the mode.
   */
  comparison({ withTimes }: { withTimes: boolean }): string {
    if (this.done === 0) return "";
    const share = (sum: Figures): Figures => ({
      generated: sum.generated / this.done,
      criticalPath: sum.criticalPath / this.done,
      wallMs: sum.wallMs / this.done,
    });
    const lines = [
      `Means of ${counted(this.done, "problem")}:`,
      ...averageTable(
        {
          forkJoin: share(this.#forkJoin),
          onePass: this.#onePass && share(this.#onePass),
          sequential: share(this.#sequential),
        },
        { withTimes },
      ),
      `${this.#equal} of ${this.done} gave the same text with and without forks.`,
      ...(withTimes ? [] : ["Seconds are compared at --concurrency 1 only."]),
    ];
    return `${lines.join("\n")}\n`;
  }

  #addRun(result: RunResult): void {
    this.#all = plus(this.#all, result);
    this.#retries += result.retries;
  }
}

function plus(sum: Figures, { tokens: { generated, criticalPath }, wallMs }: RunResult): Figures {
  return {
    generated: sum.generated + generated,
    criticalPath: sum.criticalPath + criticalPath,
    wallMs: sum.wallMs + wallMs,
  };
}

export interface End {
  readonly totals: Totals;
  /** Runs in all; undefined where the input's length was not known. */
  readonly total: number | undefined;
  /** Runs whose results were there before. */
  readonly before: number;
  readonly ms: number;
  /** Where the results are. */
  readonly output: string;
  /** Whether the batch ended early. */
  readonly isEarly: boolean;
  /** What is counted: problems, or runs of them. */
  readonly noun: string;
}

/** What is said at the end: tokens, done, failed, undone, time; and how to go on. */
export function endLines({ totals, total, before, ms, output, isEarly, noun }: End): string {
  const { done, failed } = totals;
  const undone = total === undefined ? 0 : total - before - done - failed;
  const of = total === undefined ? counted(before + done + failed, noun) : counted(total, noun);
  const parts = [`${before + done} of ${of} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (undone > 0) parts.push(`${undone} not run`);
  const earlier = before === 0 ? "" : ` (${before} of them before)`;
  const where = before + done + failed === 0 || output === "-" ? "" : `: see ${output}`;
  const more = (undone > 0 || failed > 0 || isEarly) && output !== "-";
  const goOn = more ? " The same command with --resume runs what is missing." : "";
  return `${totals.line()}\n${parts.join(", ")}${earlier}, in ${duration(ms)}${where}${goOn === "" ? "" : `.${goOn}`}\n`;
}
