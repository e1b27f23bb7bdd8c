import type { CompletionChunk, ReplyPart } from "./reply.ts";

/**
 * Puts the token that ended a call into the last part of its answer. Some servers send it in a part of its own before
 * that, without a text. Any special token may arrive like this, so it is held back until the next part shows what it
 * was.
 */
export class EndInIds {
  #held: { part: ReplyPart; chunk: CompletionChunk } | undefined;

  /** Returns the parts that are certain by now. */
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

  /** Returns what is held back. Call it when nothing more arrives. */
  rest(): readonly ReplyPart[] {
    const held = this.#held;
    this.#held = undefined;
    return held === undefined ? [] : [held.part];
  }
}
