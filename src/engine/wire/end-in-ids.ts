import type { CompletionChunk, ReplyPart } from "./reply.ts";

/**
 * Puts the token that ended a call into the last part of its answer, where a server sends it in a part of its own before
 * that: without a text, as any special token may come, so it is held back until the next part shows what it was.
 */
export class EndInIds {
  #held: { part: ReplyPart; chunk: CompletionChunk } | undefined;

  /** The parts that can be told by now. */
  push(part: ReplyPart): readonly ReplyPart[] {
    const { chunk } = part;
    const held = this.#held;
    if (held !== undefined && chunk?.finish !== undefined && chunk.ids?.length === 0) {
      const { ids, logprobs, topLogprobs } = held.chunk;
      this.#held = undefined;
      return [{ ...held.part, ...part, chunk: { ...chunk, ids, logprobs, topLogprobs } }];
    }
    const isSilent = chunk !== undefined && chunk.finish === undefined && chunk.text === "";
    this.#held = isSilent ? { part, chunk } : undefined;
    return [...(held === undefined ? [] : [held.part]), ...(isSilent ? [] : [part])];
  }

  /** What is held back when nothing more comes. */
  rest(): readonly ReplyPart[] {
    const held = this.#held;
    this.#held = undefined;
    return held === undefined ? [] : [held.part];
  }
}
