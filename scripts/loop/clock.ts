import { appendFileSync, readFileSync } from "node:fs";
import { duration } from "../../src/cli/view/describe.ts";

export type Phase =
  | "data"
  | "server"
  | "sft"
  | "reload"
  | "self-training"
  | "rollouts"
  | "p-grpo"
  | "grpo"
  | "evaluation"
  | "export";

export interface PhaseTime {
  readonly phase: Phase;
  readonly ms: number;
}

/** Says what runs, and keeps how long each phase took. */
export class LoopClock {
  readonly #file: string;

  /** @param file where the times go, a line each; of a loop that goes on they are appended. */
  constructor(file: string) {
    this.#file = file;
  }

  async time<T>(phase: Phase, what: string, work: () => T | Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await work();
    const ms = performance.now() - began;
    appendFileSync(this.#file, `${JSON.stringify({ phase, ms: Math.round(ms) })}\n`);
    console.log(`${what}: ${duration(ms)}`);
    return result;
  }

  /** What each phase took. One that was interrupted is not among them, and neither is a line that was cut. */
  static read(file: string): PhaseTime[] {
    return readFileSync(file, "utf8").split("\n").flatMap(parsed);
  }

  /** @param done steps of this process, and how many are left. */
  left(began: number, done: number, left: number): void {
    if (done > 0 && left > 0) console.log(`about ${duration(((performance.now() - began) / done) * left)} left`);
  }
}

function parsed(line: string): PhaseTime[] {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the clock wrote it
    return [JSON.parse(line) as PhaseTime];
  } catch {
    return [];
  }
}
