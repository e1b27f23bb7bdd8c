import type { Fate } from "./stream.ts";

interface RunningCall extends Fate {
  aborted: boolean;
}

/** The running calls that have a name from their client. */
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

  /**
   * Ends calls by name, as SGLang does: the name must be that of a running call, and every call whose name begins with
   * it ends.
   */
  abort(name: string): void {
    if (!this.has(name)) return;
    for (const [other, call] of this.#calls) if (other.startsWith(name)) call.aborted = true;
  }

  abortAll(): void {
    for (const call of this.#calls.values()) call.aborted = true;
  }
}
