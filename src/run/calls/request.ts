import type { Effect, Usage, EngineEnding } from "../../core/machine/protocol.ts";
import { callOf, forkOf, sequenceOf, type State } from "../../core/machine/state.ts";
import { tokensBetween } from "../../core/trie/path.ts";
import type { Piece } from "../../core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest, Engine, Sampling } from "../../engine/engine.ts";
import type { CheckedOptions } from "../options.ts";
import { logprobsFor } from "../policies/logprobs.ts";
import { samplingOf } from "./sampling.ts";
import { callSeed } from "./seed.ts";

/** What the machine asks for: continue a sequence. */
export type Complete = Extract<Effect, { e: "complete" }>;

export interface RequestSetup {
  engine: Engine;
  state: State;
  /** Of the run; what its requests are named after. */
  id: string;
  seed: number;
  options: CheckedOptions;
  /** Whether single tokens are wanted as they come. */
  isHeard: () => boolean;
}

export interface AttemptSetup {
  attempt: number;
  prompt: readonly number[];
  held: Piece | undefined;
  /** Tokens that the context has room for after the prompt. */
  room: number;
  /** Tokens that earlier attempts generated, held ones included. */
  generated: number;
  signal: AbortSignal;
}

/** The request of one attempt of a call. */
export function requestOf(setup: RequestSetup, effect: Complete, own: AttemptSetup): CompletionRequest {
  const { id, state, options, isHeard } = setup;
  const { stops } = callOf(state, effect.call);
  // A marker that is looked for in the text must be seen as soon as it comes. Where a policy may cut, what a server
  // has generated and not sent yet would be paid for and not be counted.
  const mayBeCut = options.policy.length > 0 && effect.threadId !== "0";
  // What broke may have been silent for too long, because a slow engine did not come to the end of its part.
  const isFirst = own.attempt === 1;
  const isWatched = isHeard() || stops.text !== undefined || mayBeCut || !isFirst;
  return {
    prompt: own.prompt,
    held: own.held,
    // Where a prompt ends inside a character, vLLM 0.32 looks for the strings in the prompt, too.
    stop: { ids: [...stops.ids.keys()], strings: isFirst ? stops.strings : undefined },
    // Where held tokens reach the limit, the machine ends the call as soon as they come.
    maxTokens: Math.min(own.room, Math.max(1, (effect.maxTokens ?? Infinity) - own.generated)),
    sampling: samplingFor(setup, effect, own.attempt),
    signal: own.signal,
    id: isFirst ? `${id}-${effect.call}` : `${id}-${effect.call}a${own.attempt}`,
    // What a later attempt goes on from may be in no cache any more.
    extends: effect.from === undefined || !isFirst ? undefined : `${id}-${effect.from.call}`,
    shared: effect.from === undefined ? sharedTokens(state, effect) : undefined,
    session: id,
    // A constraint describes the whole answer: what goes on from a part of it cannot be kept to it.
    constraint: own.generated === 0 ? effect.constraint : undefined,
    coalesce: isWatched ? undefined : (effect.maxPart ?? Infinity),
    together: true,
    logprobs: logprobsFor(options, effect.threadId),
    templateOptions: options.templateOptions,
    headers: options.headers,
    extraBody: options.extraBody,
  };
}

/** What a thread has in common with the others of its fork. */
function sharedTokens(state: State, { call, at }: Complete): number | undefined {
  const { parent } = sequenceOf(state, callOf(state, call).sequence);
  if (parent === undefined) return undefined;
  const { kind } = state.dialect.context;
  if (kind === "prompt") return tokensBetween(state.trie, undefined, at); // all of it
  const goesOn = kind === "prefix" || kind === "given"; // the others have prompts of their own
  return goesOn ? tokensBetween(state.trie, undefined, forkOf(state, parent.fork).position) : undefined;
}

function samplingFor({ options, engine, seed }: RequestSetup, effect: Complete, attempt: number): Sampling {
  const { sampling: thread, threadId, callIndex } = effect;
  const isThread = threadId !== "0";
  const drawn = samplingOf({ own: options, thread, isThread, defaults: engine.samplingDefaults });
  // Greedy decoding needs no seed, and some engines pay for one.
  return drawn.temperature === 0 ? drawn : { ...drawn, seed: callSeed(seed, threadId, callIndex, attempt) };
}

type Counted = Pick<
  Extract<CompletionEvent, { type: "broken" }>,
  "cachedTokens" | "completionTokens" | "weightVersion"
>;

/** What an engine counted, without what it does not know. */
export function usageOf({ cachedTokens, completionTokens, weightVersion }: Counted): Usage {
  const usage: Usage = {};
  if (cachedTokens !== undefined) usage.cachedTokens = cachedTokens;
  if (completionTokens !== undefined) usage.completionTokens = completionTokens;
  if (weightVersion !== undefined) usage.weightVersion = weightVersion;
  return usage;
}

/** @param isRoom whether the room in the context was the limit: then it is the context that is full. */
export function endingOf(
  { reason, eos }: Pick<Extract<CompletionEvent, { type: "end" }>, "reason" | "eos">,
  isRoom: boolean,
): EngineEnding {
  if (reason === "stop") return eos === undefined ? { kind: "stop" } : { kind: "stop", eos };
  return { kind: reason === "length" && isRoom ? "context" : reason };
}
