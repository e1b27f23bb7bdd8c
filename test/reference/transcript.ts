import type { Vocabulary } from "./vocabulary.ts";

/** Why a stream of tokens ends when no stop marker ends it. */
export type Fate = "eos" | "length" | "cut" | "failed";

/** What a model would write if nobody stopped it. A list with the fate "eos" ends in the EOS id. */
export interface Output {
  readonly ids: number[];
  readonly fate: Fate;
}

export interface Model {
  readonly vocabulary: Vocabulary;
  /** `callIndex` counts the calls of one place from 0. */
  output(context: readonly number[], threadId: string, callIndex: number): Output;
  /** What the program plans, where the model does not. */
  readonly planned?: Planned;
}

/** Branches that a program plans. */
export interface Planned {
  readonly branches: readonly { readonly name: string; readonly text: string; readonly maxTokens?: number }[];
  /** What main sees of the results. */
  combine(results: readonly string[]): string;
}

/**
 * One call of the model. Main has the place "0"; the i-th thread of the k-th fork of a sequence has the place
 * `${sequence}/${k}.${i}`, both counted from 1.
 */
export interface Call {
  readonly threadId: string;
  readonly callIndex: number;
  readonly context: number[];
}

/** Everything that can be observed of a run: each context sent, and main's context at the end. */
export interface Transcript {
  readonly calls: Call[];
  readonly final: number[];
  readonly ending: { readonly kind: Fate | "refused" };
}
