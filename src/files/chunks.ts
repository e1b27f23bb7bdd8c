import { open, type FileHandle } from "node:fs/promises";
import { fileError } from "./file-error.ts";

const chunkBytes = 2 ** 18;

/** The bytes of a file, some at a time. Rejects with `file`. */
export async function* chunksOf(path: string): AsyncGenerator<Buffer, void, undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    for (;;) {
      // Each chunk has a buffer of its own: the next one may come while this one is still read.
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw fileError(`${path} cannot be read`, cause);
  } finally {
    await file?.close();
  }
}
