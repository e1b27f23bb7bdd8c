import { open } from "node:fs/promises";
import { basename } from "node:path";
import { ThreadweaverError } from "../../errors.ts";
import { fileError } from "../../files/file-error.ts";
import { readTrace } from "../../trace/reader.ts";
import { replayTrace } from "../../trace/replay.ts";
import { trajectoryOfTrace } from "../../train/from-trace.ts";
import { chunksOf } from "../../files/chunks.ts";
import { linesOf } from "../../files/lines.ts";
import { readLine } from "./read-line.ts";
import type { Source, TextSetup } from "./source.ts";

/**
 * The trajectories of a file, one at a time: of a trace, or of lines of results or finished texts.
 *
 * @throws `file` where it cannot be read.
 */
export async function* readSources(path: string, setup: TextSetup): AsyncGenerator<Source> {
  if (await isTrace(path)) {
    yield await sourceOfTrace(path, setup);
    return;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const { number, bytes } of linesOf(chunksOf(path))) {
    const where = `${path}:${number}`;
    const about = { where, id: `${number}`, group: `${number}` };
    let json: string;
    try {
      if (bytes === undefined) throw new Error("too long");
      json = decoder.decode(bytes);
    } catch {
      yield { ...about, why: "the line is too long, or is not UTF-8" };
      continue;
    }
    // The first line of a ledger of rollouts; the others are results.
    if (number === 1 && json.startsWith('{"type":"rollouts",')) continue;
    if (json.trim() !== "") yield readLine(json, where, number, setup);
  }
}

async function isTrace(path: string): Promise<boolean> {
  const beginning = Buffer.from('{"trace":');
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(beginning.length));
    return bytesRead === beginning.length && beginning.equals(buffer);
  } catch (cause) {
    throw fileError(`${path} cannot be read`, cause);
  }
}

async function sourceOfTrace(path: string, { dialect }: TextSetup): Promise<Source> {
  const name = basename(path);
  try {
    const trace = await readTrace(path);
    const { id } = trace.header;
    const trajectory = trajectoryOfTrace(trace, dialect);
    const { result } = replayTrace(trace, { dialect });
    return { where: path, id, group: id, trajectory, answer: result?.content ?? "" };
  } catch (error) {
    if (!ThreadweaverError.isInstance(error)) throw error;
    return { where: path, id: name, group: name, why: error.message };
  }
}
