import * as z from "zod";
import { factsOf, ThreadweaverError } from "../../errors.ts";
import type { Clock } from "../clock.ts";
import { sentence } from "../failure.ts";
import type { EngineHealth } from "./health.ts";

/** How often, and after how long, a run tries again what broke. */
export interface RetryOptions {
  /**
   * Times that a call is tried again while no token comes. A token that comes starts the count again, because the call
   * goes on after it. 0: never. @defaultValue 6
   */
  perCall?: number | undefined;
  /** Times that anything is tried again in the whole run. @defaultValue 1000 */
  perRun?: number | undefined;
  /**
   * Milliseconds before the second attempt, at most. Doubled for each further one; half of it is left to chance, so that
   * threads that broke together do not come back together. @defaultValue 500
   */
  baseMs?: number | undefined;
  /** The longest wait in milliseconds, also where a server asks for more (`Retry-After`). @defaultValue 30_000 */
  maxMs?: number | undefined;
}

const count = z.int().min(0);
const milliseconds = z
  .number()
  .min(0)
  .max(2 ** 31 - 1);

export const retrySchema = z
  .union([
    z.literal(false).transform(() => ({ perCall: 0 })),
    z.strictObject({
      perCall: count.optional(),
      perRun: count.optional(),
      baseMs: milliseconds.optional(),
      maxMs: milliseconds.optional(),
    }),
  ])
  .default({});

export interface Attempts {
  /** Ends the waiting. */
  signal: AbortSignal;
  /** The number of the first attempt. @defaultValue 1 */
  first?: number | undefined;
  /** Grows with each token that comes. @defaultValue it never grows */
  progress?: (() => number) | undefined;
  /** An attempt broke, and another one follows. */
  onRetry?: ((broken: { error: ThreadweaverError; attempt: number; waitMs: number }) => void) | undefined;
}

export interface RetriesSetup {
  options: RetryOptions;
  clock: Clock;
  /** From 0 to below 1. */
  random: () => number;
  /** What the runs of a batch know together of their engine: then calls wait for one that does not answer. */
  health?: EngineHealth | undefined;
}

interface Failed {
  readonly error: unknown;
  readonly attempt: number;
}

/** The attempts of one call that broke off one after the other. */
interface Streak {
  /** Those that brought no token. */
  inVain: number;
  /** How far the call had got. */
  reached: number;
  /** What the engine had answered to other calls, when the last one broke off. */
  answers: number;
  /** Whether it has answered nothing since the one before. */
  isSilent: boolean;
}

/** Another attempt broke off. */
function extend(streak: Streak, reached: number, answers = 0): void {
  const isFirst = streak.inVain === 0 || reached > streak.reached;
  streak.inVain = isFirst ? 1 : streak.inVain + 1;
  streak.isSilent = isFirst || answers === streak.answers;
  streak.reached = reached;
  streak.answers = answers;
}

const perCallByDefault = 6;

/** What one run tries again, and what it has left of that. An error is worth another attempt if it is `retryable`. */
export class Retries {
  readonly #setup: RetriesSetup;
  #left: number;

  constructor(setup: RetriesSetup) {
    this.#setup = setup;
    this.#left = setup.options.perRun ?? 1000;
  }

  /** A token has come from the engine, or the end of a call. */
  answered(): void {
    this.#setup.health?.answered();
  }

  /**
   * Makes attempts until one succeeds.
   *
   * @throws what the last attempt failed with; where there were several, it says so.
   */
  async run<T>(work: (attempt: number) => Promise<T>, attempts: Attempts): Promise<T> {
    try {
      return await this.#run(work, attempts);
    } finally {
      this.#setup.health?.leave(attempts.signal);
    }
  }

  async #run<T>(work: (attempt: number) => Promise<T>, attempts: Attempts): Promise<T> {
    const { first = 1, progress = () => 0 } = attempts;
    const { clock, health } = this.#setup;
    const began = clock.now();
    const streak: Streak = { inVain: 0, reached: progress(), answers: 0, isSilent: false };
    for (let attempt = first; ; attempt += 1) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        return await work(attempt);
      } catch (error) {
        extend(streak, progress(), health?.answers);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        if (await this.#wait({ error, attempt }, streak, attempts)) continue;
        throw withAttempts(error, attempt - first + 1, clock.now() - began);
      }
    }
  }

  /** Waits before the next attempt. False: there is none. */
  async #wait({ error, attempt }: Failed, streak: Streak, { signal, onRetry }: Attempts): Promise<boolean> {
    if (signal.aborted || this.#left <= 0) return false;
    if (!ThreadweaverError.isInstance(error) || !error.retryable) return false;
    const { clock, health } = this.#setup;
    const { perCall = perCallByDefault } = this.#setup.options;
    const waitMs = this.#waitMs(error, streak.inVain);
    if (health !== undefined && perCall > 0 && streak.isSilent && (waitMs === undefined || health.isPaused)) {
      onRetry?.({ error, attempt, waitMs: health.waitMs });
      const turn = await health.wait(error, signal);
      if (turn === "answers") streak.inVain = 0;
      return turn !== "lost";
    }
    if (waitMs === undefined) return false;
    this.#left -= 1;
    onRetry?.({ error, attempt, waitMs });
    await sleep(clock, waitMs, signal);
    return true;
  }

  /** How long to wait before the next attempt. Undefined: there is none. */
  #waitMs({ retryAfterMs }: ThreadweaverError, inVain: number): number | undefined {
    const { perCall = perCallByDefault, baseMs = 500, maxMs = 30_000 } = this.#setup.options;
    if (inVain > perCall) return undefined;
    const chance = this.#setup.random();
    const backOff = (Math.min(maxMs, baseMs * 2 ** (inVain - 1)) / 2) * (1 + chance);
    if (retryAfterMs === undefined) return Math.round(backOff);
    // Not all at the same moment, and never earlier than the server asked.
    return Math.round(Math.max(backOff, Math.min(maxMs, retryAfterMs) + (baseMs / 2) * chance));
  }
}

function withAttempts(error: unknown, attempts: number, ms: number): unknown {
  if (attempts === 1 || !ThreadweaverError.isInstance(error)) return error;
  const seconds = ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000);
  const message = `${sentence(error.message)} It was tried ${attempts} times in ${seconds} s.`;
  return new ThreadweaverError(error.code, message, { ...factsOf(error), attempts, cause: error });
}

/** Resolves after some milliseconds, or when the signal fires. */
function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.schedule(clock.now() + ms, resolve);
  const onAbort = (): void => {
    cancel();
    resolve();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  return promise.finally(() => signal.removeEventListener("abort", onAbort));
}
