import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { pipeline } from "node:stream/promises";
import { ThreadweaverError } from "../errors.ts";
import { fileError } from "./file-error.ts";

/** Lines hold prompts and what models wrote: no other user reads a new file. One that is there keeps its mode. */
const ownersOnly = 0o600;

/** Where lines of JSON go. */
export interface LineSink {
  /** @throws `file`, for instance when the disk is full. */
  write(value: unknown): Promise<void> | void;
  close(): void;
}

/**
 * A file of JSON lines. Opening proves that it can be written; nothing in it changes before the first line, and a new
 * file that got none is removed again. Written synchronously: a line is whole or not there, in the order of the calls.
 */
export class LineFile implements LineSink {
  readonly path: string;
  readonly #descriptor: number;
  readonly #created: boolean;
  readonly #replace: boolean;
  /** A pipe or a device has nothing to replace, and nothing to take back. */
  #isFile = false;
  /** Where the next line goes. Undefined until there is one. */
  #end: number | undefined;

  /** @throws `file` where it cannot be written, or where it exists and may be neither overwritten nor gone on with. */
  static open(path: string, { overwrite, resume }: { overwrite: boolean; resume: boolean }): LineFile {
    try {
      return new LineFile(path, openSync(path, "ax", ownersOnly), { created: true, replace: false });
    } catch (cause) {
      if (!isExisting(cause)) throw fileError(`${path} cannot be written`, cause);
    }
    if (!overwrite && !resume) {
      const message = `${path} exists. Add --resume to go on with it, or --overwrite to replace it, or give another name.`;
      throw new ThreadweaverError("file", message);
    }
    try {
      return new LineFile(path, openSync(path, "a"), { created: false, replace: overwrite });
    } catch (cause) {
      throw fileError(`${path} cannot be written`, cause);
    }
  }

  private constructor(path: string, descriptor: number, how: { created: boolean; replace: boolean }) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#created = how.created;
    this.#replace = how.replace;
  }

  write(value: unknown): void {
    try {
      this.#end ??= this.#begin();
      const line = Buffer.from(`${JSON.stringify(value)}\n`);
      this.#append(line, this.#end);
      this.#end += line.length;
    } catch (cause) {
      throw fileError(`${this.path} cannot be written`, cause);
    }
  }

  /** Where the next line goes. Asking begins the file, as a first line would. */
  get end(): number {
    return (this.#end ??= this.#begin());
  }

  /** @param keepEmpty whether a new file without a line stays. */
  close({ keepEmpty = false }: { keepEmpty?: boolean } = {}): void {
    closeSync(this.#descriptor);
    if (this.#created && (this.#end ?? 0) === 0 && !keepEmpty) unlinkSync(this.path);
  }

  /** Where the first line goes. */
  #begin(): number {
    const stats = fstatSync(this.#descriptor);
    this.#isFile = stats.isFile();
    if (!this.#replace || !this.#isFile) return stats.size;
    ftruncateSync(this.#descriptor);
    return 0;
  }

  /** Whole or not at all: what a full disk took of a line is taken back. */
  #append(line: Buffer, end: number): void {
    try {
      for (let at = 0; at < line.length;) at += writeSync(this.#descriptor, line, at);
    } catch (error) {
      if (this.#isFile) ftruncateSync(this.#descriptor, end);
      throw error;
    }
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

/** A part of a file, from its first byte to before its last one. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Leaves of a file only these parts. All of it changes at once or nothing does, whatever happens in between.
 *
 * @param kept in order; neighbours may touch.
 * @throws `file`, for instance when the disk is full.
 */
export async function keepOnly(path: string, kept: readonly Range[]): Promise<void> {
  const real = realpathSync(path);
  const { size, mode } = statSync(real);
  const [only = { start: 0, end: 0 }, ...others] = joined(kept);
  if (others.length === 0 && only.start === 0) {
    if (only.end < size) cutAt(real, only.end);
    return;
  }
  const copy = `${real}.new`;
  try {
    rmSync(copy, { force: true });
    await pipeline(parts(real, [only, ...others]), createWriteStream(copy, { flags: "wx", mode, flush: true }));
    renameSync(copy, real);
  } catch (cause) {
    rmSync(copy, { force: true });
    throw fileError(`${path} cannot be written`, cause);
  }
}

function cutAt(path: string, length: number): void {
  const descriptor = openSync(path, "r+");
  ftruncateSync(descriptor, length);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Adds a part to those that stay. One that touches the last is joined with it, so a whole file is one part. */
export function keep(kept: Range[], { start, end }: Range): void {
  const last = kept.at(-1);
  if (last?.end === start) kept[kept.length - 1] = { start: last.start, end };
  else kept.push({ start, end });
}

function joined(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const range of ranges) keep(all, range);
  return all;
}

async function* parts(path: string, ranges: readonly Range[]): AsyncGenerator<Uint8Array> {
  for (const { start, end } of ranges) {
    if (end > start) yield* createReadStream(path, { start, end: end - 1 });
  }
}
