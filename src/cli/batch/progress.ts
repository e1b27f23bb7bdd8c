import { createLogUpdate } from "log-update";
import type { BatchPause } from "../../run/calls/health.ts";
import { duration } from "../view/describe.ts";
import { visible } from "../../visible.ts";
import type { Output } from "../world.ts";

export interface Counts {
  /** Undefined where the length of the input is not known. */
  readonly total: number | undefined;
  /** With a result or without. */
  readonly over: number;
  readonly failed: number;
  readonly running: number;
  readonly elapsedMs: number;
  /** What else is to be said. */
  readonly note?: string | undefined;
}

/** One line: how far a batch is, and how long it will still take at the pace so far. */
export function progressLine({ total, over, failed, running, elapsedMs, note }: Counts): string {
  const parts = [total === undefined ? `${over} done` : `${over}/${total} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (running > 0) parts.push(`${running} running`);
  if (total !== undefined && over > 0 && over < total) {
    parts.push(`about ${duration((elapsedMs / over) * (total - over))} left`);
  }
  if (note !== undefined) parts.push(note);
  return parts.join(", ");
}

const millisecondsBetweenLines = 5000;

export interface ProgressSetup {
  readonly stream: Output;
  readonly now: () => number;
  /** Runs that are to be made. */
  readonly total: number | undefined;
  /** Runs at once, at most. */
  readonly concurrency: number;
  /** What each line says at its end. */
  readonly note?: (() => string) | undefined;
}

/** Shows how far a batch is: in place on a terminal, elsewhere a line every few seconds. */
export class Progress {
  readonly #setup: ProgressSetup;
  readonly #began: number;
  readonly #show: (line: string) => void;
  /** Writes a line that stays. */
  readonly #say: (line: string) => void;
  readonly #close: () => void;
  readonly #interval: number;
  #shown = -Infinity;
  #begun = 0;
  #over = 0;
  #failed = 0;

  constructor(setup: ProgressSetup) {
    const { stream, now } = setup;
    this.#setup = setup;
    this.#began = now();
    if (stream.isTTY === true) {
      const log = createLogUpdate(stream);
      this.#interval = 0;
      this.#show = log;
      this.#say = (line) => log.persist(line);
      this.#close = () => log.done();
    } else {
      this.#interval = millisecondsBetweenLines;
      this.#show = (line) => stream.write(`${line}\n`);
      this.#say = this.#show;
      this.#close = () => {};
    }
  }

  /** So many more runs will be begun soon. */
  begin(runs: number): void {
    this.#begun += runs;
    this.#update();
  }

  /** A run is over. */
  finish({ failed }: { failed: boolean }): void {
    this.#over += 1;
    if (failed) this.#failed += 1;
    this.#update();
  }

  pause({ error, failures, waitMs }: BatchPause, stopAfter: number): void {
    const line = `The engine does not answer (failure ${failures}; the batch stops at ${stopAfter}), asked again in ${duration(waitMs)}: ${error.message}`;
    this.#say(visible(line));
  }

  goOn(): void {
    this.#say("The engine answers again.");
  }

  end(): void {
    this.#show(this.#line());
    this.#close();
  }

  #update(): void {
    const now = this.#setup.now();
    if (now - this.#shown < this.#interval || this.#over === this.#setup.total) return;
    this.#shown = now;
    this.#show(this.#line());
  }

  #line(): string {
    const { total, concurrency, now, note } = this.#setup;
    return progressLine({
      total,
      over: this.#over,
      failed: this.#failed,
      running: Math.min(concurrency, this.#begun - this.#over),
      elapsedMs: now() - this.#began,
      note: note?.(),
    });
  }
}
