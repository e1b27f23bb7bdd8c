import type { Piece } from "../../../src/core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest } from "../../../src/engine/engine.ts";
import { ThreadweaverError } from "../../../src/errors.ts";
import { scriptedEngine, type ScriptedEngine } from "../scripted-engine.ts";

/** What an attempt writes; without `end` it never ends. `sure`: the confidence of its tokens. */
export interface Script {
  text: string;
  end?: boolean;
  sure?: number;
  breaks?: boolean;
}

/** The prompt of all attempts. */
export const question = { prompt: "Q" };

const plain = scriptedEngine(() => ({ text: "" }));
const [endOfSequence = 0] = plain.tokenizer.eos;

/** An engine on which the n-th attempt writes the n-th script, a token a turn, wherever it goes on from. */
export function attemptEngine(scripts: readonly Script[]): ScriptedEngine {
  const requests: CompletionRequest[] = [];
  return {
    ...plain,
    requests,
    samplingDefaults: undefined,
    async *complete(request): AsyncGenerator<CompletionEvent> {
      const first = requests.find(({ id }) => id === request.id?.replace(/a\d+$/, ""));
      requests.push(request);
      const call = Number(/-(\d+)(?:a\d+)?$/.exec(request.id ?? "")?.[1]);
      const script = scripts[call] ?? { text: "" };
      const ids = [
        ...Array.from(script.text, (c) => c.codePointAt(0) ?? 0),
        ...(script.end === false ? [] : [endOfSequence]),
      ];
      const begin = request.prompt.length - (first?.prompt.length ?? basePrompt);
      for (const id of ids.slice(begin)) {
        await turn();
        throwIfAborted(request);
        yield { type: "pieces", pieces: [pieceOf(id, script, request)] };
        if (id === endOfSequence) return yield { type: "end", reason: "stop" };
      }
      if (script.breaks === true) throw new ThreadweaverError("engine_failed", "the line was cut");
      await forever(request);
    },
  };
}

/** Begin of sequence and the question. */
const basePrompt = 2;

function pieceOf(id: number, { sure = 1 }: Script, { logprobs }: CompletionRequest): Piece {
  const text = id === endOfSequence ? "" : String.fromCodePoint(id);
  if (typeof logprobs !== "object") return { ids: [id], text };
  const top = Array.from({ length: logprobs.top }, (_, n) => ({ id: n, logprob: -sure }));
  return { ids: [id], text, logprobs: [-0.5], topLogprobs: [top] };
}

function throwIfAborted({ signal }: CompletionRequest): void {
  if (signal.aborted) throw new ThreadweaverError("aborted", "aborted", { cause: signal.reason });
}

async function forever(request: CompletionRequest): Promise<void> {
  await new Promise<void>((resolve) => {
    if (request.signal.aborted) resolve();
    request.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  throwIfAborted(request);
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
