import type { Dialect } from "../dialects/schema.ts";
import type { Warning } from "../machine/protocol.ts";
import { sequenceOf } from "../machine/state.ts";
import { segmentOf } from "../trie/trie.ts";
import { AppendedScript } from "./appended.ts";
import { FilledScript } from "./filled.ts";
import { Mismatch, excerpt } from "./mismatch.ts";
import { Stage } from "./stage.ts";

/** What a replay of an example found. */
export interface Rehearsal {
  readonly forks: number;
  readonly threads: readonly { readonly threadId: string; readonly name: string; readonly plan: string }[];
  readonly warnings: readonly Warning[];
  /** Where the example is not what the machine makes of it, and how. Undefined: they are equal. */
  readonly problem: { readonly at: number; readonly message: string } | undefined;
}

/**
 * Whether the calls of a run can be read from its finished text. They cannot where the join rewrites the text, nor where
 * nothing says where a thread ends.
 */
export function canRehearse({ trigger, thread, join }: Dialect): boolean {
  if (trigger.kind === "marker") return join.shape === "append" && thread.stop.length > 0;
  return trigger.kind === "inline" && join.shape === "fill" && join.each.some.split("{return}").length === 2;
}

/**
 * Replays a finished text of a format, without its prompt: the machine runs with a model that writes what the text says
 * it wrote. So plans are read, threads started, stopped and joined as in a run. A dialect that fits its format gives the
 * same text again, byte for byte. Only for a dialect of which `canRehearse` is true.
 */
export function rehearse(dialect: Dialect, example: string): Rehearsal {
  const { stage, problem } = perform(dialect, example);
  const threads = stage.state.sequences.slice(1).map(({ threadId, name, plan }) => ({ threadId, name, plan }));
  return { forks: stage.state.forks.length, threads, warnings: stage.warnings, problem };
}

/** What one call wrote, as far as the machine took it. */
export interface Written {
  readonly threadId: string;
  /** Counts the calls of its sequence from 0. */
  readonly callIndex: number;
  readonly text: string;
}

/** What each call wrote in a finished text: what `rehearse` found, in the order in which the calls began. */
export function writtenIn(
  dialect: Dialect,
  example: string,
): { readonly calls: readonly Written[]; readonly problem: Rehearsal["problem"] } {
  const { stage, problem } = perform(dialect, example);
  const { state } = stage;
  // A part that was cut stays whole in the trie. What counts of it is a segment of its own.
  const kept = new Map<number, string>();
  for (const { maker, pieces } of state.trie.segments) {
    if (maker.by === "cut" && pieces !== undefined) kept.set(maker.of.segment, pieces.text(0, pieces.length));
  }
  const calls = state.calls.map(({ segment, sequence, callIndex }): Written => {
    const { pieces, context } = segmentOf(state.trie, segment);
    const text = kept.get(segment) ?? pieces?.text(0, context ?? pieces.length) ?? "";
    return { threadId: sequenceOf(state, sequence).threadId, callIndex, text };
  });
  return { calls, problem };
}

function perform(dialect: Dialect, example: string): { stage: Stage; problem: Rehearsal["problem"] } {
  const stage = new Stage(dialect);
  const { join } = dialect;
  const script =
    join.shape === "fill" ? new FilledScript(stage, example, join.each) : new AppendedScript(stage, example);
  try {
    for (let asked = script.next(); asked !== undefined; asked = script.next()) {
      stage.answer(asked, script.answer(asked));
    }
    const at = script.reach(stage.main);
    if (at < example.length)
      throw new Mismatch(at, `the run has ended: expected no more text, found ${excerpt(example.slice(at))}`);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    return { stage, problem: { at: error.at, message: error.message } };
  }
  return { stage, problem: undefined };
}
