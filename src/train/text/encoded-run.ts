import type { Dialect } from "../../core/dialects/schema.ts";
import { step } from "../../core/machine/machine.ts";
import type { Effect, UntimedInput, Vocabulary } from "../../core/machine/protocol.ts";
import { callOf, createState, type State } from "../../core/machine/state.ts";
import { idsOf } from "../../core/trie/path.ts";
import { columnsOf, type Position } from "../../core/trie/trie.ts";
import type { Written } from "../../core/rehearsal/example.ts";
import type { PieceEncoder } from "./encode-pieces.ts";

type Complete = Extract<Effect, { e: "complete" }>;

/** What a run is made from whose calls wrote a known text. */
export interface EncodedRunSetup {
  readonly dialect: Dialect;
  readonly encoder: PieceEncoder;
  readonly vocabulary: Vocabulary;
  readonly prompt: { readonly ids: readonly number[]; readonly text: string };
  readonly calls: readonly Written[];
  /** What main's last call ends with. */
  readonly eos: number | undefined;
}

/** The machine, driven by a model that writes what a finished text says it wrote, in token ids. */
export class EncodedRun {
  readonly state: State;
  readonly #setup: EncodedRunSetup;
  readonly #waiting: Complete[] = [];
  #inputs = 0;

  constructor(setup: EncodedRunSetup) {
    this.#setup = setup;
    this.state = createState({ dialect: setup.dialect });
  }

  async play(): Promise<State> {
    const { vocabulary, prompt } = this.#setup;
    this.#feed({ t: "start", prompt, vocabulary });
    for (let asked = this.#waiting.shift(); asked !== undefined; asked = this.#waiting.shift())
      await this.#answer(asked);
    return this.state;
  }

  async #answer({ call, at, threadId, callIndex }: Complete): Promise<void> {
    const { calls, encoder, eos } = this.#setup;
    await this.#encodeContext(at);
    const promptTokens = contextLength(this.state, at);
    this.#feed({ t: "sent", call, attempt: 1, promptTokens });
    const written = calls.find((one) => one.threadId === threadId && one.callIndex === callIndex);
    const pieces = await encoder.pieces(written?.text ?? "");
    if (pieces.length > 0) this.#feed({ t: "pieces", call, pieces });
    const isOpen = callOf(this.state, call).ending === undefined;
    if (isOpen && threadId === "0" && eos !== undefined) {
      this.#feed({ t: "pieces", call, pieces: [{ ids: [eos], text: "" }] });
    }
    this.#feed({ t: "ended", call, reason: { kind: "stop" } });
  }

  /** What the runtime wrote is encoded on its own, each literal once. */
  async #encodeContext(at: Position): Promise<void> {
    const context = idsOf(this.state.trie, at);
    if ("ids" in context) return;
    for (const segment of context.missing) {
      const ids = await this.#setup.encoder.ids(columnsOf(segment).text(0, 1));
      this.#feed({ t: "encoded", segment: segment.id, ids });
    }
  }

  #feed(input: UntimedInput): void {
    for (const effect of step(this.state, { ...input, at: (this.#inputs += 1) })) {
      if (effect.e === "complete") this.#waiting.push(effect);
      if (effect.e === "cancel") {
        const at = this.#waiting.findIndex(({ call }) => call === effect.call);
        if (at < 0) continue;
        this.#waiting.splice(at, 1);
        this.#feed({ t: "ended", call: effect.call, reason: { kind: "stop" } });
      }
    }
  }
}

function contextLength({ trie }: State, at: Position): number {
  const context = idsOf(trie, at);
  return "ids" in context ? context.ids.length : 0;
}
