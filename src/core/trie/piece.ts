import * as z from "zod";

/**
 * The unit of everything that is prompted, generated or inserted: token ids and their text. A piece is indivisible, and
 * it never ends inside a character: where one character is spread over several tokens, those tokens are one piece.
 *
 * Either half may be missing at first: what the runtime inserts starts as text and gets its ids when the driver
 * encodes it; in text mode the ids of generated pieces never come. A chat prompt starts as messages and gets both.
 */
export interface Piece {
  ids?: readonly number[] | undefined;
  /** Begin-, end-of-sequence and padding tokens have the empty text. */
  text?: string | undefined;
  /** One per id, natural logarithm, where they were asked for. */
  logprobs?: readonly number[] | undefined;
  /** One list per id, best first: the likeliest tokens at that place, where they were asked for. */
  topLogprobs?: readonly (readonly TopLogprob[])[] | undefined;
  /** A prompt still to be rendered with the model's chat template. */
  chat?: readonly ChatMessage[] | undefined;
  /** With `chat`: the beginning of the assistant's turn, put in its mouth. */
  prefill?: string | undefined;
}

/** A token that could have come. Servers name it by its id, by its text, or by both. */
export interface TopLogprob {
  id?: number | undefined;
  text?: string | undefined;
  /** Natural logarithm. */
  logprob: number;
}

export interface ChatMessage {
  role: string;
  content: string;
}

export const chatMessageSchema = z.object({ role: z.string(), content: z.string() });

export const topLogprobSchema: z.ZodType<TopLogprob> = z.object({
  id: z.int().optional(),
  text: z.string().optional(),
  logprob: z.number(),
});

/** A piece as it stands in a trace. */
export const pieceSchema: z.ZodType<Piece> = z.object({
  ids: z.array(z.int()).readonly().optional(),
  text: z.string().optional(),
  logprobs: z.array(z.number()).readonly().optional(),
  topLogprobs: z.array(z.array(topLogprobSchema).readonly()).readonly().optional(),
  chat: z.array(chatMessageSchema).readonly().optional(),
  prefill: z.string().optional(),
});

/** How many tokens a piece counts for: its ids, or one where the engine does not tell them. */
export function tokensOf({ ids }: Piece): number {
  return ids === undefined || ids.length === 0 ? 1 : ids.length;
}
