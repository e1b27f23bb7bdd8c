import type { LimitFunction } from "p-limit";
import type { Effect, EngineEnding, UntimedInput, Usage } from "../core/machine/protocol.ts";
import { callOf, type CallId, type State } from "../core/machine/state.ts";
import type { CompletionEvent, CompletionRequest, Engine, EngineWarning, Sampling } from "../engine/engine.ts";
import { roomFor } from "../engine/room.ts";
import { ThreadweaverError } from "../errors.ts";
import { checkPieces, contractError } from "./contract.ts";
import { contextIds, type Context } from "./encode.ts";
import { messageOf } from "./failure.ts";
import type { CheckedOptions } from "./options.ts";
import { isKnown, samplingOf } from "./sampling.ts";
import { callSeed } from "./seed.ts";

type Complete = Extract<Effect, { e: "complete" }>;

export interface CallsSetup {
  engine: Engine;
  state: State;
  /** Slots for requests, shared by all runs of a runner. Only a request takes one: a parent that waits holds none. */
  slots: LimitFunction;
  /** Of the run; what the engine's requests are named after. */
  id: string;
  seed: number;
  options: CheckedOptions;
  feed: (input: UntimedInput) => void;
  warn: (warning: EngineWarning) => void;
  /** A mistake that no single call explains. */
  die: (error: unknown) => void;
  /** Whether single tokens are wanted as they come. */
  isHeard: () => boolean;
  /** No call is left: none waits, runs or is being closed. */
  onIdle: () => void;
}

/** One call between its effect and the end of its stream. */
interface Active {
  readonly effect: Complete;
  readonly controller: AbortController;
  /** Resolves when its slot is free again. */
  readonly slot: PromiseWithResolvers<void>;
  /** Its request has been made, or its context is being encoded. */
  started: boolean;
  /** The machine knows that it has ended. */
  over: boolean;
}

/** Turns the calls that a machine asks for into requests to an engine, one request a call, and feeds what they bring. */
export class Calls {
  readonly #setup: CallsSetup;
  readonly #active = new Map<CallId, Active>();
  readonly #failures = new Map<string, unknown>();
  #isSamplingKnown = true;

  constructor(setup: CallsSetup) {
    this.#setup = setup;
  }

  get idle(): boolean {
    return this.#active.size === 0;
  }

  /** Who decided how tokens were drawn: `server` where something that matters was left to it. */
  get samplingBy(): "run" | "server" {
    return this.#isSamplingKnown ? "run" : "server";
  }

  /** What the last call of a sequence failed with. */
  failureOf(threadId: string): unknown {
    return this.#failures.get(threadId);
  }

  /** Makes the request as soon as a slot is free. */
  begin(effect: Complete): void {
    const call: Active = {
      effect,
      controller: new AbortController(),
      slot: Promise.withResolvers<void>(),
      started: false,
      over: false,
    };
    this.#active.set(effect.call, call);
    this.#setup
      .slots(() => {
        // One that was cancelled while it waited takes no slot.
        if (call.over) return undefined;
        call.started = true;
        void this.#make(call).finally(() => this.#close(call));
        return call.slot.promise;
      })
      .catch(this.#setup.die);
  }

  /** Ends a call at once: the engine is asked to stop, and what it still sends is not read. */
  cancel(id: CallId): void {
    const call = this.#active.get(id);
    if (call !== undefined) this.#cancel(call);
  }

  /** Ends every call, and waits for none. */
  abortAll(): void {
    for (const call of this.#active.values()) this.#cancel(call);
    this.#active.clear();
  }

  #cancel(call: Active): void {
    this.#end(call, { kind: "stop" });
    call.controller.abort();
    call.slot.resolve();
    if (!call.started) this.#active.delete(call.effect.call);
  }

  /** Feeds the end of a call to the machine, once. */
  #end(call: Active, reason: EngineEnding, usage?: Usage): void {
    if (call.over) return;
    call.over = true;
    this.#setup.feed({ t: "ended", call: call.effect.call, reason, ...(usage && { usage }) });
  }

  /** Its stream is closed. */
  #close(call: Active): void {
    call.slot.resolve();
    if (this.#active.get(call.effect.call) !== call) return;
    this.#active.delete(call.effect.call);
    if (this.idle) this.#setup.onIdle();
  }

