import * as z from "zod";
import { PieceColumns } from "./columns.ts";
import { samplingSchema } from "./sampling.ts";
import { chatMessageSchema, topLogprobSchema, type Piece } from "./piece.ts";
import {
  createTrie,
  pieceCount,
  segmentOf,
  stretches,
  type Origin,
  type Position,
  type Role,
  type Segment,
  type Trie,
} from "./trie.ts";

const count = z.int().min(0);
const position = z.object({ segment: count, n: count });

/**
 * `number`: one id. `number[]`: several ids, of one character or of a part that could not be divided. `null`: not
 * known.
 */
const ids = z.array(z.union([z.int(), z.array(z.int()), z.null()]));

/** What a call is for. */
export const roleSchema = z.enum(["body", "tail", "after"]) satisfies z.ZodType<Role>;

const maker = z.discriminatedUnion("by", [
  z.object({ by: z.literal("prompt") }),
  z.object({
    by: z.literal("model"),
    call: count,
    threadId: z.string(),
    role: roleSchema,
  }),
  z.object({ by: z.literal("runtime"), why: z.enum(["header", "close", "tail", "return", "substitute", "repair"]) }),
  z.object({ by: z.literal("cut"), of: position }),
  z.object({ by: z.literal("copy"), of: z.object({ from: position, to: position }) }),
]);

/** How a call was made, as it is written in a serialized trie. */
const originSchema: z.ZodType<Origin> = z.object({
  from: count,
  attempt: z.int().min(1),
  promptTokens: count,
  promptIds: z.array(z.int()).readonly().optional(),
  sampling: samplingSchema.optional(),
  seed: z.int().optional(),
  weightVersion: z.string().optional(),
  cachedTokens: count.optional(),
});

const segment = z.object({
  parent: position.nullable(),
  maker,
  sampled: count.optional(),
  context: count.optional(),
  origins: z.array(originSchema).optional(),
  chat: z.array(chatMessageSchema).readonly().optional(),
  prefill: z.string().optional(),
  /** One entry for each piece. A copy has none, since its pieces are in other segments. */
  ids: ids.optional(),
  texts: z.array(z.string()).optional(),
  logprobs: z.array(z.array(z.number()).nullable()).optional(),
  topLogprobs: z.array(z.array(z.array(topLogprobSchema)).nullable()).optional(),
  confidences: z.array(z.array(z.number()).nullable()).optional(),
});

/** The version of the form below. No other version can be read. */
export const trieVersion = 2;

/** A trie as JSON. The segments are in the order in which they were made, so that the id of each is its index. */
export const trieSchema = z.object({ version: z.literal(trieVersion), segments: z.array(segment) });

export type SerializedTrie = z.output<typeof trieSchema>;
type SerializedSegment = SerializedTrie["segments"][number];

/** A trie as plain data for JSON. It shares nothing with the trie. */
export function serializeTrie(trie: Trie): SerializedTrie {
  return { version: trieVersion, segments: trie.segments.map(serializeSegment) };
}

function serializeSegment({ parent, maker: by, pieces, sampled, context, ...rest }: Segment): SerializedSegment {
  const made: SerializedSegment = { parent, maker: by };
  if (sampled !== undefined) made.sampled = sampled;
  if (context !== undefined) made.context = context;
  if (rest.origins.length > 0) made.origins = rest.origins.map((origin) => ({ ...origin }));
  if (rest.chat !== undefined) made.chat = rest.chat;
  if (rest.prefill !== undefined) made.prefill = rest.prefill;
  if (pieces === undefined) return made;
  const all = Array.from({ length: pieces.length }, (_, n) => pieces.piece(n));
  made.ids = all.map(({ ids: known }) =>
    known === undefined ? null : known.length === 1 ? (known[0] ?? 0) : [...known],
  );
  made.texts = all.map(({ text = "" }) => text);
  if (all.some(({ logprobs }) => logprobs !== undefined)) {
    made.logprobs = all.map(({ logprobs }) => (logprobs === undefined ? null : [...logprobs]));
  }
  if (all.some(({ topLogprobs }) => topLogprobs !== undefined)) {
    made.topLogprobs = all.map(({ topLogprobs }) => topLogprobs?.map((tops) => [...tops]) ?? null);
  }
  if (all.some(({ confidences }) => confidences !== undefined)) {
    made.confidences = all.map(({ confidences }) => (confidences === undefined ? null : [...confidences]));
  }
  return made;
}

/**
 * Makes the trie again. Throws RangeError if the data has another version or form, or names a position that does not
 * exist.
 */
export function deserializeTrie(data: SerializedTrie): Trie {
  const parsed = trieSchema.safeParse(data);
  if (!parsed.success)
    throw new RangeError(`this is not a trie of version ${trieVersion}:\n${z.prettifyError(parsed.error)}`);
  const trie = createTrie();
  for (const [id, made] of parsed.data.segments.entries()) {
    if (made.parent !== null) checkPosition(trie, made.parent);
    if (made.maker.by === "copy") {
      checkPosition(trie, made.maker.of.to);
      stretches(trie, made.maker.of.to, made.maker.of.from); // throws if one does not lead to the other
    }
    const { parent, maker: by, sampled, context, origins = [], chat, prefill } = made;
    const pieces = by.by === "copy" ? undefined : columnsFrom(made);
    trie.segments.push({ id, parent, maker: by, pieces, sampled, context, origins, chat, prefill });
  }
  return trie;
}

function columnsFrom({ ids: known = [], texts = [], ...rest }: SerializedSegment): PieceColumns {
  if (known.length !== texts.length) {
    throw new RangeError(`a segment has ${known.length} ids and ${texts.length} texts, but each piece has one of both`);
  }
  const columns = new PieceColumns();
  for (const [n, id] of known.entries()) {
    const piece: Piece = { text: texts[n] };
    if (id !== null) piece.ids = typeof id === "number" ? [id] : id;
    piece.logprobs = rest.logprobs?.[n] ?? undefined;
    piece.topLogprobs = rest.topLogprobs?.[n] ?? undefined;
    piece.confidences = rest.confidences?.[n] ?? undefined;
    columns.push(piece);
  }
  return columns;
}

function checkPosition(trie: Trie, { segment: id, n }: Position): void {
  const length = pieceCount(trie, segmentOf(trie, id));
  if (n > length) throw new RangeError(`segment ${id} has ${length} pieces, so there is no position after ${n}`);
}
