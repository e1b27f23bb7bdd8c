import type { LlamaContext, LlamaContextSequence, SequenceEvaluateOptions } from "node-llama-cpp";
import type { TopLogprob } from "../core/trie/piece.ts";
import { unsupportedVersion } from "./library.ts";
import { logprobsIn } from "./logprobs.ts";
import { asTokens } from "./token.ts";

/** A method that node-llama-cpp has since 3.22, but does not publish: llama.cpp's `llama_memory_seq_cp`. */
const copyState = "_copyStateFromOtherSequence";

type ControlledEvaluateItem = Extract<
  Parameters<LlamaContextSequence["controlledEvaluate"]>[0][number],
  readonly unknown[]
>;

interface ForkableSequence extends LlamaContextSequence {
  /** Resolves to false when the copy does not hold `uptoTokenIndex` tokens. */
  [copyState](other: LlamaContextSequence, uptoTokenIndex: number): Promise<boolean>;
}

/** How to choose a token. */
export interface Sample {
  options: SequenceEvaluateOptions;
  /**
   * How many likely tokens to return besides the log-probability of the chosen one. Undefined: no log-probabilities.
   */
  top: number | undefined;
}

export interface SampledToken {
  id: number;
  logprob?: number | undefined;
  /** Best first. */
  topLogprobs?: readonly TopLogprob[] | undefined;
}

/** One sequence of llama.cpp's context, and the ids whose keys and values it holds. */
export class KvSequence {
  /** The ids that it holds. Not to be changed from outside. */
  tokens: number[] = [];
  readonly #context: LlamaContext;
  #sequence: ForkableSequence;

  /** @throws `engine_unavailable` when the installed version cannot copy states. */
  constructor(context: LlamaContext) {
    this.#context = context;
    this.#sequence = takeSequence(context);
  }

  /** Drops everything after the first `length` tokens, or more where the model cannot drop only a tail. */
  async truncate(length: number): Promise<void> {
    if (length < this.tokens.length) {
      await this.#sequence.adaptStateToTokens(asTokens(this.tokens.slice(0, length)), false);
    }
    // A model with a recurrent state or a sliding window may have had to drop the head too.
    this.tokens.length = this.#sequence.nextTokenIndex;
  }

  /** Replaces what is here with the first `length` tokens of `source`. */
  async copyFrom(source: KvSequence, length: number): Promise<void> {
    const whole = source.tokens.length;
    if (!(await this.#sequence[copyState](source.#sequence, whole))) return this.reset();
    this.tokens = [...source.tokens];
    await this.truncate(length);
  }

  /** Evaluates `ids` after what is here. With `sample`, resolves to the token that was chosen to follow them. */
  async evaluate(ids: readonly number[], sample?: Sample): Promise<SampledToken | undefined> {
    const last = ids.length - 1;
    const outputs = await this.#sequence.controlledEvaluate(
      asTokens(ids).map((id, index) =>
        index < last || sample === undefined ? id : [id, { generateNext: whatToTell(sample) }],
      ),
    );
    this.tokens.push(...ids);
    if (sample === undefined) return undefined;
    const next = outputs[last]?.next;
    const id = next?.token;
    if (id === undefined || id === null) throw new Error("no token could be sampled");
    return sample.top === undefined ? { id } : { id, ...logprobsIn(id, sample.top, next ?? {}) };
  }

  /** Drops everything. It is also used after a failed evaluation, when it is unknown what the sequence holds. */
  async reset(): Promise<void> {
    this.tokens = [];
    await this.#sequence.dispose();
    this.#sequence = takeSequence(this.#context);
  }
}

function whatToTell({ options, top }: Sample): NonNullable<ControlledEvaluateItem[1]["generateNext"]> {
  if (top === undefined) return { token: true, options };
  // The likeliest token has to be among them, since all weights are relative to its weight.
  const filter = { tokens: [], includeSelected: true, includeTop: Math.max(1, top) };
  return { token: true, options, logits: { filter }, totalLogitWeight: true };
}

function takeSequence(context: LlamaContext): ForkableSequence {
  const sequence = context.getSequence();
  if (!isForkable(sequence)) throw unsupportedVersion();
  return sequence;
}

function isForkable(sequence: LlamaContextSequence): sequence is ForkableSequence {
  return copyState in sequence && typeof sequence[copyState] === "function";
}
