import { chunksOf } from "./chunks.ts";
import { fileError } from "./file-error.ts";

const lineFeed = 0x0a;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Whether it ends with a line feed. Only the last one may not. */
  readonly isWhole: boolean;
}

/** Lines that follow each other. */
export interface Stretch {
  readonly lines: readonly Line[];
  /** Bytes of the file up to their end. */
  readonly end: number;
}

/** The lines of a file, some at a time, whatever its size. Rejects with `file`. */
export async function* readLines(path: string): AsyncGenerator<Stretch, void, undefined> {
  let number = 0;
  let bytes = 0;
  let rest: Buffer[] = [];
  const asLine = (text: string, isWhole: boolean): Line => ({ number: (number += 1), text, isWhole });
  for await (const chunk of chunksOf(path)) {
    const end = chunk.lastIndexOf(lineFeed);
    if (end < 0) rest.push(chunk);
    else {
      const text = Buffer.concat([...rest, chunk.subarray(0, end)]).toString();
      rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
      yield { lines: text.split("\n").map((line) => asLine(line, true)), end: bytes + end + 1 };
    }
    bytes += chunk.length;
  }
  if (rest.length > 0) yield { lines: [asLine(Buffer.concat(rest).toString(), false)], end: bytes };
}

/** The bytes that the first lines of a file take, their line feeds included. Rejects with `file`. */
export async function lengthOfLines(path: string, count: number): Promise<number> {
  let length = 0;
  let left = count;
  for await (const chunk of chunksOf(path)) {
    for (let at = chunk.indexOf(lineFeed); at >= 0 && left > 0; at = chunk.indexOf(lineFeed, at + 1)) {
      left -= 1;
      if (left === 0) return length + at + 1;
    }
    length += chunk.length;
  }
  throw fileError(`${path} cannot be read`, new Error(`it has fewer lines than before`));
}
