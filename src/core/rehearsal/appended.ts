import { fill } from "../dialects/template.ts";
import { spliceHeader } from "../machine/join.ts";
import { endingOf, forkOf, sequenceOf, threadsOf, type Sequence } from "../machine/state.ts";
import { ownStops } from "../machine/stops.ts";
import { Mismatch, excerpt, expectText, expectWhole } from "./mismatch.ts";
import type { Answer, Asked, Stage } from "./stage.ts";

/**
 * The model that wrote an example whose threads were appended. A sequence wrote what stands from its place in the
 * example on; where it ended is for the machine to find. So threads are answered in order: each begins where the one
 * before it has ended.
 */
export class AppendedScript {
  readonly #stage: Stage;
  readonly #example: string;
  /** Where the text of each sequence begins in the example. */
  readonly #begins = new Map<number, number>([[0, 0]]);

  constructor(stage: Stage, example: string) {
    this.#stage = stage;
    this.#example = example;
  }

  /** The innermost sequence goes on first, then the first of its siblings. */
  next(): Asked | undefined {
    return this.#stage.asked.toSorted((a, b) => order(a.sequence.threadId, b.sequence.threadId))[0];
  }

  answer({ sequence, role }: Asked): Answer {
    const at = this.reach(sequence);
    const parts = role === "tail" ? [this.#tail(sequence, at)] : [this.#example.slice(at)];
    return { parts, end: { kind: "stop" } };
  }

  /** How far the example has been written where a sequence stands, after a check that it is the example. */
  reach(sequence: Sequence): number {
    const begin = this.#begin(sequence);
    const text = this.#stage.textOf(sequence);
    expectText(
      this.#example,
      begin,
      text,
      sequence.parent === undefined ? "what the run gives" : `thread ${sequence.name}`,
    );
    return begin + text.length;
  }

  #begin(sequence: Sequence): number {
    const known = this.#begins.get(sequence.id);
    if (known !== undefined) return known;
    const { state } = this.#stage;
    const before = this.#before(sequence);
    const at = this.reach(before);
    if (before.id !== sequence.parent?.sequence && endingOf(before)?.kind !== "marker") {
      const stops = ownStops(state, before).join(" or ");
      throw new Mismatch(this.#begin(before), `thread ${before.name}, which begins here, is never ended by ${stops}`);
    }
    const header = spliceHeader(state, sequence);
    expectWhole(this.#example, at, header, `the header of thread ${sequence.name}`);
    this.#begins.set(sequence.id, at + header.length);
    return at + header.length;
  }

  /** What stands before a thread in the example: its sibling, or its parent's text up to the fork. */
  #before({ parent }: Sequence): Sequence {
    const { state } = this.#stage;
    const fork = forkOf(state, parent?.fork ?? -1);
    return threadsOf(state, fork)[(parent?.index ?? 0) - 1] ?? sequenceOf(state, fork.by);
  }

  /** What a thread wrote after its stop marker: all up to the next header, or to the tail of the join. */
  #tail({ parent, name }: Sequence, at: number): string {
    const { state } = this.#stage;
    const { join, context } = state.dialect;
    const sibling = threadsOf(state, forkOf(state, parent?.fork ?? -1))[(parent?.index ?? 0) + 1];
    const tail = join.shape === "append" ? join.tail : "";
    const rest = context.kind === "prefix" ? context.header.rest : "";
    const next = sibling === undefined ? tail : fill(rest, sibling.captures);
    const end = next === "" ? at : this.#example.indexOf(next, at);
    if (end < 0)
      throw new Mismatch(
        at,
        `after thread ${name}: expected ${excerpt(next)}, found ${excerpt(this.#example.slice(at))}`,
      );
    return this.#example.slice(at, end);
  }
}

/** Threads before what they belong to, and in the order of their numbers. */
function order(a: string, b: string): number {
  const [left, right] = [a, b].map((id) => id.split(/[/.]/).map(Number));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i += 1) {
    const [x, y] = [left?.[i], right?.[i]];
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
    if (x !== y) return x - y;
  }
  return 0;
}
