import type { LimitFunction } from "p-limit";
import type { Dialect } from "../core/dialects/schema.ts";
import { step } from "../core/machine/machine.ts";
import { createState, type Effect, type Input, type State } from "../core/machine/state.ts";
import type { Engine } from "../engine/engine.ts";
import { requireTier } from "../engine/tier.ts";
import { ThreadweaverError } from "../errors.ts";
import { buildResult } from "./build-result.ts";
import { EventChannel } from "./channel.ts";
import { encodeRest } from "./encode.ts";
import { EngineCall } from "./engine-call.ts";
import { Narrator } from "./narrator.ts";
import type { CheckedOptions, RunInput, RunOptions } from "./options.ts";
import { encodePrompt } from "./prompt.ts";
import type { RunResult, RunWarning } from "./result.ts";
import { ThreadClock } from "./thread-clock.ts";
import { resolveVocabulary } from "./vocabulary.ts";

type Complete = Extract<Effect, { e: "complete" }>;

export interface ExecutionSetup {
  engine: Engine;
  dialect: Dialect;
  /** Slots for requests, shared by all runs of a runner. Only a request takes one: a parent that waits holds none. */
  slots: LimitFunction;
  now: () => number;
  /** Of this run; what the engine's requests are named after. */
  id: string;
  seed: number;
  options: CheckedOptions;
  onInput: RunOptions["onInput"];
}

/** One run: drives the machine, makes the requests that it asks for, and feeds it what they bring. */
export class Execution {
  readonly channel = new EventChannel();
  readonly #setup: ExecutionSetup;
  readonly #state: State;
  readonly #clock: ThreadClock;
  readonly #narrator: Narrator;
  readonly #warnings: RunWarning[] = [];
  readonly #controllers = new Map<number, AbortController>();
  readonly #requests = new Set<Promise<void>>();
  readonly #call: EngineCall;
  #aborted: { reason: unknown } | undefined;
  #finished = Promise.withResolvers<void>();

  constructor(setup: ExecutionSetup) {
    this.#setup = setup;
    const { maxThreads, maxForks, maxThreadTokens, maxTokens } = setup.options;
    this.#state = createState({
      dialect: setup.dialect,
      limits: { threads: maxThreads, forks: maxForks, threadTokens: maxThreadTokens, runTokens: maxTokens },
    });
    this.#clock = new ThreadClock(setup.now);
    this.#narrator = new Narrator(this.#state, this.channel, this.#clock);
    this.#call = new EngineCall({
      ...setup,
      state: this.#state,
      feed: (input) => this.#feed(input),
      warn: (warning) => this.#warn({ ...warning, threadId: "" }),
      isHeard: () => this.channel.listening,
    });
  }

  /** The whole run. Rejects with a `ThreadweaverError` whose `partial` is all that was made. */
  async run(input: RunInput): Promise<RunResult> {
    const { engine, dialect, options } = this.#setup;
    try {
      const { tokenizer } = engine;
      requireTier(dialect, engine);
      const prompt = await encodePrompt(input, engine, options.specialInPrompt);
      const promptTokens = prompt.ids?.length ?? 0;
      checkRoom(promptTokens, engine);
      const vocabulary = await resolveVocabulary(dialect, engine);
      this.#throwIfAborted();
      const { name } = dialect;
      for (const warning of engine.warnings ?? []) this.#warn({ ...warning, threadId: "" });
      this.channel.push({
        type: "run-start",
        at: this.#clock.at,
        dialect: name,
        mode: options.mode,
        model: engine.model,
        promptTokens,
      });
      this.#feed({ t: "start", prompt, vocabulary });
      await this.#finished.promise;
      // Requests that were cancelled still end, so that nothing of this run is left at the engine.
      while (this.#requests.size > 0) await Promise.all(this.#requests);
      // A server that is gone cannot encode the rest either: what it failed with first is what the run failed with.
      const rest = encodeRest(this.#state, tokenizer, (i) => this.#feed(i));
      await rest.catch((error: unknown) => Promise.reject(this.#call.failure ?? error));
    } catch (error) {
      throw this.#failed(error);
    }
    const result = this.#result();
    this.channel.push({ type: "run-end", at: this.#clock.at, result });
    if (this.#aborted !== undefined) throw this.#failed(abortedError(this.#aborted.reason), result);
    if (result.ending.kind === "failed") throw this.#failed(this.#call.failure, result);
    return result;
  }

  /** Ends the run; the text so far is closed and travels with the error. */
  abort(reason: unknown): void {
    if (this.#aborted !== undefined || this.#state.ending !== undefined) return;
    this.#aborted = { reason };
    if (this.#state.sequences.length > 0) this.#feed({ t: "stop" });
  }

  catchUp(): void {
    this.#narrator.catchUp();
  }

  #throwIfAborted(): void {
    if (this.#aborted !== undefined) throw abortedError(this.#aborted.reason);
  }

  #feed(input: Input): void {
    this.#setup.onInput?.(input, this.#clock.at);
    const effects = step(this.#state, input);
    if (input.t === "pieces" && this.channel.listening) this.#narrator.delta(input.call);
    for (const effect of effects) this.#apply(effect);
  }

  #apply(effect: Effect): void {
    if (effect.e === "warning") this.#warn(effect.warning);
    if (effect.e === "fork") for (const id of this.#state.forks[effect.fork]?.threads ?? []) this.#clock.start(id);
    if (effect.e === "thread-end") this.#clock.end(effect.sequence);
    if (this.channel.listening) this.#narrator.effect(effect);
    if (effect.e === "complete") this.#begin(effect);
    if (effect.e === "cancel") this.#controllers.get(effect.call)?.abort();
    if (effect.e === "finish") this.#finished.resolve();
  }

  #begin(effect: Complete): void {
    const controller = new AbortController();
    this.#controllers.set(effect.call, controller);
    const request = this.#setup
      .slots(() => this.#call.make(effect, controller.signal))
      .then(({ reason, usage }) => this.#feed({ t: "ended", call: effect.call, reason, usage }))
      .finally(() => {
        this.#controllers.delete(effect.call);
        this.#requests.delete(request);
      })
      // A mistake of our own must end the run, not hang it.
      .catch((error: unknown) => this.#finished.reject(error));
    this.#requests.add(request);
  }

  #warn(warning: RunWarning): void {
    this.#warnings.push(warning);
    this.channel.push({ type: "warning", at: this.#clock.at, ...warning });
  }

  #result(): RunResult {
    return buildResult(this.#state, this.#clock, this.#warnings);
  }

  #failed(error: unknown, result?: RunResult): ThreadweaverError {
    const partial = result ?? (this.#state.sequences.length > 0 ? this.#result() : undefined);
    if (!ThreadweaverError.isInstance(error)) {
      const message = error instanceof Error ? error.message : String(error);
      return new ThreadweaverError("internal", message, { cause: error, partial });
    }
    return new ThreadweaverError(error.code, error.message, { cause: error.cause ?? error, partial });
  }
}

function abortedError(reason: unknown): ThreadweaverError {
  return new ThreadweaverError("aborted", "the run was cancelled", { cause: reason });
}

function checkRoom(promptTokens: number, { contextTokens, maxPromptTokens, model }: Engine): void {
  if (promptTokens < contextTokens && promptTokens <= (maxPromptTokens ?? Infinity)) return;
  throw new ThreadweaverError(
    "context_exceeded",
    `the prompt has ${promptTokens} tokens and ${model} has a context of ${contextTokens}: nothing could be generated; ` +
      `shorten the prompt or load the model with a larger context`,
  );
}
