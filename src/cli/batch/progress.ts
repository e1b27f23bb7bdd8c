import { createLogUpdate } from "log-update";
import { duration } from "../view/describe.ts";
import type { Output } from "../world.ts";

export interface Counts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  readonly elapsedMs: number;
}

/** One line: how far a batch is, and how long it will still take at the pace so far. */
export function progressLine({ total, done, failed, running, elapsedMs }: Counts): string {
  const parts = [`${done}/${total} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (running > 0) parts.push(`${running} running`);
  if (done > 0 && done < total) parts.push(`about ${duration((elapsedMs / done) * (total - done))} left`);
  return parts.join(", ");
}

const millisecondsBetweenLines = 5000;

/** Shows how far a batch is: in place on a terminal, elsewhere a line every few seconds. */
export class Progress {
  readonly total: number;
  readonly #now: () => number;
  readonly #began: number;
  readonly #show: (line: string) => void;
  readonly #close: () => void;
  readonly #interval: number;
  #shown = -Infinity;
  #done = 0;
  #failed = 0;
  #running = 0;

  constructor(stream: Output, now: () => number, total: number) {
    this.#now = now;
    this.#began = now();
    this.total = total;
    if (stream.isTTY === true) {
      const log = createLogUpdate(stream);
      this.#interval = 0;
      this.#show = log;
      this.#close = () => log.done();
    } else {
      this.#interval = millisecondsBetweenLines;
      this.#show = (line) => stream.write(`${line}\n`);
      this.#close = () => {};
    }
  }

  get done(): number {
    return this.#done;
  }

  get failed(): number {
    return this.#failed;
  }

  begin(): void {
    this.#running += 1;
    this.#update();
  }

  /** A problem that began is over. */
  finish({ failed }: { failed: boolean }): void {
    this.#running -= 1;
    this.#done += 1;
    if (failed) this.#failed += 1;
    this.#update();
  }

  end(): void {
    this.#show(this.#line());
    this.#close();
  }

  #update(): void {
    const now = this.#now();
    if (now - this.#shown < this.#interval || this.#done === this.total) return;
    this.#shown = now;
    this.#show(this.#line());
  }

  #line(): string {
    const elapsedMs = this.#now() - this.#began;
    return progressLine({
      total: this.total,
      done: this.#done,
      failed: this.#failed,
      running: this.#running,
      elapsedMs,
    });
  }
}
