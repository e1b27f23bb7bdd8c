import { z } from "zod";
import { dialects } from "../core/dialects/index.ts";
import { ThreadweaverError } from "../errors.ts";
import type { Codec } from "./codec.ts";
import { completionBody, unstreamed } from "./completion-body.ts";
import { idsAt, numberAt, textAt, writePath } from "./json-path.ts";
import type { EngineProfile } from "./profile.ts";
import type { ServerClient } from "./server-client.ts";

/** What no server tells, and every one can be asked for. */
export interface ServerVocabulary {
  bos: number | undefined;
  /** Grows when a call ends at an id that was not known to end one. */
  eos: number[];
  /** Control strings and their ids. */
  controls: Map<string, number>;
  size: number | undefined;
}

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

/** What people type must not become a marker, whichever dialect runs later. */
const bundledMarkers: readonly string[] = Object.values(dialects).flatMap(({ markers }) => markers);

/** Tags of formats that models are prompted to write are spelled out in letters everywhere. */
const trainedMarkers: readonly string[] = Object.values(dialects).flatMap(({ markers, needs }) =>
  needs === "text" ? markers : [],
);

/** What a server may read as control tokens whose tokenizer nobody can ask. */
export function suspectControls(controls: readonly string[] = []): string[] {
  return [...new Set([...commonControls, ...trainedMarkers, ...controls])];
}

/** Pushes a token before all others, whatever the model thinks. */
const overwhelming = 1000;

export interface VocabularyContext {
  client: ServerClient;
  codec: Codec;
  profile: EngineProfile;
  model: string;
}

/** @param known what need not be asked for; ends of sequence that the server has besides are learnt all the same. */
export async function learnVocabulary(
  context: VocabularyContext,
  markers: readonly string[],
  known?: ServerVocabulary,
): Promise<ServerVocabulary> {
  const [bos, found, size] = await Promise.all([
    known === undefined ? learnBos(context.codec) : known.bos,
    learnControls(context.codec, new Set([...commonControls, ...markers, ...bundledMarkers])),
    learnSize(context),
  ]);
  const controls = new Map([...(known?.controls ?? []), ...found]);
  // Answers begin with them, and nobody should have to wait for their text.
  for (const [text, id] of controls) context.codec.remember?.(id, text);
  const endings = commonControls.flatMap((text) => controls.get(text) ?? []);
  const eos = new Set([...(known?.eos ?? []), ...(await learnEos(context, bos, endings))]);
  return { bos, controls, size: size ?? known?.size, eos: [...eos] };
}

/** What the tokenizer puts before a text of its own accord. */
async function learnBos(codec: Codec): Promise<number | undefined> {
  const [plain, special] = await Promise.all([codec.encode("a"), codec.encode("a", { bos: true })]);
  return special.length > plain.length ? special[0] : undefined;
}

/** A candidate that is one token is a control string or marker; single characters and white space always are one. */
async function learnControls(codec: Codec, candidates: ReadonlySet<string>): Promise<Map<string, number>> {
  const strings = [...candidates].filter((text) => text.trim().length > 1);
  const ids = await Promise.all(strings.map(async (text) => [text, await codec.encode(text)] as const));
  return new Map(ids.flatMap(([text, [id, ...more]]) => (id === undefined || more.length > 0 ? [] : [[text, id]])));
}

/** Servers name the size of their vocabulary when they refuse an id beyond it. */
async function learnSize(context: VocabularyContext): Promise<number | undefined> {
  const { size: field } = context.profile.learn;
  if (field === null) return undefined;
  // Ids that are surely there: SGLang takes [0] for no prompt at all.
  const prompt = await context.codec.encode("a");
  const refusal = await ask(context, prompt, 1, field, 2 ** 31 - 1).catch((error: unknown) => error);
  if (!(refusal instanceof Error)) return undefined;
  const size = /vocabulary size: (\d+)/i.exec(refusal.message)?.[1];
  const last = /keys in \[0, (\d+)\]/.exec(refusal.message)?.[1];
  if (size !== undefined) return Number(size);
  return last === undefined ? undefined : Number(last) + 1;
}

/**
 * Which of the common control tokens end a generation: each is forced out of the model, and either ends the call or does not. Costs a
 * token each; a server that knows no such force leaves us to learn at the first ending.
 */
async function learnEos(
  context: VocabularyContext,
  bos: number | undefined,
  candidates: readonly number[],
): Promise<number[]> {
  const { force } = context.profile.learn;
  if (force === null) return [];
  const { answer: paths } = context.profile;
  const endings = await Promise.all(
    candidates.map(async (id) => {
      const answer = await ask(context, [bos ?? id], 2, force, id).catch(refusalOnly);
      const finish = textAt(answer, paths.finish);
      if (finish === undefined || paths.finishes[finish] !== "stop") return [];
      const came = paths.ids === null ? undefined : idsAt(answer, paths.ids);
      const named = paths.stopId === null ? undefined : numberAt(answer, paths.stopId);
      return came?.join() === String(id) || named === id ? [id] : [];
    }),
  );
  return endings.flat();
}

/** A completion that is not streamed, with one id in a field that takes ids. */
async function ask(
  { client, profile, model }: VocabularyContext,
  prompt: readonly number[],
  maxTokens: number,
  field: string,
  id: number,
): Promise<unknown> {
  const request = { stop: { ids: [] }, sampling: { temperature: 0, topP: 1 } };
  const body = unstreamed(completionBody(profile, request, { model, maxTokens, prompt }));
  writePath(body, field, field.endsWith("logit_bias") ? { [id]: overwhelming } : [id]);
  return client.post(profile.paths.completions, body, z.unknown());
}

function refusalOnly(error: unknown): undefined {
  if (ThreadweaverError.isInstance(error) && error.code === "engine_refused") return undefined;
  throw error;
}
