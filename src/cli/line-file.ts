import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, unlinkSync } from "node:fs";
import { ThreadweaverError } from "../errors.ts";
import { fileError } from "../trace/file-error.ts";

/**
 * A file of JSON lines. Opening proves that it can be written; nothing in it changes before the first line, and a new
 * file that got none is removed again. Written synchronously: a line is whole or not there, in the order of the calls.
 */
export class LineFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #created: boolean;
  #lines = 0;

  /** @throws `file` where it cannot be written, or where it exists and may not be overwritten. */
  static open(path: string, { overwrite }: { overwrite: boolean }): LineFile {
    try {
      return new LineFile(path, openSync(path, "ax"), true);
    } catch (cause) {
      if (!isExisting(cause)) throw fileError(`${path} cannot be written`, cause);
    }
    if (!overwrite) {
      throw new ThreadweaverError("file", `${path} exists. Give another name, or --overwrite to replace it.`);
    }
    try {
      return new LineFile(path, openSync(path, "a"), false);
    } catch (cause) {
      throw fileError(`${path} cannot be written`, cause);
    }
  }

  private constructor(path: string, descriptor: number, created: boolean) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#created = created;
  }

  /** @throws `file`, for instance when the disk is full. */
  write(value: unknown): void {
    try {
      // A pipe or a device has nothing to replace.
      const replace = this.#lines === 0 && !this.#created && fstatSync(this.#descriptor).isFile();
      if (replace) ftruncateSync(this.#descriptor);
      appendFileSync(this.#descriptor, `${JSON.stringify(value)}\n`);
      this.#lines += 1;
    } catch (cause) {
      throw fileError(`${this.path} cannot be written`, cause);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    if (this.#created && this.#lines === 0) unlinkSync(this.path);
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
