import type { Piece } from "../../src/core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest, Engine, Tokenizer } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";

/** Tags that are one token here; every other character is one token too, its code point being the id. */
const tags = [
  "<Parallel>",
  "</Parallel>",
  "<Outlines>",
  "</Outlines>",
  "<Outline>",
  "</Outline>",
  "<Thread>",
  "</Thread>",
  "</think>",
];
const firstTag = 0x11_0000;
const bos = firstTag + tags.length;
const eos = bos + 1;

function encodeWith(text: string, controls: readonly string[]): number[] {
  const ids: number[] = [];
  for (let at = 0; at < text.length;) {
    const tag = controls.find((c) => text.startsWith(c, at));
    ids.push(tag === undefined ? (text.codePointAt(at) ?? 0) : firstTag + tags.indexOf(tag));
    at += tag?.length ?? String.fromCodePoint(text.codePointAt(at) ?? 0).length;
  }
  return ids;
}

function decodeOne(id: number): string {
  if (id >= bos) return "";
  return id < firstTag ? String.fromCodePoint(id) : (tags[id - firstTag] ?? "");
}

const tokenizer: Tokenizer = {
  bos,
  eos: [eos],
  controls: tags,
  vocabularySize: eos + 1,
  encode: (text, { controls }) => encodeWith(text, controls === "parse" ? tags : []),
  encodeSync: (text, { controls }) => encodeWith(text, controls === "parse" ? tags : []),
  decode: (ids) => ids.map(decodeOne).join(""),
  renderChat: (messages) => [bos, ...encodeWith(messages.map((m) => `${m.content}\n`).join(""), [])],
};

/** What a call writes: text (tags become tokens), then the end of sequence, unless it breaks off or never ends. */
export interface Script {
  text: string;
  after?: "eos" | "break" | "hang" | "runOn";
}

export interface ScriptedEngine extends Engine {
  readonly requests: CompletionRequest[];
  /** Calls that were begun and have not ended. */
  readonly running: () => number;
  readonly mostAtOnce: () => number;
}

/** An engine without a model: each call writes what `answer` makes of its context. A token is a turn of the event loop. */
export function scriptedEngine(answer: (context: string) => Script, contextTokens = 10_000): ScriptedEngine {
  const requests: CompletionRequest[] = [];
  let running = 0;
  let most = 0;
  return {
    name: "scripted",
    model: "script",
    contextTokens,
    parallelCalls: undefined,
    tokenizer,
    requests,
    running: () => running,
    mostAtOnce: () => most,
    close: async () => {},
    async *complete(request): AsyncGenerator<CompletionEvent> {
      requests.push(request);
      running += 1;
      most = Math.max(most, running);
      try {
        yield* write(request, answer(request.prompt.map(decodeOne).join("")));
      } finally {
        running -= 1;
      }
    },
  };
}

async function* write(request: CompletionRequest, script: Script): AsyncGenerator<CompletionEvent> {
  const after = script.after ?? "eos";
  const ids = [...encodeWith(script.text, tags), ...(after === "eos" ? [eos] : [])];
  const stops = new Set([...request.stop.ids, eos]);
  let count = 0;
  for (;;) {
    await turn();
    if (request.signal.aborted) throw new ThreadweaverError("aborted", "aborted", { cause: request.signal.reason });
    if (count === request.maxTokens) return yield { type: "end", reason: "length" };
    const id = ids[count] ?? (after === "runOn" ? 46 : undefined);
    if (id === undefined) break;
    count += 1;
    const piece: Piece = { ids: [id], text: decodeOne(id) };
    yield { type: "pieces", pieces: [piece] };
    if (stops.has(id)) return yield { type: "end", reason: "stop" };
  }
  if (after === "break") throw new ThreadweaverError("engine_failed", "the connection was closed");
  await new Promise<never>((_, reject) => {
    const abort = () => reject(new ThreadweaverError("aborted", "aborted", { cause: request.signal.reason }));
    if (request.signal.aborted) abort();
    request.signal.addEventListener("abort", abort, { once: true });
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A ThreadWeaver answer: a plan of `threads`, what each writes, and the rest. */
export function planned(
  threads: Record<string, Script>,
  end: Script = { text: "</Parallel>\nso it is</think>12" },
): (context: string) => Script {
  const plan = Object.keys(threads)
    .map((id) => `<Outline>${id}: part</Outline>\n`)
    .join("");
  return (context) => {
    if (!context.includes("</Outlines>")) return { text: `Split.<Parallel>\n<Outlines>\n${plan}</Outlines>` };
    const id = /\n<Thread>\n([0-9.]+):$/.exec(context)?.[1];
    return id === undefined ? end : (threads[id] ?? { text: "?" });
  };
}
