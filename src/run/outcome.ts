import { sequenceText, displayText } from "../core/measures/display.ts";
import type { State } from "../core/machine/state.ts";
import { buildResult } from "./build-result.ts";
import { abortError, errorWith, lostError, messageOf, type ThreadweaverError } from "./failure.ts";
import type { CheckedOptions } from "./options.ts";
import type { RunResult, RunWarning } from "./result.ts";

/** What a run has come to, however it ended. */
export interface OutcomeSetup {
  state: State;
  seed: number;
  options: Pick<CheckedOptions, "metadata" | "tree" | "logprobs">;
  warnings: readonly RunWarning[];
  wallMs: number;
  /** What broke the run. */
  died: { readonly error: unknown } | undefined;
  /** Why its caller ended it. */
  aborted: { readonly reason: unknown } | undefined;
  /** Where the run was recorded. */
  record: string | undefined;
  /** What the last call of a sequence failed with. */
  failureOf: (threadId: string) => unknown;
}

export interface Outcome {
  /** What was made; undefined where nothing was. */
  readonly result: RunResult | undefined;
  /** What the run fails with. */
  readonly error: ThreadweaverError | undefined;
}

/** A dialect's rendering that throws breaks the run, but loses no text. */
export function outcomeOf(setup: OutcomeSetup): Outcome {
  const { state, died } = setup;
  const [main] = state.sequences;
  if (main === undefined) return { result: undefined, error: errorOf(setup, undefined) };
  if (died !== undefined) return withText(setup, sequenceText(state, main));
  try {
    return withText(setup, displayText(state));
  } catch (error) {
    return withText({ ...setup, died: { error } }, sequenceText(state, main));
  }
}

function withText(setup: OutcomeSetup, text: string): Outcome {
  const { state, seed, options, warnings, wallMs, died, aborted } = setup;
  // Where it failed, what was made is kept whole, whatever was asked for.
  const hasFailed = died !== undefined || aborted !== undefined || state.ending?.kind === "failed";
  const result = buildResult({
    state,
    text,
    seed,
    metadata: options.metadata,
    tree: hasFailed || (options.tree ?? options.logprobs !== false),
    warnings,
    wallMs,
    // Nothing else leaves a sequence without an ending.
    unfinished: { kind: "failed", message: messageOf(died?.error) },
  });
  return { result, error: errorOf(setup, result) };
}

function errorOf(
  { died, aborted, record, failureOf }: OutcomeSetup,
  partial: RunResult | undefined,
): ThreadweaverError | undefined {
  if (died !== undefined) return errorWith(died.error, { partial });
  if (aborted !== undefined) return abortError(aborted.reason, partial);
  if (partial?.ending.kind !== "failed") return undefined;
  const { threadId = "0", message } = partial.ending;
  return lostError(failureOf(threadId) ?? new Error(message), { partial, threadId, record });
}
