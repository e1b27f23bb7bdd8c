import * as z from "zod";
import { inputSchema, type Input } from "../core/machine/protocol.ts";
import type { Piece, TopLogprob } from "../core/trie/piece.ts";
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
    isPlain &&= piece.logprobs === undefined && piece.topLogprobs === undefined;
    // A prompt of messages is no piece that a call generates; the protocol does not rule it out.
    if (piece.chat !== undefined || piece.prefill !== undefined)
      return JSON.stringify({ t: "pieces", at, call, pieces });
    ids += `${ids === "" ? "" : ","}${idsText(piece.ids)}`;
    texts += `${texts === "" ? "" : ","}${text === undefined ? "null" : JSON.stringify(text)}`;
  }
  const start = `{"t":"pieces","at":${at},"call":${call}${hasIds ? `,"ids":[${ids}]` : ""},"texts":[${texts}]`;
  return isPlain ? `${start}}` : `${start}${encodeLogprobs(pieces)}}`;
}

function idsText(ids: readonly number[] | undefined): string {
  if (ids === undefined) return "null";
  return ids.length === 1 ? `${ids[0]}` : `[${ids.join(",")}]`;
}

function encodeLogprobs(pieces: readonly Piece[]): string {
  let line = "";
  if (pieces.some(({ logprobs }) => logprobs !== undefined)) {
    line += `,"logprobs":[${pieces.map(({ logprobs }) => (logprobs ? listText(logprobs, numberText) : "null")).join(",")}]`;
  }
  if (pieces.some(({ topLogprobs }) => topLogprobs !== undefined)) {
    const tops = pieces.map(({ topLogprobs }) =>
      topLogprobs ? listText(topLogprobs, (top) => listText(top, topText)) : "null",
    );
    line += `,"topLogprobs":[${tops.join(",")}]`;
  }
  return line;
}

function listText<T>(list: readonly T[], textOf: (item: T) => string): string {
  return `[${list.map(textOf).join(",")}]`;
}

function topText({ id, text, logprob }: TopLogprob): string {
  const known = `${id === undefined ? "" : `"id":${id},`}${text === undefined ? "" : `"text":${JSON.stringify(text)},`}`;
  return `{${known}"logprob":${numberText(logprob)}}`;
}

const id = z.int();
const columnsSchema = z.object({
  t: z.literal("pieces"),
  at: z.number(),
  call: z.int().min(0),
  ids: z.array(z.union([id, z.array(id), z.null()])).optional(),
  texts: z.array(z.string().nullable()),
  logprobs: z.array(z.array(jsonNumberSchema).nullable()).optional(),
  topLogprobs: z
    .array(
      z
        .array(z.array(z.object({ id: id.optional(), text: z.string().optional(), logprob: jsonNumberSchema })))
        .nullable(),
    )
    .optional(),
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
  const { t, at, call, texts, ids, logprobs, topLogprobs } = columns;
  for (const column of [ids, logprobs, topLogprobs]) {
    if (column !== undefined && column.length !== texts.length) {
      throw new RangeError(`a column has ${column.length} entries and the texts have ${texts.length}`);
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
    return piece;
  });
  return { t, at, call, pieces };
}

function topFrom({
  logprob,
  ...known
}: NonNullable<NonNullable<Columns["topLogprobs"]>[number]>[number][number]): TopLogprob {
  return { ...known, logprob: numberFrom(logprob) };
}
