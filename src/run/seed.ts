/**
 * The seed of one call: FNV-1a (32 bits, the lowest dropped) of `SEED/PLACE#ORDINAL`. It depends on the run's seed, on
 * where the sequence stands (`0` is main, `0/2.1` the first thread of main's second fork) and on how many calls that
 * sequence has made before; so equal prompts of siblings get different seeds, and nothing depends on timing.
 */
export function callSeed(runSeed: number, threadId: string, callIndex: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${runSeed}/${threadId}#${callIndex}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  }
  return hash >>> 1;
}
