/**
 * The seed of one attempt of a call: FNV-1a (32 bits, the lowest dropped) of `SEED/PLACE#ORDINAL`, and of
 * `SEED/PLACE#ORDINAL@ATTEMPT` after the first attempt. It depends on the run's seed, on where the sequence stands (`0`
 * is main, `0/2.1` the first thread of main's second fork) and on how many calls that sequence has made before. So equal
 * prompts of siblings get different seeds, and nothing depends on timing. A call that goes on after it broke off gets
 * another seed, because with the same one its random numbers would begin again.
 *
 * @param attempt from 1.
 */
export function callSeed(runSeed: number, threadId: string, callIndex: number, attempt = 1): number {
  const again = attempt === 1 ? "" : `@${attempt}`;
  let hash = 0x811c9dc5;
  for (const char of `${runSeed}/${threadId}#${callIndex}${again}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  }
  return hash >>> 1;
}
