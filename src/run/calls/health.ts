import type { ThreadweaverError } from "../../errors.ts";
import type { Clock } from "../clock.ts";

/** What is known of an engine that does not answer: the calls of a batch wait for it. */
export interface BatchPause {
  error: ThreadweaverError;
  /** Failures in a row so far: the first, and each probe after it. */
  failures: number;
  /** Milliseconds until the next probe. */
  waitMs: number;
}

export interface HealthSetup {
  clock: Clock;
  /** After so many failures in a row the engine is given up. */
  stopAfter: number;
  /** The engine does not answer. Called again after each probe that failed. */
  onPause: (pause: BatchPause) => void;
  /** It answers again. */
  onAnswer: () => void;
}

/** Why a call that waited goes on: it is the probe; the engine answers again; or the engine was given up. */
export type Turn = "probe" | "answers" | "lost";

const firstWaitMs = 1000;
const longestWaitMs = 60_000;

/**
 * Whether an engine answers, as far as the calls of several runs have seen. A call that has used up its tries while no
 * call got anything from the engine does not fail. It waits here, and keeps what it has generated. From time to time one
 * of those that wait is tried: that is the probe. When the engine answers, all go on.
 */
export class EngineHealth {
  readonly #setup: HealthSetup;
  /** Calls that wait, the next probe first. A call is named by its signal. */
  readonly #waiting = new Map<AbortSignal, (turn: Turn) => void>();
  #probe: AbortSignal | undefined;
  #answers = 0;
  #failures = 0;
  #cancelTimer: (() => void) | undefined;
  #lost: ThreadweaverError | undefined;

  constructor(setup: HealthSetup) {
    this.#setup = setup;
  }

  /** How often anything has come from the engine. */
  get answers(): number {
    return this.#answers;
  }

  get isPaused(): boolean {
    return this.#failures > 0;
  }

  /** How long a call waits here, about. */
  get waitMs(): number {
    return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, this.#failures - 1));
  }

  /** What the last probe failed with, where the engine was given up. */
  get lost(): ThreadweaverError | undefined {
    return this.#lost;
  }

  /** Something has come from the engine. */
  answered(): void {
    this.#answers += 1;
    if (!this.isPaused || this.#lost !== undefined) return;
    this.#failures = 0;
    this.#release("answers");
    this.#setup.onAnswer();
  }

  /** A call has used up its tries. Resolves when it is its turn, when the engine is given up, or when its signal fires. */
  wait(error: ThreadweaverError, call: AbortSignal): Promise<Turn> {
    const { promise, resolve } = Promise.withResolvers<Turn>();
    if (this.#lost !== undefined || call.aborted) {
      resolve("lost");
      return promise;
    }
    this.#waiting.set(call, resolve);
    const onAbort = (): void => this.leave(call);
    call.addEventListener("abort", onAbort);
    // What fails while a probe is being waited for says nothing new.
    if (!this.isPaused || this.#probe === call) this.#failed(error);
    return promise.finally(() => call.removeEventListener("abort", onAbort));
  }

  /** A call is over, or cancelled. If it was the probe, another one is. */
  leave(call: AbortSignal): void {
    this.#waiting.get(call)?.("lost");
    this.#waiting.delete(call);
    if (this.#probe !== call) return;
    this.#probe = undefined;
    this.#probeLater();
  }

  /** Takes its timer back. */
  close(): void {
    this.#release("lost");
  }

  #failed(error: ThreadweaverError): void {
    this.#failures += 1;
    this.#probe = undefined;
    if (this.#failures >= this.#setup.stopAfter) {
      this.#lost = error;
      this.#release("lost");
      return;
    }
    this.#probeLater();
    this.#setup.onPause({ error, failures: this.#failures, waitMs: this.waitMs });
  }

  #probeLater(): void {
    const { clock } = this.#setup;
    this.#cancelTimer = clock.schedule(clock.now() + this.waitMs, () => this.#probeNow());
  }

  #probeNow(): void {
    this.#cancelTimer = undefined;
    const [next] = this.#waiting;
    if (next === undefined) {
      // No call is left to probe with. The next one shows whether the engine answers.
      this.#failures = 0;
      this.#setup.onAnswer();
      return;
    }
    const [call, resolve] = next;
    this.#waiting.delete(call);
    this.#probe = call;
    resolve("probe");
  }

  #release(turn: Turn): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#probe = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(turn);
  }
}
