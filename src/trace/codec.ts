import * as z from "zod";
import { inputSchema, type Input } from "../core/machine/protocol.ts";
import { chatMessageSchema, type Piece, type TopLogprob } from "../core/trie/piece.ts";
import { jsonNumberSchema, numberFrom, numberText } from "./numbers.ts";

type PiecesInput = Extract<Input, { t: "pieces" }>;

/**
 * An input as a line, without its line feed. Pieces, of which there are the most, are written in columns and by hand:
 * each column has one entry a piece, and columns without anything in them are left out.
 */
export function encodeInput(input: Input): string {
  if (input.t === "pieces") return encodePieces(input);
  const { t, at, ...rest } = input;
  return JSON.stringify({ t, at, ...rest });
}

function encodePieces({ at, call, pieces }: PiecesInput): string {
  let ids = "";
  let texts = "";
  let hasIds = false;
  let isPlain = true;
  for (const piece of pieces) {
    const { text } = piece;
    hasIds ||= piece.ids !== undefined;
    isPlain &&= isTextAndIds(piece);
    ids += `${ids === "" ? "" : ","}${idsText(piece.ids)}`;
    texts += `${texts === "" ? "" : ","}${text === undefined ? "null" : JSON.stringify(text)}`;
  }
  const start = `{"t":"pieces","at":${at},"call":${call}${hasIds ? `,"ids":[${ids}]` : ""},"texts":[${texts}]`;
  return isPlain ? `${start}}` : `${start}${rareColumns(pieces)}}`;
}

function isTextAndIds({ logprobs, topLogprobs, chat, prefill }: Piece): boolean {
  return logprobs === undefined && topLogprobs === undefined && chat === undefined && prefill === undefined;
}

function idsText(ids: readonly number[] | undefined): string {
  if (ids === undefined) return "null";
  return ids.length === 1 ? `${ids[0]}` : `[${ids.join(",")}]`;
}

function rareColumns(pieces: readonly Piece[]): string {
  return [
    column("logprobs", pieces, ({ logprobs }) => logprobs && listText(logprobs, numberText)),
    column("topLogprobs", pieces, ({ topLogprobs }) => topLogprobs && listText(topLogprobs, topsText)),
    // A prompt of messages is nothing that a call generates, but the protocol does not rule it out.
    column("chat", pieces, ({ chat }) => chat && JSON.stringify(chat)),
    column("prefill", pieces, ({ prefill }) => (prefill === undefined ? undefined : JSON.stringify(prefill))),
  ].join("");
}

function column(name: string, pieces: readonly Piece[], textOf: (piece: Piece) => string | undefined): string {
  const entries = pieces.map(textOf);
  if (entries.every((entry) => entry === undefined)) return "";
  return `,"${name}":${listText(entries, (entry) => entry ?? "null")}`;
}

function listText<T>(list: readonly T[], textOf: (item: T) => string): string {
  return `[${list.map(textOf).join(",")}]`;
}

function topsText(tops: readonly TopLogprob[]): string {
  return listText(tops, topText);
}

function topText({ id, text, logprob }: TopLogprob): string {
  const known = `${id === undefined ? "" : `"id":${id},`}${text === undefined ? "" : `"text":${JSON.stringify(text)},`}`;
  return `{${known}"logprob":${numberText(logprob)}}`;
}

const id = z.int();
const topSchema = z.object({ id: id.optional(), text: z.string().optional(), logprob: jsonNumberSchema });
const columnsSchema = z.object({
  t: z.literal("pieces"),
  at: z.number(),
  call: z.int().min(0),
  ids: z.array(z.union([id, z.array(id), z.null()])).optional(),
  texts: z.array(z.string().nullable()),
  logprobs: z.array(z.array(jsonNumberSchema).nullable()).optional(),
  topLogprobs: z.array(z.array(z.array(topSchema)).nullable()).optional(),
  chat: z.array(z.array(chatMessageSchema).nullable()).optional(),
  prefill: z.array(z.string().nullable()).optional(),
});
type Columns = z.output<typeof columnsSchema>;

/**
 * The input that a line holds.
 *
 * @param value the line, as JSON.
 * @throws a `ZodError` for what is none, and a RangeError for columns of different lengths.
 */
export function decodeInput(value: unknown): Input {
  const isColumns = typeof value === "object" && value !== null && "texts" in value;
  return isColumns ? decodePieces(columnsSchema.parse(value)) : inputSchema.parse(value);
}

function decodePieces(columns: Columns): PiecesInput {
  const { t, at, call, texts, ids, logprobs, topLogprobs, chat, prefill } = columns;
  for (const entries of [ids, logprobs, topLogprobs, chat, prefill]) {
    if (entries !== undefined && entries.length !== texts.length) {
      throw new RangeError(`a column has ${entries.length} entries, and the texts have ${texts.length}`);
    }
  }
  const pieces = texts.map((text, n): Piece => {
    const piece: Piece = {};
    const known = ids?.[n] ?? undefined;
    if (known !== undefined) piece.ids = typeof known === "number" ? [known] : known;
    if (text !== null) piece.text = text;
    const chosen = logprobs?.[n] ?? undefined;
    if (chosen !== undefined) piece.logprobs = chosen.map(numberFrom);
    const tops = topLogprobs?.[n] ?? undefined;
    if (tops !== undefined) piece.topLogprobs = tops.map((list) => list.map(topFrom));
    const messages = chat?.[n] ?? undefined;
    if (messages !== undefined) piece.chat = messages;
    const begun = prefill?.[n] ?? undefined;
    if (begun !== undefined) piece.prefill = begun;
    return piece;
  });
  return { t, at, call, pieces };
}

function topFrom({ logprob, ...known }: z.output<typeof topSchema>): TopLogprob {
  return { ...known, logprob: numberFrom(logprob) };
}
