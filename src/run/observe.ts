import type { Dialect } from "../core/dialects/schema.ts";
import type { SamplingParameters } from "../core/trie/sampling.ts";
import type { Engine } from "../engine/engine.ts";
import type { Tier } from "../engine/tier.ts";
import type { RunEvent, RunMode } from "./events.ts";
import type { ThreadweaverError } from "./failure.ts";
import type { RunInput } from "./input.ts";
import type { CheckedOptions } from "./options.ts";
import type { RunSummary } from "./result.ts";

/** What is known of a run when it is asked for. */
export interface ObservedRun {
  /** Names the run: in the requests to its engine, too. */
  readonly id: string;
  /** `name` is the server's address, or `llama`. */
  readonly engine: { readonly name: string; readonly model: string; readonly tier: Tier };
  /** The name of its dialect. */
  readonly dialect: string;
  readonly mode: RunMode;
  readonly sampling: SamplingParameters;
  readonly seed: number;
  /** Undefined for a run that is resumed. */
  readonly input: RunInput | undefined;
}

/** One request to the engine: an attempt of a call. */
export interface ObservedRequest {
  call: number;
  threadId: string;
  attempt: number;
}

/** A run, and what watches the runs of its runner. */
export interface Watched extends Pick<ObservedRun, "id" | "seed" | "input"> {
  engine: Engine;
  dialect: Dialect;
  options: CheckedOptions;
  observe?: readonly Observe[] | undefined;
}

/** What those who watch a run are told of it. */
export function observedRun(run: Omit<Watched, "observe">): ObservedRun {
  const { id, seed, input, dialect, options } = run;
  const { name, model, tier = "ids" } = run.engine;
  const { mode, temperature, topP, topK, minP, repetitionPenalty } = options;
  const sampling = { temperature, topP, topK, minP, repetitionPenalty };
  return { id, seed, input, mode, sampling, dialect: dialect.name, engine: { name, model, tier } };
}

/** What the events are that an observer gets: all but those that come with every token. */
export type ObservedEvent = Exclude<RunEvent, { type: "text" | "reasoning" }>;

/** How a run ended: with its result, or with what it failed with, which has all that was made as `partial`. */
export type ObservedEnd = { result: RunSummary; error?: undefined } | { result?: undefined; error: ThreadweaverError };

/**
 * Watches one run, for telemetry and logs. It costs nothing a token: it gets no texts, and parts of an answer stay as large
 * as they are without it. If one of its methods throws, the run goes on with a warning, and it is not called again.
 */
export interface RunObserver {
  /** Is called at once with each event but `text` and `reasoning`. */
  event?(event: ObservedEvent): void;
  /** More HTTP headers of a request, right after its `call-start`. Those of the run take the place of equal ones. */
  headers?(request: ObservedRequest): Readonly<Record<string, string>>;
  /** The run has settled: once, after the last event. */
  end?(end: ObservedEnd): void;
}

/**
 * Is called when a run is asked for, in the caller's own asynchronous context. Returns what watches it; undefined where
 * nothing does.
 */
export type Observe = (run: ObservedRun) => RunObserver | undefined;
