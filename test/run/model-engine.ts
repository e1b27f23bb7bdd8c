import type { Piece } from "../../src/core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { Chance } from "../core/drive.ts";
import type { Model } from "../reference/transcript.ts";

/**
 * `ids`: markers are tokens, and the engine stops at them. `runsOn`: it does not, as llama.cpp's server. `spelled`: they
 * are found in the text. `text`: so too, and pieces have no ids at all.
 */
export type EngineMode = "ids" | "runsOn" | "spelled" | "text";

export interface ModelEngine extends Engine {
  readonly running: () => number;
  /** Tokens that were handed over, by the name of the request. */
  readonly delivered: Map<string, number>;
  /** Calls that were broken off. */
  readonly aborted: Set<string>;
  /** Tokens of the largest part. */
  readonly largest: () => number;
}

/** Where a call stands: what a scripted model's output depends on. */
export interface Standing {
  readonly threadId: string;
  readonly callIndex: number;
}

/** An engine whose model is scripted: its calls run side by side, in parts of any size, in any order. */
export function modelEngine(
  model: Model,
  mode: EngineMode,
  chance: Chance,
  standingOf: (call: number) => Standing,
): ModelEngine {
  const { vocabulary } = model;
  const { bos, eos } = vocabulary;
  const controls = mode === "ids" || mode === "runsOn" ? vocabulary.markers : [];
  const encode = (text: string, parse: boolean) =>
    parse && controls.length > 0 ? vocabulary.encode(text) : vocabulary.encodePlain(text);
  let running = 0;
  let largest = 0;
  const delivered = new Map<string, number>();
  const aborted = new Set<string>();
  return {
    name: "model",
    model: "scripted",
    contextTokens: 100_000,
    parallelCalls: undefined,
    tier: mode === "text" ? "text" : "ids",
    tokenizer: {
      bos,
      eos: mode === "text" ? [] : [eos],
      controls: [],
      vocabularySize: undefined,
      encode: async (text, options) => encode(text, options.controls === "parse"),
      encodeSync: (text, options) => encode(text, options.controls === "parse"),
      decode: (ids) => vocabulary.decode(ids),
      renderChat: async (messages) => [bos, ...encode(messages.map((m) => `${m.content}\n`).join(""), false)],
    },
    running: () => running,
    delivered,
    aborted,
    largest: () => largest,
    close: async () => {},
    async *complete(request): AsyncGenerator<CompletionEvent> {
      const call = request.id ?? "";
      const { threadId, callIndex } = standingOf(Number(call.split("-").at(-1)));
      running += 1;
      try {
        for await (const event of write(model, mode, chance, request, threadId, callIndex)) {
          if (event.type === "pieces") {
            const tokens = event.pieces.reduce((sum, { ids }) => sum + (ids?.length ?? 1), 0);
            largest = Math.max(largest, tokens);
            delivered.set(call, (delivered.get(call) ?? 0) + tokens);
          }
          yield event;
        }
      } finally {
        running -= 1;
        if (request.signal.aborted) aborted.add(call);
      }
    },
  };
}

async function* write(
  model: Model,
  mode: EngineMode,
  chance: Chance,
  request: CompletionRequest,
  threadId: string,
  callIndex: number,
): AsyncGenerator<CompletionEvent> {
  const { ids, fate } = model.output(request.prompt, threadId, callIndex);
  const { eos } = model.vocabulary;
  const stops = new Set([eos, ...(mode === "ids" ? request.stop.ids : [])]);
  let left = request.maxTokens;
  for (let at = 0; at < ids.length;) {
    await turns(chance(3));
    if (request.signal.aborted) throw new ThreadweaverError("aborted", "aborted", { cause: request.signal.reason });
    const most = Math.min(left, request.coalesce ?? 1, 1 + chance(4));
    const part = partOf(ids, at, most, stops);
    at += part.length;
    left -= part.length;
    const pieces = piecesOf(part, model, mode);
    if (pieces.length > 0) yield { type: "pieces", pieces };
    const last = part.at(-1);
    if (last !== undefined && stops.has(last)) return yield { type: "end", reason: "stop" };
    if (left <= 0) return yield { type: "end", reason: "length" };
  }
  await turns(chance(2));
  if (fate === "failed" || fate === "cut") throw new ThreadweaverError("engine_failed", "the line was cut");
  yield { type: "end", reason: fate === "length" ? "length" : "stop" };
}

/** The next tokens: at most so many, none after a stop, and no half of a character at the end. */
function partOf(ids: readonly number[], from: number, most: number, stops: ReadonlySet<number>): number[] {
  const part: number[] = [];
  for (const id of ids.slice(from)) {
    const previous = part.at(-1);
    const closesCharacter = previous !== undefined && isHighHalf(previous) && id >= 0xdc00 && id < 0xe000;
    if (part.length >= most && !closesCharacter) break;
    part.push(id);
    if (stops.has(id)) break;
  }
  return part;
}

const isHighHalf = (id: number): boolean => id >= 0xd800 && id < 0xdc00;

/** One piece a token; a character of two code units is one piece. */
function piecesOf(part: readonly number[], { vocabulary }: Model, mode: EngineMode): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < part.length; at += 1) {
    const ids = [part[at] ?? 0];
    const next = part[at + 1];
    if (isHighHalf(ids[0] ?? 0) && next !== undefined && next >= 0xdc00 && next < 0xe000) {
      ids.push(next);
      at += 1;
    }
    const text = vocabulary.decode(ids);
    if (mode !== "text") pieces.push({ ids, text });
    else if (text !== "") pieces.push({ text });
  }
  return pieces;
}

export async function turns(n: number): Promise<void> {
  for (let i = 0; i < n; i += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
}