  /** Never rejects: what an engine does is an ending too. */
  async #make(call: Active): Promise<void> {
    const { engine, state, feed } = this.#setup;
    const { effect, controller } = call;
    try {
      const context = await contextIds(state, effect.at, engine.tokenizer, feed, controller.signal);
      if (call.over) return;
      const room = roomFor(engine, context.ids.length);
      const request = this.#request(call, context.ids, room);
      feed(sentInput(effect, context, request.sampling));
      if (call.over) return; // the machine may have cancelled it just now
      await this.#stream(call, request, room);
    } catch (error) {
      if (call.over) return;
      if (ThreadweaverError.isInstance(error) && error.code === "context_exceeded") {
        this.#end(call, { kind: "refused", limit: "context" });
        return;
      }
      this.#failures.set(effect.threadId, error);
      this.#end(call, { kind: "failed", message: messageOf(error) });
    }
  }

  #request({ effect, controller }: Active, prompt: readonly number[], room: number): CompletionRequest {
    const { id, state, options, isHeard } = this.#setup;
    const { stops } = callOf(state, effect.call);
    // A marker that is looked for in the text must be seen as soon as it comes.
    const isWatched = isHeard() || stops.text !== undefined;
    return {
      prompt,
      stop: { ids: [...stops.ids.keys()] },
      maxTokens: Math.min(room, effect.maxTokens ?? room),
      sampling: this.#sampling(effect),
      signal: controller.signal,
      id: `${id}-${effect.call}`,
      extends: effect.from === undefined ? undefined : `${id}-${effect.from.call}`,
      session: id,
      coalesce: isWatched ? undefined : (effect.maxPart ?? Infinity),
      together: true,
      logprobs: options.logprobs,
      headers: options.headers,
      extraBody: options.extraBody,
    };
  }

  async #stream(call: Active, request: CompletionRequest, room: number): Promise<void> {
    const { engine, state, feed, warn, die } = this.#setup;
    const { threadId } = call.effect;
    const machineCall = callOf(state, call.effect.call);
    const stopIds = new Set([...request.stop.ids, ...engine.tokenizer.eos]);
    let hasEnded = false;
    for await (const event of engine.complete(request)) {
      if (event.type === "warning") {
        warn(event.warning);
        continue;
      }
      if (hasEnded) {
        const came = event.type === "pieces" ? "pieces came" : "a second end came";
        die(contractError(engine, threadId, `${came} after the end; nothing may follow it`));
        return;
      }
      if (call.over) return; // cancelled
      if (event.type === "end") {
        hasEnded = true;
        const { reason, usage } = endingOf(event, request.maxTokens === room);
        this.#end(call, reason, usage);
        continue;
      }
      checkPieces(engine, threadId, event.pieces, stopIds);
      feed({ t: "pieces", call: call.effect.call, pieces: event.pieces });
      if (machineCall.wasted === 0) continue;
      // The machine has ended this call, and this engine goes on: its stream is closed.
      this.#cancel(call);
      return;
    }
    if (!hasEnded && !call.over) throw contractError(engine, threadId, "the call came to its end without an end event");
  }

  #sampling({ sampling: thread, threadId, callIndex }: Complete): Sampling {
    const { options: own, engine, seed } = this.#setup;
    const isThread = threadId !== "0";
    const drawn = samplingOf({ own, thread, isThread, defaults: engine.samplingDefaults });
    this.#isSamplingKnown &&= isKnown(drawn);
    // Greedy decoding needs no seed, and some engines pay for one.
    return drawn.temperature === 0 ? drawn : { ...drawn, seed: callSeed(seed, threadId, callIndex) };
  }
}

function sentInput(
  { call }: Complete,
  { ids, isEncodedAgain }: Context,
  { seed, ...sampling }: Sampling,
): UntimedInput {
  return {
    t: "sent",
    call,
    attempt: 1,
    promptTokens: ids.length,
    ...(isEncodedAgain && { promptIds: ids }),
    sampling,
    ...(seed !== undefined && { seed }),
  };
}

/** @param isRoom whether the room in the context was the limit: then it is the context that is full. */
function endingOf(
  { reason, eos, cachedTokens, completionTokens, weightVersion }: Extract<CompletionEvent, { type: "end" }>,
  isRoom: boolean,
): { reason: EngineEnding; usage: Usage } {
  const usage: Usage = {};
  if (cachedTokens !== undefined) usage.cachedTokens = cachedTokens;
  if (completionTokens !== undefined) usage.completionTokens = completionTokens;
  if (weightVersion !== undefined) usage.weightVersion = weightVersion;
  if (reason === "stop") return { reason: eos === undefined ? { kind: "stop" } : { kind: "stop", eos }, usage };
  return { reason: { kind: reason === "length" && isRoom ? "context" : reason }, usage };
}
