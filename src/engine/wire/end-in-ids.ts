import type { CompletionChunk, ReplyPart } from "./reply.ts";

/**
 * Puts the token that ended a call into the last part of its answer, where a server sends it in a part of its own before
 * that: without a text, as any special token may come, so it is held back until the next part shows what it was.
 */
export async function* endInIds(parts: AsyncIterable<ReplyPart>): AsyncGenerator<ReplyPart, void, undefined> {
  let held: { part: ReplyPart; chunk: CompletionChunk } | undefined;
  try {
    for await (const part of parts) {
      const { chunk } = part;
      if (held !== undefined && chunk?.finish !== undefined && chunk.ids?.length === 0) {
        const { ids, logprobs, topLogprobs } = held.chunk;
        yield { ...held.part, ...part, chunk: { ...chunk, ids, logprobs, topLogprobs } };
        held = undefined;
        continue;
      }
      if (held !== undefined) yield held.part;
      held = chunk !== undefined && chunk.finish === undefined && chunk.text === "" ? { part, chunk } : undefined;
      if (held === undefined) yield part;
    }
  } catch (error) {
    if (held !== undefined) yield held.part;
    throw error;
  }
  if (held !== undefined) yield held.part;
}
