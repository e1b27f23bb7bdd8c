import type { CompletionEvent, CompletionRequest } from "../../src/engine/engine.ts";
import { scriptedEngine, type ScriptedEngine } from "../run/scripted-engine.ts";

/** A scripted engine whose tokens have odds. */
export function engineWithOdds(answer: Parameters<typeof scriptedEngine>[0]): ScriptedEngine {
  const engine = scriptedEngine(answer);
  async function* complete(request: CompletionRequest): AsyncGenerator<CompletionEvent> {
    for await (const event of engine.complete(request)) {
      if (event.type !== "pieces") yield event;
      else
        yield { ...event, pieces: event.pieces.map((piece) => ({ ...piece, logprobs: piece.ids?.map(() => -0.5) })) };
    }
  }
  return { ...engine, complete };
}

export async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
