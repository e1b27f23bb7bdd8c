import { sequential } from "../../src/core/dialects/dialect.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { step } from "../../src/core/machine/machine.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { createState, type State } from "../../src/core/machine/state.ts";
import { serializeTrie, type SerializedTrie } from "../../src/core/trie/serialize.ts";
import type { Recorder } from "../../src/run/recorder.ts";
import type { Scenario } from "./scenario.ts";

/** A recorder that feeds a second machine with what it takes down, and throws where its scenario says so. */
export class Shadow implements Recorder {
  readonly #state: State;
  readonly #throwsAfter: number;
  #inputs = 0;
  #hasThrown = false;

  constructor({ sequential: isSequential, wide, throws }: Scenario) {
    const dialect = isSequential ? sequential(threadweaver) : threadweaver;
    this.#state = createState({ dialect, limits: wide ? { threads: 128 } : {} });
    this.#throwsAfter = throws?.who === "recorder" ? throws.after : Infinity;
  }

  /** The machine. Undefined where the recorder threw: it was not told the rest. */
  get state(): State | undefined {
    return this.#hasThrown ? undefined : this.#state;
  }

  get trie(): SerializedTrie | undefined {
    return this.#hasThrown ? undefined : serializeTrie(this.#state.trie);
  }

  input(input: Input): void {
    this.#inputs += 1;
    if (this.#inputs > this.#throwsAfter) {
      this.#hasThrown = true;
      throw new Error("the disk is full");
    }
    step(this.#state, input);
  }
}
