import { readFileSync } from "node:fs";
import type { Piece } from "../../src/core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";

export const modelPath: string = new URL("../../models/forkjoin-arith-f16.gguf", import.meta.url).pathname;

/** A problem with the greedy answer of the framework that the model was trained in. */
export interface Transcript {
  prompt: string;
  /** Up to and with `</Outlines>`. */
  pre: string;
  /** Each after its header `\n<Thread>\n1:`, up to and with `</Thread>`. */
  threads: string[];
  /** After the inserted `\n</Parallel>\n`. */
  post: string;
  /** All of it, prompt included. */
  text: string;
}

export const transcripts: Transcript[] = JSON.parse(
  readFileSync(new URL("../fixtures/reference-transcripts.json", import.meta.url), "utf8"),
) as Transcript[];

export interface Completed {
  pieces: Piece[];
  ids: number[];
  text: string;
  end: Extract<CompletionEvent, { type: "end" }> | undefined;
}

export function request(prompt: readonly number[], options: Partial<CompletionRequest> = {}): CompletionRequest {
  return {
    prompt,
    stop: { ids: [] },
    maxTokens: 2000,
    sampling: { temperature: 0, topP: 1 },
    signal: new AbortController().signal,
    ...options,
  };
}

export async function complete(
  engine: Engine,
  prompt: readonly number[],
  options: Partial<CompletionRequest> = {},
): Promise<Completed> {
  const pieces: Piece[] = [];
  let end: Completed["end"];
  for await (const event of engine.complete(request(prompt, options))) {
    if (event.type === "pieces") pieces.push(...event.pieces);
    else if (event.type === "end") end = event;
  }
  return {
    pieces,
    ids: pieces.flatMap(({ ids }) => [...(ids ?? [])]),
    text: pieces.map(({ text }) => text).join(""),
    end,
  };
}

/** Begin of sequence and text with its markers. */
export async function encodePrompt({ tokenizer }: Engine, text: string): Promise<number[]> {
  const ids = await tokenizer.encode(text, { controls: "parse" });
  return tokenizer.bos === undefined ? ids : [tokenizer.bos, ...ids];
}

export async function markerId(engine: Engine, marker: string): Promise<number> {
  const ids = await engine.tokenizer.encode(marker, { controls: "parse" });
  if (ids.length !== 1) throw new Error(`${marker} is not one token`);
  return ids[0] ?? -1;
}
