import { setTimeout as sleep } from "node:timers/promises";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";

/**
 * An engine, some of whose calls are artificial stragglers: what they generate is handed over so many milliseconds late for
 * each token. The model and its server are as quick as ever.
 *
 * @param isSlow whether the call of this number is one. Requests are named `run-call`.
 */
export function slowed(engine: Engine, isSlow: (call: number) => boolean, msPerToken: number): Engine {
  return new Proxy(engine, {
    get(target, key) {
      if (key === "complete") return complete;
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

  async function* complete(request: CompletionRequest): AsyncGenerator<CompletionEvent> {
    const ms = isSlow(Number(request.id?.split("-").at(-1))) ? msPerToken : 0;
    for await (const event of engine.complete(request)) {
      if (event.type === "pieces" && ms > 0) {
        // One that is cut waits no longer: the engine says at its next event that it was.
        await sleep(event.pieces.length * ms, undefined, { signal: request.signal }).catch(() => {});
      }
      yield event;
    }
  }
}
