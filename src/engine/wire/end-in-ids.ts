import type { CompletionChunk, ReplyPart } from "./reply.ts";

/**
 * Puts the token that ended a call into the last part of its answer, where a server tells it in a part of its own before
 * that: without a text, as any special token may come, so it is held back until the next part shows what it was.
 */
export async function* endInIds(parts: AsyncIterable<ReplyPart>): AsyncGenerator<ReplyPart, void, undefined> {
  let held: { part: ReplyPart; chunk: CompletionChunk } | undefined;
  for await (const part of parts) {
    const { chunk } = part;
    if (held !== undefined && chunk?.finish !== undefined && chunk.ids?.length === 0) {
      yield { ...held.part, ...part, chunk: { ...chunk, ids: held.chunk.ids } };
      held = undefined;
      continue;
    }
    if (held !== undefined) yield held.part;
    held = chunk !== undefined && chunk.finish === undefined && chunk.text === "" ? { part, chunk } : undefined;
    if (held === undefined) yield part;
  }
  if (held !== undefined) yield held.part;
}
