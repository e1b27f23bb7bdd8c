import { callOf, type Effect, type EngineEnding, type Input, type State, type Usage } from "../core/machine/state.ts";
import type { CompletionRequest, Engine, EngineWarning, Sampling } from "../engine/engine.ts";
import { ThreadweaverError } from "../errors.ts";
import { contextIds } from "./encode.ts";
import type { CheckedOptions } from "./options.ts";
import { callSeed } from "./seed.ts";

type Complete = Extract<Effect, { e: "complete" }>;

export interface EngineCallSetup {
  engine: Engine;
  state: State;
  id: string;
  seed: number;
  options: CheckedOptions;
  feed: (input: Input) => void;
  warn: (warning: EngineWarning) => void;
  /** Whether somebody listens to what is generated. */
  isHeard: () => boolean;
}

export interface Ended {
  reason: EngineEnding;
  usage?: Usage | undefined;
}

/** Turns the calls that a machine asks for into requests to an engine. One request a call. */
export class EngineCall {
  /** What the last call that failed failed with. */
  failure: unknown;
  readonly #setup: EngineCallSetup;

  constructor(setup: EngineCallSetup) {
    this.#setup = setup;
  }

  /** Never rejects for what an engine does: a loss is an ending too. */
  async make(effect: Complete, signal: AbortSignal): Promise<Ended> {
    if (signal.aborted) return { reason: { kind: "stop" } };
    const { engine, state, feed } = this.#setup;
    try {
      const prompt = await contextIds(state, effect.at, engine.tokenizer, feed);
      const room = engine.contextTokens - prompt.length;
      if (room <= 0 || prompt.length > (engine.maxPromptTokens ?? Infinity))
        return { reason: { kind: "refused", limit: "context" } };
      const request = this.#request(effect, prompt, room, signal);
      const { temperature, topP, repetitionPenalty, seed } = request.sampling;
      feed({
        t: "sent",
        call: effect.call,
        origin: { sampling: { temperature, topP, repetitionPenalty }, seed, attempt: 1 },
      });
      return await this.#stream(request, effect, room);
    } catch (error) {
      // We asked for it: what ended is the request, and the machine has decided the rest.
      if (signal.aborted) return { reason: { kind: "stop" } };
      this.failure = error;
      return { reason: { kind: "failed", message: error instanceof Error ? error.message : String(error) } };
    }
  }

  #request(effect: Complete, prompt: readonly number[], room: number, signal: AbortSignal): CompletionRequest {
    const { id, state, options, isHeard } = this.#setup;
    return {
      prompt,
      stop: { ids: [...callOf(state, effect.call).watch.ids.keys()] },
      maxTokens: Math.min(room, effect.maxTokens ?? room),
      sampling: this.#sampling(effect),
      signal,
      id: `${id}-${effect.call}`,
      extends: effect.from === undefined ? undefined : `${id}-${effect.from.call}`,
      session: id,
      // A marker that is looked for in the text is somebody who waits.
      coalesce: !isHeard() && callOf(state, effect.call).watch.text === undefined ? 128 : 1,
      logprobs: options.logprobs,
    };
  }

  async #stream(request: CompletionRequest, { call }: Complete, room: number): Promise<Ended> {
    const { engine, feed, warn } = this.#setup;
    for await (const event of engine.complete(request)) {
      if (event.type === "pieces") {
        feed({ t: "pieces", call, pieces: event.pieces });
      } else if (event.type === "warning") {
        warn(event.warning);
      } else {
        const { reason, eos, cachedTokens, weightVersion } = event;
        // Where the room was the limit, it is the context that is full.
        const full = reason === "length" && request.maxTokens === room;
        const kind = full ? "context" : reason;
        const usage = { cachedTokens, weightVersion };
        return kind === "stop"
          ? { reason: { kind, ...(eos === undefined ? {} : { eos }) }, usage }
          : { reason: { kind }, usage };
      }
    }
    throw new ThreadweaverError("engine_failed", `${engine.name} ended a call without saying why`);
  }

  #sampling({ sampling = {}, threadId, callIndex }: Complete): Sampling {
    const { temperature, topP, repetitionPenalty } = this.#setup.options;
    const own = {
      temperature: sampling.temperature ?? temperature,
      topP: sampling.topP ?? topP,
      repetitionPenalty: sampling.repetitionPenalty ?? repetitionPenalty,
    };
    // Greedy decoding needs no seed, and some engines pay for one.
    return own.temperature === 0 ? own : { ...own, seed: callSeed(this.#setup.seed, threadId, callIndex) };
  }
}
