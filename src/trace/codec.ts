import * as z from "zod";
import { inputSchema, type Input } from "../core/machine/protocol.ts";
import { chatMessageSchema, type Piece, type TopLogprob } from "../core/trie/piece.ts";
import type { LineBytes } from "./line-bytes.ts";
import { jsonNumberSchema, numberFrom } from "./numbers.ts";

const comma = 0x2c;
const closing = 0x5d;

type PiecesInput = Extract<Input, { t: "pieces" }>;

/**
 * Writes an input as a line, without its line feed. Pieces, of which there are the most, are written in columns and by
 * hand: each column has one entry a piece, and columns without anything in them are left out.
 */
export function encodeInput(input: Input, line: LineBytes): void {
  if (input.t === "pieces") {
    encodePieces(input, line);
    return;
  }
  const { t, at, ...rest } = input;
  line.utf8(JSON.stringify({ t, at, ...rest }));
}

function encodePieces({ at, call, pieces }: PiecesInput, line: LineBytes): void {
  line.ascii('{"t":"pieces","at":');
  line.time(at);
  line.ascii(',"call":');
  line.number(call);
  let hasIds = false;
  let isPlain = true;
  for (const piece of pieces) {
    hasIds ||= piece.ids !== undefined;
    isPlain &&= isTextAndIds(piece);
  }
  // These two are written for every token, so without a function for each entry.
  if (hasIds) {
    line.ascii(',"ids":[');
    let isFirst = true;
    for (const { ids } of pieces) {
      if (!isFirst) line.byte(comma);
      isFirst = false;
      if (ids?.length === 1) line.number(ids[0] ?? 0);
      else if (ids === undefined) line.ascii("null");
      else list(line, ids, writeNumber);
    }
    line.byte(closing);
  }
  line.ascii(',"texts":[');
  let isFirst = true;
  for (const { text } of pieces) {
    if (!isFirst) line.byte(comma);
    isFirst = false;
    if (text === undefined) line.ascii("null");
    else line.json(text);
  }
  line.byte(closing);
  if (!isPlain) rareColumns(line, pieces);
  line.ascii("}");
}

function isTextAndIds({ logprobs, topLogprobs, confidences, chat, prefill }: Piece): boolean {
  const isPlain = logprobs === undefined && topLogprobs === undefined && confidences === undefined;
  return isPlain && chat === undefined && prefill === undefined;
}

type Write<T> = (line: LineBytes, value: T) => void;

function column(line: LineBytes, name: string, pieces: readonly Piece[], write: Write<Piece>): void {
  line.ascii(`,"${name}":`);
  list(line, pieces, write);
}

function list<T>(line: LineBytes, items: readonly T[], write: Write<T>): void {
  line.ascii("[");
  for (let i = 0; i < items.length; i += 1) {
    if (i > 0) line.byte(comma);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `i` is an index of this list
    write(line, items[i] as T);
  }
  line.ascii("]");
}

function writeNumber(line: LineBytes, n: number): void {
  line.number(n);
}

function rareColumns(line: LineBytes, pieces: readonly Piece[]): void {
  rareColumn(line, "logprobs", pieces, (logprobs) => list(line, logprobs, writeNumber));
  rareColumn(line, "topLogprobs", pieces, (tops) => list(line, tops, (_, top) => list(line, top, writeTop)));
  rareColumn(line, "confidences", pieces, (confidences) => list(line, confidences, writeNumber));
  // A prompt of messages is nothing that a call generates, but the protocol does not rule it out.
  rareColumn(line, "chat", pieces, (chat) => line.utf8(JSON.stringify(chat)));
  rareColumn(line, "prefill", pieces, (prefill) => line.json(prefill));
}

function rareColumn<K extends keyof Piece>(
  line: LineBytes,
  name: K,
  pieces: readonly Piece[],
  write: (value: NonNullable<Piece[K]>) => void,
): void {
  if (pieces.every((piece) => piece[name] === undefined)) return;
  column(line, name, pieces, (_, piece) => {
    const value = piece[name];
    if (value == null) line.ascii("null");
    else write(value);
  });
}

function writeTop(line: LineBytes, { id: known, text, logprob }: TopLogprob): void {
  line.ascii("{");
  if (known !== undefined) {
    line.ascii('"id":');
    line.number(known);
    line.ascii(",");
  }
  if (text !== undefined) {
    line.ascii('"text":');
    line.json(text);
    line.ascii(",");
  }
  line.ascii('"logprob":');
  line.number(logprob);
  line.ascii("}");
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
  confidences: z.array(z.array(z.number()).nullable()).optional(),
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
  const { t, at, call, texts, ids, logprobs, topLogprobs, confidences, chat, prefill } = columns;
  for (const entries of [ids, logprobs, topLogprobs, confidences, chat, prefill]) {
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
    const sure = confidences?.[n] ?? undefined;
    if (sure !== undefined) piece.confidences = sure;
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
