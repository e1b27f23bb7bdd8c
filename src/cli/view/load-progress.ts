import { createLogUpdate } from "log-update";
import type { Output } from "../world.ts";

/** Loads that are over sooner are not worth a line. */
const noticedMs = 1000;

/** Shows on a terminal how much of a model is read. The line goes when the model is there. */
export class LoadProgress {
  readonly #log: ReturnType<typeof createLogUpdate> | undefined;
  readonly #now: () => number;
  readonly #began: number;

  constructor(stream: Output, now: () => number) {
    this.#log = stream.isTTY === true ? createLogUpdate(stream) : undefined;
    this.#now = now;
    this.#began = now();
  }

  /** @param fraction from 0 to 1. */
  tell(fraction: number): void {
    if (this.#now() - this.#began < noticedMs) return;
    this.#log?.(`Loading the model: ${Math.round(fraction * 100)} %`);
  }

  end(): void {
    this.#log?.clear();
    this.#log?.done(); // the cursor is shown again
  }
}
