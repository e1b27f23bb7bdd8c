import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";

/** How long it took from the end of what a call waited for to its own first token. */
export interface Gap {
  ms: number;
}

/** An engine that notes the gaps between the calls of one run at a time. */
export function watched(engine: Engine, gaps: Gap[]): Engine {
  const ends: number[] = [];
  return new Proxy(engine, {
    get(target, key) {
      if (key === "complete") return complete;
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

  async function* complete(request: CompletionRequest): AsyncGenerator<CompletionEvent> {
    // What ended last before this call was asked for is what it waited for. The first call of a run waited for nothing.
    const before = request.extends === undefined ? undefined : ends.at(-1);
    let isFirst = true;
    let isOver = false;
    const end = (): void => {
      if (!isOver) ends.push(performance.now());
      isOver = true;
    };
    request.signal.addEventListener("abort", end, { once: true });
    try {
      for await (const event of engine.complete(request)) {
        if (event.type === "pieces") {
          if (isFirst && before !== undefined) gaps.push({ ms: performance.now() - before });
          isFirst = false;
          const id = event.pieces.at(-1)?.ids?.at(-1);
          if (id !== undefined && request.stop.ids.includes(id)) end();
        }
        yield event;
      }
    } finally {
      end();
      request.signal.removeEventListener("abort", end);
    }
  }
}
