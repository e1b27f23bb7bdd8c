import type { Dialect } from "../dialects/schema.ts";
import { fill } from "../dialects/template.ts";
import { forkOf, threadsOf, type Sequence } from "../machine/state.ts";
import { Mismatch, excerpt, expectText } from "./mismatch.ts";
import type { Answer, Asked, Stage } from "./stage.ts";

type Templates = Extract<Dialect["join"], { shape: "fill" }>["each"];

/**
 * The model that wrote an example with results in it. The main text goes on until it waits; then the thread that it
 * waits for answers with the result that stands there. Threads for which the example never waits are not answered.
 */
export class FilledScript {
  readonly #stage: Stage;
  readonly #example: string;
  readonly #each: Templates;

  constructor(stage: Stage, example: string, each: Templates) {
    this.#stage = stage;
    this.#example = example;
    this.#each = each;
  }

  next(): Asked | undefined {
    const { asked, main, state } = this.#stage;
    const { phase } = main;
    const wanted = phase.is === "waiting" ? threadsOf(state, forkOf(state, phase.fork))[0] : main;
    return asked.find(({ sequence }) => sequence === wanted);
  }

  answer({ sequence }: Asked): Answer {
    const at = this.reach();
    if (sequence.parent === undefined) return { parts: [this.#example.slice(at)], end: { kind: "stop" } };
    const result = this.#result(sequence, at);
    return result === undefined
      ? { parts: [], end: { kind: "failed", message: "the example has no result of it" } }
      : { parts: [result], end: { kind: "stop" } };
  }

  /** How far the example has been written, after a check that what was written is the example. */
  reach(): number {
    const text = this.#stage.textOf(this.#stage.main);
    expectText(this.#example, 0, text, "what the run gives");
    return text.length;
  }

  #result({ captures, name }: Sequence, at: number): string | undefined {
    const [before = "", after = ""] = this.#each.some.split("{return}").map((part) => fill(part, captures));
    const from = at + before.length;
    const to = after === "" ? this.#example.length : this.#example.indexOf(after, from);
    if (this.#example.startsWith(before, at) && to >= 0) return this.#example.slice(from, to);
    const none = fill(this.#each.none, captures);
    if (this.#example.startsWith(none, at)) return undefined;
    throw new Mismatch(
      at,
      `the result of thread ${name}: expected one that ends with ${excerpt(after)}, found ${excerpt(this.#example.slice(at))}`,
    );
  }
}
