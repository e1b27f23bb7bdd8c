import type { Fate } from "./stream.ts";

interface RunningCall extends Fate {
  aborted: boolean;
}

/** Calls that run under a name of the client's. */
export class RunningCalls {
  readonly #calls = new Map<string, RunningCall>();

  has(name: string): boolean {
    return this.#calls.has(name);
  }

  add(name: string, call: RunningCall): void {
    this.#calls.set(name, call);
  }

  delete(name: string): void {
    this.#calls.delete(name);
  }

  /** As SGLang does: the name must be one that runs, and then every call goes whose name begins with it. */
  abort(name: string): void {
    if (!this.has(name)) return;
    for (const [other, call] of this.#calls) if (other.startsWith(name)) call.aborted = true;
  }

  abortAll(): void {
    for (const call of this.#calls.values()) call.aborted = true;
  }
}
