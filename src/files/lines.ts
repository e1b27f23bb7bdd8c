export interface Line {
  /** Counted from 1, blank ones too. */
  readonly number: number;
  /** Undefined where it is longer than can be held. */
  readonly bytes: Uint8Array | undefined;
  /** Where it begins in its file, and where the next one would. */
  readonly start: number;
  readonly end: number;
  /** Whether a line feed ends it: the last line of a process that was killed may have none. */
  readonly isWhole: boolean;
}

export const longestLine: number = 256 * 1024 * 1024;

/** Lines as bytes, since one that is not UTF-8 must spoil no other. A file of any size is never held as a whole. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line> {
  let number = 1;
  let start = 0;
  let at = 0;
  let parts: Uint8Array[] = [];
  const finish = (rest: Uint8Array, isWhole: boolean): Line => {
    const length = at - start;
    const bytes = length > longestLine ? undefined : parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
    const line = { number, bytes, start, end: at + (isWhole ? 1 : 0), isWhole };
    number += 1;
    at += isWhole ? 1 : 0;
    start = at;
    parts = [];
    return line;
  };
  for await (const given of chunks) {
    let chunk = typeof given === "string" ? Buffer.from(given) : given;
    for (let feed = chunk.indexOf(10); feed >= 0; feed = chunk.indexOf(10)) {
      at += feed;
      yield finish(chunk.subarray(0, feed), true);
      chunk = chunk.subarray(feed + 1);
    }
    at += chunk.length;
    // Of a line that is too long nothing is kept.
    if (at - start > longestLine) parts = [];
    else if (chunk.length > 0) parts.push(chunk);
  }
  if (at > start) yield finish(new Uint8Array(), false);
}

/** Whether there is a whole line. A process that was killed at once leaves less. */
export async function hasWholeLine(chunks: AsyncIterable<Uint8Array | string>): Promise<boolean> {
  for await (const { isWhole } of linesOf(chunks)) return isWhole;
  return false;
}

/** What a line of JSON says. Undefined where it is too long, not UTF-8 or not JSON. */
export function jsonIn({ bytes }: Pick<Line, "bytes">): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
