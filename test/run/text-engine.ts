import type { CompletionEvent, Engine } from "../../src/engine/engine.ts";
import type { Tier } from "../../src/engine/tier.ts";

/** An engine on another one that returns no token ids: pieces are texts, and no end of sequence is seen. */
export function textEngine<E extends Engine>(inner: E, tier: Tier = "text"): E {
  return {
    ...inner,
    tier,
    async *complete(request): AsyncGenerator<CompletionEvent> {
      for await (const event of inner.complete(request)) {
        if (event.type !== "pieces") yield event;
        else {
          const pieces = event.pieces.flatMap(({ text }) => (text === "" ? [] : [{ text }]));
          if (pieces.length > 0) yield { type: "pieces", pieces };
        }
      }
    },
  };
}
