import type { LlamaContext, LlamaContextSequence, SequenceEvaluateOptions } from "node-llama-cpp";
import { unsupportedVersion } from "./library.ts";
import { asTokens } from "./token.ts";

/** What node-llama-cpp has since 3.22 without publishing it: llama.cpp's `llama_memory_seq_cp`. */
const copyState = "_copyStateFromOtherSequence";

interface ForkableSequence extends LlamaContextSequence {
  /** Resolves to false when the copy does not hold `uptoTokenIndex` tokens. */
  [copyState](other: LlamaContextSequence, uptoTokenIndex: number): Promise<boolean>;
}

/** One sequence of the context, and the ids whose keys and values it holds. */
export class Slot {
  /** Not to be changed from outside. */
  tokens: number[] = [];
  readonly #context: LlamaContext;
  #sequence: ForkableSequence;

  /** @throws `engine_unavailable` when the installed version cannot copy states. */
  constructor(context: LlamaContext) {
    this.#context = context;
    this.#sequence = takeSequence(context);
  }

  /** Drops everything after the first `length` tokens, or more where the model cannot forget a tail only. */
  async truncate(length: number): Promise<void> {
    if (length < this.tokens.length) {
      await this.#sequence.adaptStateToTokens(asTokens(this.tokens.slice(0, length)), false);
    }
    // A model with a recurrent state or a sliding window may have had to drop the head too.
    this.tokens.length = this.#sequence.nextTokenIndex;
  }

  /** Takes over the first `length` tokens of `source`, in place of what was here. */
  async copyFrom(source: Slot, length: number): Promise<void> {
    const whole = source.tokens.length;
    if (!(await this.#sequence[copyState](source.#sequence, whole))) return this.reset();
    this.tokens = [...source.tokens];
    await this.truncate(length);
  }

  /** Evaluates `ids` after what is here. With `sample`, resolves to the token chosen to follow them. */
  async evaluate(ids: readonly number[], sample?: SequenceEvaluateOptions): Promise<number | undefined> {
    const last = ids.length - 1;
    const outputs = await this.#sequence.controlledEvaluate(
      asTokens(ids).map((id, index) =>
        index < last || sample === undefined ? id : [id, { generateNext: { token: true, options: sample } }],
      ),
    );
    this.tokens.push(...ids);
    if (sample === undefined) return undefined;
    const next = outputs[last]?.next.token;
    if (next === undefined || next === null) throw new Error("no token could be sampled");
    return next;
  }

  /** Forgets everything, also after a failed evaluation, when nobody knows what the sequence holds. */
  async reset(): Promise<void> {
    this.tokens = [];
    await this.#sequence.dispose();
    this.#sequence = takeSequence(this.#context);
  }
}

function takeSequence(context: LlamaContext): ForkableSequence {
  const sequence = context.getSequence();
  if (!isForkable(sequence)) throw unsupportedVersion();
  return sequence;
}

function isForkable(sequence: LlamaContextSequence): sequence is ForkableSequence {
  return copyState in sequence && typeof sequence[copyState] === "function";
}
