import type { EngineWarning } from "./engine.ts";

/** Misses in a row before a warning: one can be an eviction. */
const missesBeforeWarning = 4;
/** Without an earlier hit to compare with: prompts so long that some block of any size in use should have been hit. */
const longPrompt = 1024;

/**
 * Notices when forks stop hitting the prefix cache. On hybrid models the cache works in blocks of hundreds or thousands
 * of tokens, so forks may hit nothing although the server has a cache, and nothing but the time tells.
 */
export class CacheWatch {
  #shortestHit = longPrompt;
  #misses = 0;
  #told = false;

  /** A call that extended another is over. Returns the warning that is due now, if one is. */
  observe(promptTokens: number, cachedTokens: number | undefined): EngineWarning | undefined {
    if (cachedTokens === undefined || (cachedTokens === 0 && promptTokens < this.#shortestHit)) return undefined;
    if (cachedTokens > 0) {
      this.#shortestHit = Math.min(this.#shortestHit, promptTokens);
      this.#misses = 0;
      this.#told = false;
      return undefined;
    }
    this.#misses += 1;
    if (this.#told || this.#misses < missesBeforeWarning) return undefined;
    this.#told = true;
    return {
      code: "cache-lost",
      message:
        `the last ${missesBeforeWarning} calls that went on from an earlier one found nothing of it in the server's prefix cache, ` +
        `up to ${promptTokens} tokens each: forks are computed anew. Is the cache full, switched off, or its block longer than what they share?`,
    };
  }
}
