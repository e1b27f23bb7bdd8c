import type { Dialect } from "../dialects/schema.ts";
import type { Warning } from "../machine/protocol.ts";
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
  const stage = new Stage(dialect);
  const { join } = dialect;
  const script =
    join.shape === "fill" ? new FilledScript(stage, example, join.each) : new AppendedScript(stage, example);
  let problem: Rehearsal["problem"];
  try {
    for (let asked = script.next(); asked !== undefined; asked = script.next()) {
      stage.answer(asked, script.answer(asked));
    }
    const at = script.reach(stage.main);
    if (at < example.length)
      throw new Mismatch(at, `the run has ended: expected no more text, found ${excerpt(example.slice(at))}`);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    problem = { at: error.at, message: error.message };
  }
  const threads = stage.state.sequences.slice(1).map(({ threadId, name, plan }) => ({ threadId, name, plan }));
  return { forks: stage.state.forks.length, threads, warnings: stage.warnings, problem };
}
