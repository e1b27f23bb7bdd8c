import * as fs from "node:fs";
import { ThreadweaverError } from "../errors.ts";
import { fileError } from "../files/file-error.ts";
import { LineBytes } from "./line-bytes.ts";
import type { OpenFile } from "./open-file.ts";
import { writeTurns, type Writing } from "./write-turns.ts";

/** Bytes that may wait for a disk that is too slow. Beyond that, the process waits for the disk. */
const mostWaiting = 2 ** 20;

interface Batch {
  readonly bytes: Buffer;
  readonly at: number | null;
}

/**
 * Writes lines to a file, in order, without waiting for the disk: what comes while one write is under way is the next
 * one. Each batch of bytes has its place in the file, so that it may be written twice, and never leaves a gap. After the
 * first error nothing more is written.
 */
export class LineWriter implements Writing {
  readonly #file: OpenFile;
  readonly #waiting = new LineBytes();
  #isBegun = false;
  /** Where the next batch goes; null for what has no places, such as a pipe. */
  #end: number | null = null;
  #underWay: Batch | undefined;
  #failure: { error: unknown; isSeen: boolean } | undefined;
  #closed: Promise<void> | undefined;
  /** What waits for the writes of this file to end. */
  #idle: (() => void) | undefined;

  constructor(file: OpenFile) {
    this.#file = file;
    writeTurns.open(this);
  }

  /**
   * Adds a line.
   *
   * @param write writes it, without its line feed. If it throws, there is no such line.
   * @throws `file` if an earlier line could not be written, and `closed` after `close`.
   */
  write<T>(write: (value: T, line: LineBytes) => void, value: T): void {
    if (this.#closed !== undefined) throw new ThreadweaverError("closed", `${this.#file.path} is closed.`);
    if (this.#failure !== undefined) {
      this.#failure.isSeen = true;
      throw this.#failure.error;
    }
    const before = this.#waiting.length;
    try {
      write(value, this.#waiting);
    } catch (error) {
      this.#waiting.backTo(before);
      throw error;
    }
    this.#waiting.endLine();
    if (this.#waiting.length > mostWaiting) this.flushNow();
    else if (before === 0 && this.#underWay === undefined) writeTurns.ask(this);
  }

  /** Writes what waits, then closes the file. Rejects with `file` for an error that `write` has not thrown. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#underWay === undefined) this.flush();
    if (this.#underWay !== undefined) await new Promise<void>((resolve) => void (this.#idle = resolve));
    writeTurns.close(this);
    this.#file.close({ isUnused: !this.#isBegun });
    if (this.#failure !== undefined && !this.#failure.isSeen) throw this.#failure.error;
  }

  flush(): void {
    if (this.#underWay !== undefined || this.#waiting.length === 0 || this.#failure !== undefined) return;
    try {
      const batch = this.#takeBatch();
      if (batch.at === null) writeAll(this.#file.descriptor, batch);
      else {
        this.#underWay = batch;
        this.#write(batch);
      }
    } catch (cause) {
      this.#fail(cause);
    }
  }

  flushNow(): void {
    if (this.#failure !== undefined) return;
    try {
      // What is under way comes first: the disk may be slower with it than with what follows.
      if (this.#underWay !== undefined) writeAll(this.#file.descriptor, this.#underWay);
      if (this.#waiting.length > 0) writeAll(this.#file.descriptor, this.#takeBatch());
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #takeBatch(): Batch {
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#end = this.#file.begin();
    }
    const bytes = this.#waiting.take();
    const at = this.#end;
    if (this.#end !== null) this.#end += bytes.length;
    return { bytes, at };
  }

  #write({ bytes, at }: Batch): void {
    fs.write(this.#file.descriptor, bytes, 0, bytes.length, at, (error, written) => {
      this.#wrote(error ?? (written < bytes.length ? restOf({ bytes, at }, written) : undefined));
    });
  }

  /** @param left what the disk has not taken, or why it took nothing. */
  #wrote(left: Batch | Error | undefined): void {
    if (left !== undefined && !(left instanceof Error)) {
      this.#write(left);
      return;
    }
    if (left !== undefined) this.#fail(left);
    this.#underWay = undefined;
    if (this.#closed !== undefined) this.flush();
    else if (this.#waiting.length > 0) writeTurns.ask(this);
    if (this.#underWay === undefined) this.#idle?.();
  }

  #fail(cause: unknown): void {
    this.#waiting.backTo(0);
    this.#failure ??= { error: fileError(`${this.#file.path} cannot be written`, cause), isSeen: false };
  }
}

function writeAll(descriptor: number, batch: Batch): void {
  for (let rest = batch; rest.bytes.length > 0;) {
    const left = restOf(rest, fs.writeSync(descriptor, rest.bytes, 0, rest.bytes.length, rest.at));
    if (left instanceof Error) throw left;
    rest = left;
  }
}

function restOf({ bytes, at }: Batch, written: number): Batch | Error {
  if (written === 0) return new Error("the disk takes nothing");
  return { bytes: bytes.subarray(written), at: at === null ? null : at + written };
}
