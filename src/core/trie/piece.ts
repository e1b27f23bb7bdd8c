import * as z from "zod";

/**
 * The unit of everything that is prompted, generated or inserted: token ids and their text. A piece is never divided,
 * and it never ends inside a character. If one character takes several tokens, these tokens are one piece.
 *
 * Ids or text can be missing at first. What the runtime inserts starts as text and gets its ids when the driver encodes
 * it. In text mode the ids of generated pieces never come. A chat prompt starts as messages and gets both.
 */
export interface Piece {
  ids?: readonly number[] | undefined;
  /** Begin-of-sequence, end-of-sequence and padding tokens have the empty text. */
  text?: string | undefined;
  /** The natural logarithm of the probability of each id, if it was asked for. */
  logprobs?: readonly number[] | undefined;
  /** For each id the most likely tokens at its place, best first, if they were asked for. */
  topLogprobs?: readonly (readonly TopLogprob[])[] | undefined;
  /**
   * For each id, how sure the model was: minus the mean of the likeliest tokens' log-probabilities, rounded to three
   * decimals. It is kept in their place where a policy needs no more.
   */
  confidences?: readonly number[] | undefined;
  /** A prompt that the model's chat template has to render. */
  chat?: readonly ChatMessage[] | undefined;
  /** With `chat`: the beginning of the assistant's turn, which the model continues. */
  prefill?: string | undefined;
}

/** A token that could have been sampled. Servers give its id, its text, or both. */
export interface TopLogprob {
  id?: number | undefined;
  text?: string | undefined;
  /** The natural logarithm of its probability. */
  logprob: number;
}

export interface ChatMessage {
  role: string;
  content: string;
  /**
   * Whether control strings in it become tokens, as where a program quotes what the model itself wrote. Never say so of
   * what people typed. @defaultValue false: they stay text
   */
  trusted?: boolean | undefined;
}

export const chatMessageSchema = z.object({
  role: z.string(),
  content: z.string(),
  trusted: z.boolean().optional(),
});

export const topLogprobSchema: z.ZodType<TopLogprob> = z.object({
  id: z.int().optional(),
  text: z.string().optional(),
  logprob: z.number(),
});

/** A piece as it is written in a trace. */
export const pieceSchema: z.ZodType<Piece> = z.object({
  ids: z.array(z.int()).readonly().optional(),
  text: z.string().optional(),
  logprobs: z.array(z.number()).readonly().optional(),
  topLogprobs: z.array(z.array(topLogprobSchema).readonly()).readonly().optional(),
  confidences: z.array(z.number()).readonly().optional(),
  chat: z.array(chatMessageSchema).readonly().optional(),
  prefill: z.string().optional(),
});

/** How many tokens a piece counts for: the number of its ids, or one if the engine does not return ids. */
export function tokensOf({ ids }: Piece): number {
  return ids === undefined || ids.length === 0 ? 1 : ids.length;
}
