import { dialectFromData } from "../core/dialects/bundled/index.ts";
import { dialectData, sequential } from "../core/dialects/dialect.ts";
import { ThreadweaverError } from "../errors.ts";
import { step } from "../core/machine/machine.ts";
import type { Effect, Input } from "../core/machine/protocol.ts";
import { callOf, createState, sequenceOf, type State } from "../core/machine/state.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { Complete } from "./calls/request.ts";
import { canonical } from "./canonical.ts";
import type { RecordedRun, RunHeader } from "./recorder.ts";
import type { RunWarning } from "./result.ts";

/**
 * The dialect of a recorded run, as it was given to it.
 *
 * @param given has the dialect's functions, if they are not bundled. It is not needed otherwise.
 * @throws `invalid_option` where `given` is another dialect of the same name, `invalid_dialect` where the dialect in the
 * record needs functions that are not known.
 */
export function dialectOf({ dialect: recorded }: RunHeader, given: Dialect | undefined): Dialect {
  if (given?.name !== recorded.name) return dialectFromData(recorded);
  if (canonical(dialectData(given)) === canonical(recorded)) return given;
  const message = `The recorded run used another version of the dialect ${recorded.name}: the one that was given differs from it.`;
  throw new ThreadweaverError("invalid_option", message);
}

/** The machine of a recorded run before its first input. */
export function stateOf({ mode, limits, stop }: RunHeader, dialect: Dialect): State {
  return createState({ dialect: mode === "sequential" ? sequential(dialect) : dialect, limits, stop });
}

/** What a run was doing when its record ended. */
export interface Interrupted {
  state: State;
  /** Calls that are not over. */
  calls: Complete[];
  /** Times at which the machine wants to be woken. */
  wakes: number[];
  /** What the run was warned of, in order. */
  warnings: RunWarning[];
}

/**
 * Feeds the inputs of a recorded run to a machine, and returns what is still to be done for it.
 *
 * @throws RangeError for inputs that are not those of one run.
 */
export function replayInputs(state: State, inputs: readonly Input[]): Interrupted {
  const calls = new Map<number, Complete>();
  const wakes: number[] = [];
  const warnings: RunWarning[] = [];
  const take = (effect: Effect): void => {
    if (effect.e === "complete") calls.set(effect.call, effect);
    if (effect.e === "wake") wakes.push(effect.at);
    if (effect.e === "warning") warnings.push(effect.warning);
  };
  for (const input of inputs) {
    for (const effect of step(state, input)) take(effect);
    if (input.t === "warned") warnings.push(warningOf(input));
  }
  const open = [...calls.values()].filter(({ call }) => callOf(state, call).live);
  return { state, calls: open, wakes, warnings };
}

/** The warning that an input holds. */
export function warningOf({ code, message, threadId }: Extract<Input, { t: "warned" }>): RunWarning {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a record may be of a version that had another
  return { code: code as RunWarning["code"], message, threadId };
}

/**
 * How many inputs of a recorded run there were before it was interrupted: all of them if its process was killed, or if
 * it came to its end. A run that its caller stopped, or that failed, was interrupted by the input that said so.
 *
 * @param dialect what `dialectOf` returns.
 */
export function inputsBeforeInterruption({ header, inputs }: RecordedRun, dialect: Dialect): number {
  const state = stateOf(header, dialect);
  for (const [n, input] of inputs.entries()) {
    step(state, input);
    if (state.sequences.length === 0) continue;
    const { phase } = sequenceOf(state, 0);
    if (phase.is !== "closing" && phase.is !== "over") continue;
    const { ending } = phase;
    if (ending.kind === "failed") return beforeFailures(inputs, lastFailure(state, inputs, n, ending.threadId));
    if (ending.kind === "cut" && ending.by === "user") return beforeFailures(inputs, n);
  }
  return inputs.length;
}

/** The failure of a thread that ended the run. Main may have ended later, when the other threads were over. */
function lastFailure(state: State, inputs: readonly Input[], end: number, threadId = "0"): number {
  for (let n = end; n > 0; n -= 1) {
    const input = inputs[n];
    if (input?.t !== "ended" || input.reason.kind !== "failed") continue;
    if (sequenceOf(state, callOf(state, input.call).sequence).threadId === threadId) return n;
  }
  return end;
}

/**
 * An engine that is lost fails one thread after the other. So with an interruption go the failures before it, as far as
 * no token has come since.
 */
function beforeFailures(inputs: readonly Input[], end: number): number {
  let first = end;
  for (let n = end; n > 0; n -= 1) {
    const input = inputs[n];
    const isFailure = input?.t === "ended" && input.reason.kind === "failed";
    const before = inputs[n - 1];
    if (isFailure) first = n;
    if (isFailure && endsInsideCharacter(before, input.call)) {
      first = n - 1;
      n -= 1;
    } else if (input?.t === "pieces") break;
  }
  return first;
}

/** Whether the last pieces of a call that failed are tokens inside a character. They are generated again. */
function endsInsideCharacter(before: Input | undefined, call: number): boolean {
  if (before?.t !== "pieces" || before.call !== call) return false;
  const { text, ids = [] } = before.pieces.at(-1) ?? {};
  return text === undefined || (ids.length > 0 && text.endsWith("\uFFFD"));
}
