import { dialectFromData } from "../core/dialects/bundled/index.ts";
import { dialectData, sequential } from "../core/dialects/dialect.ts";
import { ThreadweaverError } from "../errors.ts";
import { step } from "../core/machine/machine.ts";
import type { Effect, Input } from "../core/machine/protocol.ts";
import { callOf, createState, forkOf, sequenceOf, type State } from "../core/machine/state.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import { canonical } from "./canonical.ts";
import { messageOf } from "./failure.ts";
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

/** The machine of a run before its first input. In the other modes than `fork-join` the dialect never forks. */
export function stateOf({ mode, limits, stop }: Pick<RunHeader, "mode" | "limits" | "stop">, dialect: Dialect): State {
  return createState({ dialect: mode === "fork-join" ? dialect : sequential(dialect), limits, stop });
}

/** What a run was doing when its record ended. */
export interface Interrupted {
  /** Effects that have not been followed to their end: calls that are not over, times that have not come. */
  open: Effect[];
  /** What the run was warned of, in order. */
  warnings: RunWarning[];
}

/**
 * Feeds the inputs of a recorded run to a machine, and returns what is still to be done for it.
 *
 * @param onStep is told of each step.
 * @throws RangeError for inputs that are not those of one run.
 */
export function replayInputs(
  state: State,
  inputs: readonly Input[],
  onStep: (input: Input, effects: readonly Effect[]) => void = () => {},
): Interrupted {
  const effects: Effect[] = [];
  const warnings: RunWarning[] = [];
  for (const input of inputs) {
    const following = step(state, input);
    onStep(input, following);
    for (const effect of following) {
      if (effect.e === "warning") warnings.push(effect.warning);
      else effects.push(effect);
    }
    if (input.t === "warned") warnings.push(warningOf(input));
  }
  return { open: effects.filter((effect) => isOpen(state, effect)), warnings };
}

function isOpen(state: State, effect: Effect): boolean {
  if (effect.e === "wake") return effect.at > state.now;
  if (effect.e === "combine") return state.ending === undefined && forkOf(state, effect.fork).combined === "asked";
  return effect.e === "complete" && callOf(state, effect.call).live;
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
 * @throws `invalid_option` for inputs that are not those of one run.
 */
export function inputsBeforeInterruption({ header, inputs }: RecordedRun, dialect: Dialect): number {
  const state = stateOf(header, dialect);
  /** The inputs by which threads failed. The run may end later, when other threads are over. */
  const failures = new Map<string | undefined, number>();
  for (const [n, input] of inputs.entries()) {
    follow(state, input, n);
    if (isFailure(input)) failures.set(sequenceOf(state, callOf(state, input.call).sequence).threadId, n);
    const { ending } = state;
    if (ending?.kind === "failed") return beforeFailures(inputs, failures.get(ending.threadId) ?? n);
    if (ending?.kind === "cut" && ending.by === "user") return beforeFailures(inputs, n);
  }
  return inputs.length;
}

/** Whether a recorded run will ask for a turn that its record does not have. */
export function needsCombine({ inputs }: RecordedRun, { join }: Dialect): boolean {
  return join.shape === "turn" && !inputs.some(({ t }) => t === "combined");
}

function follow(state: State, input: Input, n: number): void {
  try {
    step(state, input);
  } catch (cause) {
    const message = `Input ${n + 1} of the record (${input.t}) does not follow from those before it: ${messageOf(cause)}. The record was changed, or inputs of it are missing, so there is no going on with it.`;
    throw new ThreadweaverError("invalid_option", message, { cause });
  }
}

type Failure = Extract<Input, { t: "ended" }>;

function isFailure(input: Input | undefined): input is Failure {
  return input?.t === "ended" && input.reason.kind === "failed";
}

/**
 * An engine that is lost fails one thread after the other. So with an interruption go the failures before it, as far as
 * no token has come since.
 */
function beforeFailures(inputs: readonly Input[], end: number): number {
  let first = end;
  for (let n = end; n > 0; n -= 1) {
    const input = inputs[n];
    if (input?.t === "pieces") break;
    if (!isFailure(input)) continue;
    if (endsInsideCharacter(inputs[n - 1], input.call)) n -= 1;
    first = n;
  }
  return first;
}

/** Whether the last pieces of a call that failed are tokens inside a character. They are generated again. */
function endsInsideCharacter(before: Input | undefined, call: number): boolean {
  if (before?.t !== "pieces" || before.call !== call) return false;
  const { text, ids = [] } = before.pieces.at(-1) ?? {};
  return text === undefined || (ids.length > 0 && text.endsWith("\uFFFD"));
}
