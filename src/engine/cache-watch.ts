import type { EngineWarning } from "./engine.ts";

/** Misses in a row before the warning. A single one can be an eviction. */
const missesBeforeWarning = 4;
/**
 * Before the first hit, only misses of prompts of at least so many tokens count: a shorter one may not fill a block.
 */
const longPrompt = 1024;

/**
 * Notices when forks stop hitting the prefix cache. On hybrid models the cache works in blocks of hundreds or thousands
 * of tokens. Forks may then miss it although it is on, and only the time that they take shows it.
 */
export class CacheWatch {
  #shortestHit = longPrompt;
  #misses = 0;
  #hasWarned = false;

  /** Records a finished call that extended another one. Returns a warning when one is due. */
  observe(promptTokens: number, cachedTokens: number | undefined): EngineWarning | undefined {
    if (cachedTokens === undefined || (cachedTokens === 0 && promptTokens < this.#shortestHit)) return undefined;
    if (cachedTokens > 0) {
      this.#shortestHit = Math.min(this.#shortestHit, promptTokens);
      this.#misses = 0;
      this.#hasWarned = false;
      return undefined;
    }
    this.#misses += 1;
    if (this.#hasWarned || this.#misses < missesBeforeWarning) return undefined;
    this.#hasWarned = true;
    return {
      code: "cache-lost",
      message:
        `the last ${missesBeforeWarning} calls that extended an earlier one, of up to ${promptTokens} tokens each, found none of it in ` +
        `the server's prefix cache: forks are computed again. Is the cache full or off, or are its blocks longer than what forks share?`,
    };
  }
}
