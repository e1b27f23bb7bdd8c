import type { Dialect } from "../core/dialects/schema.ts";
import { step } from "../core/machine/machine.ts";
import type { RunEnding } from "../core/machine/ending.ts";
import type { Effect, Input } from "../core/machine/protocol.ts";
import type { State } from "../core/machine/state.ts";
import { displayText, sequenceText } from "../core/measures/display.ts";
import { ThreadweaverError } from "../errors.ts";
import { buildResult, runEnd, summaryOf } from "../run/build-result.ts";
import type { RunEvent } from "../run/events.ts";
import { Reporter } from "../run/listen/reporter.ts";
import type { RunResult, RunWarning } from "../run/result.ts";
import { dialectOf, stateOf, warningOf } from "../run/resume.ts";
import { differencesOf } from "./digest.ts";
import type { TraceEnd } from "./format.ts";
import { requireAll, type Trace } from "./reader.ts";

export interface ReplayOptions {
  /** Has the dialect's functions, if they are not bundled. @defaultValue the dialect in the trace */
  dialect?: Dialect | undefined;
  /**
   * Gets every event that a listener of the run got, from `run-start` on. The exception are warnings that follow from
   * no input: that a listener or a recorder threw.
   */
  onEvent?: ((event: RunEvent) => void) | undefined;
  /** Whether the result has its tree. @defaultValue false */
  tree?: boolean | undefined;
}

/** What a trace gives when it is replayed. */
export interface Replayed {
  /** What the run gave; of one that failed or was interrupted, what it had made. Undefined: it had not begun. */
  readonly result: RunResult | undefined;
  /** What the run failed with. */
  readonly error: { readonly code: string; readonly message?: string | undefined } | undefined;
  /**
   * `equal`: the result is the recorded one, to the last byte. `differs`: it is another one (`differences` says in what).
   * `incomplete`: the trace has no end, since its process was killed.
   */
  readonly proof: "equal" | "differs" | "incomplete";
  /** In words; empty unless `proof` is `differs`. */
  readonly differences: readonly string[];
}

/**
 * Feeds a trace to the machine again: no engine is needed, and every event and the result come out as they did.
 *
 * @throws `file` for a trace that does not hold everything, or whose inputs are not those of one run; `invalid_option` and
 * `invalid_dialect` for a dialect that does not fit.
 */
export function replayTrace(trace: Trace, options: ReplayOptions = {}): Replayed {
  requireAll(trace, "replayed");
  const { state: _, ...replayed } = replayWatched(trace, options);
  return replayed;
}

type OnStep = (input: Input, effects: readonly Effect[]) => void;

/**
 * The same, with the machine that it was fed to. The trace holds everything.
 *
 * @param watch gets the machine before its first step, and gives what is told of each step.
 */
export function replayWatched(
  trace: Trace,
  options: ReplayOptions,
  watch: (state: State) => OnStep = () => () => {},
): Replayed & { readonly state: State } {
  const { header, inputs, end } = trace;
  const state = stateOf(header, dialectOf(header, options.dialect));
  const { onEvent } = options;
  const warnings = feed(state, trace, onEvent, watch(state));
  for (const { n, ...said } of end?.result?.said ?? []) {
    warnings.splice(n, 0, warningOf({ t: "warned", at: state.now, ...said }));
  }
  const error = end?.error;
  if (inputs.length === 0) return { state, result: undefined, error, proof: "incomplete", differences: [] };
  const wallMs = end?.result?.wallMs ?? state.now - header.began;
  const setup = { state, seed: header.seed, metadata: header.metadata, warnings, wallMs, tree: options.tree === true };
  const finish = (ended: Ended): RunResult => buildResult({ ...setup, ...ended });
  const { result, differences } = closest(waysToEnd(state, end), finish, end);
  if (end !== undefined && error === undefined) onEvent?.(runEnd(result));
  const proof = end?.result === undefined ? "incomplete" : differences.length === 0 ? "equal" : "differs";
  return { state, result, error, proof, differences };
}

/** Returns the warnings that came. */
function feed(
  state: State,
  { path, header, inputs }: Trace,
  onEvent: ReplayOptions["onEvent"],
  onStep: OnStep,
): RunWarning[] {
  const reporter = onEvent && new Reporter(state, () => header.began, onEvent);
  reporter?.begin(header);
  const warnings: RunWarning[] = [];
  for (const [n, input] of inputs.entries()) {
    const effects = stepOf(state, input, `${path}, line ${n + 2}`);
    for (const effect of effects) if (effect.e === "warning") warnings.push(effect.warning);
    if (input.t === "warned") warnings.push(warningOf(input));
    onStep(input, effects);
    reporter?.report(input, effects);
  }
  return warnings;
}

function stepOf(state: State, input: Input, where: string): ReturnType<typeof step> {
  try {
    return step(state, input);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const advice = "The file was changed after it was written, or the run broke here.";
    throw new ThreadweaverError(
      "file",
      `${where}: this input does not follow from those before it: ${why}. ${advice}`,
      {
        cause,
      },
    );
  }
}

interface Ended {
  readonly text: string;
  readonly unfinished: RunEnding;
}

/** What the loop of a run makes its result of. A run that something broke shows its text as it was written. */
function waysToEnd(state: State, end: TraceEnd | undefined): [Ended, ...Ended[]] {
  const [main] = state.sequences;
  const written = main === undefined ? "" : sequenceText(state, main);
  const cut: RunEnding = { kind: "cut", by: "user" };
  const { message = "" } = end?.error ?? {};
  const broken: Ended = { text: written, unfinished: { kind: "failed", message } };
  try {
    const whole: Ended = { text: displayText(state), unfinished: cut };
    return end?.error === undefined ? [whole] : [whole, broken];
  } catch {
    return [broken];
  }
}

/** An error may have come from a call, or have broken the run: the trace does not say which, but its digest does. */
function closest(
  [first, ...others]: [Ended, ...Ended[]],
  finish: (ended: Ended) => RunResult,
  end: TraceEnd | undefined,
): { result: RunResult; differences: string[] } {
  const result = finish(first);
  if (end?.result === undefined) return { result, differences: [] };
  const differences = differencesOf(end.result, summaryOf(result));
  if (differences.length === 0) return { result, differences };
  for (const ended of others) {
    const other = finish(ended);
    if (differencesOf(end.result, summaryOf(other)).length === 0) return { result: other, differences: [] };
  }
  return { result, differences };
}
