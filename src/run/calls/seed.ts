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
  return seedOf(`${runSeed}/${threadId}#${callIndex}${again}`);
}

/** FNV-1a of the UTF-8 bytes of a text, the lowest of its 32 bits dropped. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 1;
}

/** A seed for a run or a batch that was given none. @param random from 0 to below 1. */
export function drawSeed(random: () => number): number {
  return Math.floor(random() * 2 ** 31);
}
