import { createHash } from "node:crypto";
import { chunksOf } from "../../../files/chunks.ts";

/** A whole file. Rejects with `file`. */
export async function bytesOf(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of chunksOf(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The SHA-256 of a file, in hexadecimal digits. Rejects with `file`. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunksOf(path)) hash.update(chunk);
  return hash.digest("hex");
}
