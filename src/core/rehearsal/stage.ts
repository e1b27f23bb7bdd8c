import type { Dialect } from "../dialects/schema.ts";
import type { SomeLimits } from "../limits/limits.ts";
import { step } from "../machine/machine.ts";
import type { Effect, EngineEnding, UntimedInput, Warning } from "../machine/protocol.ts";
import { createState, sequenceOf, type Sequence, type State } from "../machine/state.ts";
import { textBetween } from "../trie/path.ts";

/** A call that waits for the scripted model. */
export interface Asked {
  readonly call: number;
  readonly sequence: Sequence;
  readonly role: Extract<Effect, { e: "complete" }>["role"];
}

/** What the scripted model writes: parts of a text, and how it ends if no marker ends it before. */
export interface Answer {
  readonly parts: readonly string[];
  readonly end: EngineEnding;
}

/**
 * A machine with a scripted model instead of an engine. It works on text, so every marker is found in the text. Who
 * drives it decides which of the waiting calls is answered next.
 */
export class Stage {
  readonly state: State;
  readonly warnings: Warning[] = [];
  /** Calls that wait for an answer, in the order in which they were made. */
  readonly asked: Asked[] = [];
  /** How many calls were answered. */
  answered = 0;
  #inputs = 0;

  constructor(dialect: Dialect, limits: SomeLimits = {}) {
    this.state = createState({ dialect, limits });
    this.#feed({ t: "start", prompt: { text: "" }, vocabulary: { eos: [], markers: {} } });
  }

  /** What a sequence has written, with all that was joined into it. */
  textOf({ body, head }: Sequence): string {
    return textBetween(this.state.trie, body, head);
  }

  get main(): Sequence {
    return sequenceOf(this.state, 0);
  }

  /** Lets the model answer one of the calls that wait. */
  answer(asked: Asked, { parts, end }: Answer): void {
    const { call } = asked;
    this.asked.splice(this.asked.indexOf(asked), 1);
    this.answered += 1;
    const cancelled = (): boolean => this.state.calls[call]?.ending !== undefined;
    this.#feed({ t: "sent", call, attempt: 1, promptTokens: 0 });
    for (const text of parts) {
      if (text !== "" && !cancelled()) this.#feed({ t: "pieces", call, pieces: [{ text }] });
    }
    this.#feed({ t: "ended", call, reason: cancelled() ? { kind: "stop" } : end });
  }

  #feed(input: UntimedInput): void {
    for (const effect of step(this.state, { ...input, at: (this.#inputs += 1) })) {
      if (effect.e === "warning") this.warnings.push(effect.warning);
      if (effect.e === "complete") {
        const { call, role } = effect;
        this.asked.push({ call, role, sequence: sequenceOf(this.state, this.state.calls[call]?.sequence ?? -1) });
      }
      if (effect.e === "cancel") this.#cancel(effect.call);
    }
  }

  /** A call that was cut before the model began it is over at once. */
  #cancel(call: number): void {
    const waiting = this.asked.findIndex((asked) => asked.call === call);
    if (waiting < 0) return;
    this.asked.splice(waiting, 1);
    this.#feed({ t: "ended", call, reason: { kind: "stop" } });
  }
}
