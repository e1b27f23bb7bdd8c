import type { Sample, SampleFailure } from "../ledger/sample.ts";
import type { ProblemSummary } from "./summary.ts";
import { Votes } from "./votes.ts";

/** What is kept of one problem in one arm: sums, and not its samples. */
export class ProblemData {
  readonly problem: string;
  readonly votes = new Votes();
  readonly #failures = new Map<number, Pick<SampleFailure, "code" | "startedAt">>();
  /** A bit a sample. */
  readonly #seen: Uint8Array;
  #samples = 0;
  #right = 0;
  #generated = 0;
  #criticalPath = 0;
  #milliseconds = 0;
  #rightCriticalPath = 0;
  #rightMilliseconds = 0;

  constructor(problem: string, planned: number) {
    this.problem = problem;
    this.#seen = new Uint8Array(Math.ceil(planned / 8));
  }

  get samples(): number {
    return this.#samples;
  }

  get right(): number {
    return this.#right;
  }

  /** False where it is there already. */
  add(sample: Sample): boolean {
    if (this.#has(sample.sample)) return false;
    this.#seen[sample.sample >> 3] = (this.#seen[sample.sample >> 3] ?? 0) | (1 << (sample.sample & 7));
    const { score, ms, tokens } = sample;
    this.#samples += 1;
    this.#right += score;
    this.#generated += tokens.generated;
    this.#criticalPath += tokens.criticalPath;
    this.#milliseconds += ms;
    this.#rightCriticalPath += score * tokens.criticalPath;
    this.#rightMilliseconds += score * ms;
    this.votes.add(sample);
    return true;
  }

  /** Of several failures of one sample the last one counts. */
  fail({ sample, code, startedAt }: SampleFailure): void {
    if (startedAt >= (this.#failures.get(sample)?.startedAt ?? 0)) this.#failures.set(sample, { code, startedAt });
  }

  /** The codes of samples that are still missing, and how many others were made after a failure. */
  failures(): { readonly codes: string[]; readonly recovered: number } {
    const codes = [...this.#failures].filter(([sample]) => !this.#has(sample)).map(([, { code }]) => code);
    return { codes, recovered: this.#failures.size - codes.length };
  }

  /** 1 for each right sample, 0 for each wrong one. */
  verdicts(): number[] {
    return Array.from({ length: this.#samples }, (_, i) => (i < this.#right ? 1 : 0));
  }

  toSummary(): ProblemSummary {
    const samples = this.#samples;
    const right = this.#right;
    return {
      problem: this.problem,
      samples,
      right,
      generated: this.#generated / samples,
      criticalPath: this.#criticalPath / samples,
      milliseconds: this.#milliseconds / samples,
      whereRight:
        right === 0
          ? undefined
          : { criticalPath: this.#rightCriticalPath / right, milliseconds: this.#rightMilliseconds / right },
    };
  }

  #has(sample: number): boolean {
    return ((this.#seen[sample >> 3] ?? 0) & (1 << (sample & 7))) !== 0;
  }
}
