import type { LlamaContext, LlamaContextSequence, SequenceEvaluateOptions } from "node-llama-cpp";
import type { TopLogprob } from "../core/trie/piece.ts";
import { unsupportedVersion } from "./library.ts";
import { logprobsIn } from "./logprobs.ts";
import { asTokens } from "./token.ts";

/** What node-llama-cpp has since 3.22 without publishing it: llama.cpp's `llama_memory_seq_cp`. */
const copyState = "_copyStateFromOtherSequence";

type ControlledEvaluateItem = Extract<
  Parameters<LlamaContextSequence["controlledEvaluate"]>[0][number],
  readonly unknown[]
>;

interface ForkableSequence extends LlamaContextSequence {
  /** Resolves to false when the copy does not hold `uptoTokenIndex` tokens. */
  [copyState](other: LlamaContextSequence, uptoTokenIndex: number): Promise<boolean>;
}

/** How a token is to be chosen. */
export interface Sample {
  options: SequenceEvaluateOptions;
  /** How many likely tokens to tell besides the log-probability of the chosen one; undefined: none of these. */
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
  async copyFrom(source: KvSequence, length: number): Promise<void> {
    const whole = source.tokens.length;
    if (!(await this.#sequence[copyState](source.#sequence, whole))) return this.reset();
    this.tokens = [...source.tokens];
    await this.truncate(length);
  }

  /** Evaluates `ids` after what is here. With `sample`, resolves to the token chosen to follow them. */
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

  /** Forgets everything, also after a failed evaluation, when it is not known what the sequence holds. */
  async reset(): Promise<void> {
    this.tokens = [];
    await this.#sequence.dispose();
    this.#sequence = takeSequence(this.#context);
  }
}

function whatToTell({ options, top }: Sample): NonNullable<ControlledEvaluateItem[1]["generateNext"]> {
  if (top === undefined) return { token: true, options };
  // The likeliest one has to be among them: the weights of all are told in relation to its own.
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
