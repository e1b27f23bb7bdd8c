import { dialects } from "../../core/dialects/bundled/index.ts";
import type { Codec } from "../tokenizer/codec.ts";
import { encodeMany } from "./encode-many.ts";
import { askForced, forceTokens } from "./forced-tokens.ts";
import type { ForcingContext } from "./forced-tokens.ts";
import type { Marker, ServerVocabulary } from "../vocabulary.ts";

/** Control strings of the common model families. */
const commonControls = [
  "<s>",
  "</s>",
  "<think>",
  "</think>",
  "<|im_start|>",
  "<|im_end|>",
  "<|endoftext|>",
  "<|begin_of_text|>",
  "<|end_of_text|>",
  "<|start_header_id|>",
  "<|end_header_id|>",
  "<|eot_id|>",
  "<|end|>",
  "<bos>",
  "<eos>",
  "<start_of_turn>",
  "<end_of_turn>",
  "<pad>",
  "<unk>",
  "[INST]",
  "[/INST]",
  "<|user|>",
  "<|assistant|>",
  "<|system|>",
  "<|start|>",
  "<|message|>",
  "<|channel|>",
  "<|return|>",
  "<tool_call>",
  "</tool_call>",
  "<tool_response>",
  "</tool_response>",
  "<｜begin▁of▁sentence｜>",
  "<｜end▁of▁sentence｜>",
  "<｜User｜>",
  "<｜Assistant｜>",
] as const;

/** Markers of all bundled dialects. What people type must not become one, whichever dialect runs later. */
const bundledMarkers: readonly string[] = Object.values(dialects).flatMap(({ markers }) => markers);

/**
 * Markers that models were trained to write. The tags of prompted formats are spelled out in letters on every server.
 */
const trainedMarkers: readonly string[] = Object.values(dialects).flatMap(({ markers, needs }) =>
  needs === "text" ? markers : [],
);

/** What a server without a tokenizer route may read as control tokens. */
export function suspectControls(controls: readonly string[] = []): string[] {
  return [...new Set([...commonControls, ...trainedMarkers, ...controls])];
}

/** Names of tokens that end a generation. Only these are tried where not everything has to be found out. */
const likelyEnd = /^<.*(?:end|eos|eot|return|im_end|\/s)/i;

export interface VocabularyWanted {
  /** Markers that may occur besides those of the bundled dialects. */
  given: readonly string[];
  /** What is known already. The server's other ends of sequence are still learnt. */
  known?: ServerVocabulary | undefined;
  /** Whether to try every control string, to see which are special and which end a generation. */
  thorough: boolean;
}

export async function learnVocabulary(
  context: ForcingContext & { codec: Codec },
  { given, known, thorough }: VocabularyWanted,
): Promise<ServerVocabulary> {
  const { codec } = context;
  const markers = new Set([...given, ...bundledMarkers]);
  const asked = new Set([...commonControls, ...markers]);
  const [bos, encoded, reported] = await Promise.all([
    known === undefined ? learnBos(codec) : known.bos,
    encodeEach(codec, asked),
    learnSize(context, codec),
  ]);
  const size = reported ?? known?.size;
  const controls = new Map(known?.controls);
  for (const [text, [id, ...more]] of encoded) if (id !== undefined && more.length === 0) controls.set(text, id);
  // Runs need these, so they should not have to be fetched again.
  for (const [text, ids] of encoded) codec.remember?.(text, ids);
  for (const [text, id] of controls) codec.remember?.(text, [id]);
  const tried = [...asked].filter((text) => thorough || likelyEnd.test(text));
  // An id that the model does not have may crash the server.
  const toForce = new Set(tried.flatMap((text) => controls.get(text) ?? []));
  const forced = await forceTokens(
    context,
    bos,
    [...toForce].filter((id) => id < (size ?? Infinity)),
  );
  const special = new Map(known?.special);
  for (const { id, isSpecial } of forced) if (isSpecial !== undefined) special.set(id, isSpecial);
  const eos = new Set([...(known?.eos ?? []), ...forced.flatMap(({ id, ends }) => (ends ? [id] : []))]);
  const resolved = encoded.flatMap(([text, tokens]): Marker[] => {
    const [id, ...more] = tokens;
    const isSpecial = more.length === 0 && id !== undefined ? special.get(id) : false;
    const inVocabulary = tokens.every((one) => one < (size ?? Infinity));
    return markers.has(text) ? [{ text, ids: tokens, special: isSpecial, inVocabulary }] : [];
  });
  return { bos, controls, size, eos: [...eos], special, markers: resolved };
}

/** Finds the begin of sequence that the tokenizer adds to a text, if it adds one. */
async function learnBos(codec: Codec): Promise<number | undefined> {
  const [plain, special] = await Promise.all([codec.encode("a"), codec.encode("a", { bos: true })]);
  return special.length > plain.length ? special[0] : undefined;
}

/** Single characters and white space are tokens in every vocabulary, and not markers. */
async function encodeEach(codec: Codec, texts: ReadonlySet<string>): Promise<[text: string, ids: number[]][]> {
  return encodeMany(
    codec,
    [...texts].filter((text) => text.trim().length > 1),
  );
}

/** Servers state the size of their vocabulary when they refuse an id outside it. */
async function learnSize(context: ForcingContext, codec: Codec): Promise<number | undefined> {
  const { size: field } = context.profile.learn;
  if (field === null) return undefined;
  // These ids certainly exist. SGLang takes [0] for an empty prompt.
  const prompt = await codec.encode("a");
  const impossible = { field, id: 2 ** 31 - 1, maxTokens: 1 };
  const refusal = await askForced(context, prompt, impossible).catch((error: unknown) => error);
  if (!(refusal instanceof Error)) return undefined;
  const size = /vocabulary size: (\d+)/i.exec(refusal.message)?.[1];
  const last = /keys in \[0, (\d+)\]/.exec(refusal.message)?.[1];
  if (size !== undefined) return Number(size);
  return last === undefined ? undefined : Number(last) + 1;
}
