import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  unlinkSync,
} from "node:fs";
import { ThreadweaverError } from "../errors.ts";
import { fileError } from "../files/file-error.ts";

/** Only its owner may read a trace: it holds prompts. */
const mode = 0o600;

/** A file that is open for writing. Nothing in it has changed until `begin` is called. */
export interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
  /** Makes it ready for the first line. Returns where that goes; null for what has no places, such as a pipe. */
  begin(): number | null;
  close(how: { isUnused: boolean }): void;
}

/**
 * Opens a file for a new trace; nothing but its owner may read it, whatever the process's default is. One that was not
 * used is gone again.
 *
 * @throws `file` where it cannot be written, or where it exists and may not be overwritten.
 */
export function openNew(path: string, { overwrite }: { overwrite: boolean }): OpenFile {
  // To ask first is cheaper than an error.
  const isThere = overwrite && existsSync(path);
  const created = isThere
    ? undefined
    : openOr(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, "EEXIST");
  if (created !== undefined) {
    fchmodSync(created, mode);
    return { path, descriptor: created, begin: () => 0, close: (how) => close(path, created, how) };
  }
  if (!overwrite) {
    const message = `${path} exists. Give another name, or replace it with the option overwrite (--overwrite).`;
    throw new ThreadweaverError("file", message);
  }
  const { descriptor, isFile } = openExisting(path);
  const begin = (): number | null => {
    // A pipe or a device has nothing to replace.
    if (!isFile) return null;
    fchmodSync(descriptor, mode);
    ftruncateSync(descriptor);
    return 0;
  };
  return { path, descriptor, begin, close: () => closeSync(descriptor) };
}

/** What is left of a trace when its run goes on. */
export interface Kept {
  /** Bytes at its beginning. What follows is dropped. */
  readonly keep: number;
  /** The bytes that it has. */
  readonly size: number;
}

/**
 * Opens a trace to go on with it.
 *
 * @throws `file` where it cannot be written.
 */
export function openAgain(path: string, { keep, size }: Kept): OpenFile {
  const { descriptor } = openExisting(path);
  const begin = (): number => {
    if (fstatSync(descriptor).size !== size) {
      throw new Error("something else has written to it since it was read");
    }
    ftruncateSync(descriptor, keep);
    // What is dropped must not come back between new lines.
    fsyncSync(descriptor);
    return keep;
  };
  return { path, descriptor, begin, close: () => closeSync(descriptor) };
}

function openExisting(path: string): { descriptor: number; isFile: boolean } {
  const descriptor = openOr(path, constants.O_WRONLY, undefined) ?? -1;
  return { descriptor, isFile: fstatSync(descriptor).isFile() };
}

/** Undefined where opening it fails with this code. */
function openOr(path: string, flags: number, code: string | undefined): number | undefined {
  try {
    return openSync(path, flags, mode);
  } catch (cause) {
    if (code !== undefined && cause instanceof Error && "code" in cause && cause.code === code) return undefined;
    throw fileError(`${path} cannot be written`, cause);
  }
}

function close(path: string, descriptor: number, { isUnused }: { isUnused: boolean }): void {
  closeSync(descriptor);
  if (isUnused) unlinkSync(path);
}
