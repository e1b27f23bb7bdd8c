import { onTestFinished } from "vitest";
import type { Piece } from "../../src/core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeKind, FakeServer, FakeServerOptions } from "../../src/testing/index.ts";

export const markers: readonly string[] = ["<Thread>", "</Thread>", "<Outlines>", "</Outlines>"];

/** Servers that return the ids of all tokens, and most tokens of a part: each has its own way to ask for many. */
export const idWays: readonly [kind: FakeKind, coalesce: number][] = [
  ["vllm", 1],
  ["vllm", 3],
  ["sglang", 1],
  ["sglang", 3],
  ["sglang-native", 1],
];

/** An engine on a fake server; both are closed when the test is over. */
export async function connect(
  fake: Partial<FakeServerOptions> & Pick<FakeServerOptions, "model">,
  options: Partial<CreateEngineOptions> = {},
): Promise<{ server: FakeServer; engine: ServerEngine }> {
  const server = await startFakeServer(fake);
  onTestFinished(() => server.close());
  const given = { contextTokens: fake.kind === "chat" || fake.kind === "text" ? 1000 : undefined };
  const engine = await createEngine({ baseURL: server.baseURL, controls: markers, ...given, ...options });
  onTestFinished(() => engine.close());
  return { server, engine };
}

export function requestOf(options: Partial<CompletionRequest> = {}): CompletionRequest {
  return {
    prompt: [256, 81, 10],
    stop: { ids: [] },
    maxTokens: 200,
    sampling: { temperature: 0, topP: 1 },
    signal: new AbortController().signal,
    ...options,
  };
}

export interface Outcome {
  /** Of each event of pieces. */
  parts: Piece[][];
  pieces: Piece[];
  ids: number[];
  text: string;
  end: Extract<CompletionEvent, { type: "end" }> | undefined;
  broken: Extract<CompletionEvent, { type: "broken" }> | undefined;
  /** What it broke off with. */
  error: unknown;
}

/** All that comes of a call, also where it breaks off. */
export async function outcomeOf(engine: Engine, options: Partial<CompletionRequest> = {}): Promise<Outcome> {
  const parts: Piece[][] = [];
  let end: Outcome["end"];
  let broken: Outcome["broken"];
  let error: unknown;
  try {
    for await (const event of engine.complete(requestOf(options))) {
      if (event.type === "pieces") parts.push(event.pieces);
      if (event.type === "end") end = event;
      if (event.type === "broken") broken = event;
    }
  } catch (thrown) {
    error = thrown;
  }
  const pieces = parts.flat();
  return {
    parts,
    pieces,
    ids: pieces.flatMap(({ ids }) => [...(ids ?? [])]),
    text: pieces.map(({ text }) => text).join(""),
    end,
    broken,
    error,
  };
}

/** Node's own fetch, except for requests that `replace` has another answer to. */
export function fetchWith(replace: (path: string, body: string) => Promise<Response> | undefined): typeof fetch {
  return async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : String(input));
    const body = typeof init?.body === "string" ? init.body : "";
    return (await replace(pathname, body)) ?? fetch(input, init);
  };
}

/** Whether a promise is settled when everything that can happen in this turn of the event loop has happened. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => void (settled = true),
    () => void (settled = true),
  );
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return settled;
}
