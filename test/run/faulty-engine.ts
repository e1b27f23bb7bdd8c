import type { Piece } from "../../src/core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";

/** What goes wrong with an attempt: after how many tokens it breaks off, and with what. */
export interface Fault {
  after: number;
  error?: ThreadweaverError;
  /** Whether it says what it holds, and what it counted. @defaultValue true */
  broken?: boolean;
}

const lost = (): ThreadweaverError => new ThreadweaverError("engine_failed", "the line was cut", { retryable: true });

export interface FaultyEngine extends Engine {
  /** All attempts, in the order in which they came. */
  readonly attempts: CompletionRequest[];
  /** The first attempt of each call. A run that is resumed gives the names of calls that it does not know to others. */
  readonly firsts: Map<string, CompletionRequest>;
}

/**
 * An engine on another one, whose calls break off. An attempt that goes on gets what the other engine says after the
 * first attempt's prompt, from where the first one stopped: what a real one would say without chance.
 *
 * @param faultOf is asked for each attempt of a call, which is named by its request.
 */
export function faultyEngine(
  inner: Engine,
  faultOf: (call: string, attempt: number) => Fault | undefined,
): FaultyEngine {
  const attempts: CompletionRequest[] = [];
  const firsts = new Map<string, CompletionRequest>();
  return {
    ...inner,
    attempts,
    firsts,
    async *complete(request) {
      attempts.push(request);
      const { call, attempt } = nameOf(request);
      const first = firsts.get(call) ?? request;
      firsts.set(call, first);
      yield* goOn(inner, first, request, faultOf(call, attempt));
    },
  };
}

export function nameOf({ id = "" }: CompletionRequest): { call: string; attempt: number } {
  const [call = "", attempt = "1"] = id.split(/a(?=\d+$)/);
  return { call, attempt: Number(attempt) };
}

async function* goOn(
  inner: Engine,
  first: CompletionRequest,
  request: CompletionRequest,
  fault: Fault | undefined,
): AsyncGenerator<CompletionEvent> {
  const held = request.held?.ids?.length ?? 0;
  let skip = request.prompt.length - first.prompt.length - held;
  let left = fault?.after ?? Infinity;
  const { signal, coalesce } = request;
  for await (const event of inner.complete({ ...first, signal, coalesce })) {
    if (event.type !== "pieces") {
      // The last token has come, but not the reason.
      if (event.type === "end" && fault !== undefined) throw fault.error ?? lost();
      yield event;
      continue;
    }
    const pieces: Piece[] = [];
    for (const piece of event.pieces) {
      const tokens = piece.ids?.length ?? 1;
      if (skip > 0) {
        skip -= tokens;
        continue;
      }
      if (left < tokens) {
        if (pieces.length > 0) yield { type: "pieces", pieces };
        if (fault?.broken !== false) {
          const half = piece.ids?.slice(0, left);
          yield {
            type: "broken",
            ...(half !== undefined && half.length > 0 && { held: { ids: half, text: "\uFFFD" } }),
          };
        }
        throw fault?.error ?? lost();
      }
      left -= tokens;
      pieces.push(piece);
    }
    if (pieces.length > 0) yield { type: "pieces", pieces };
  }
}
