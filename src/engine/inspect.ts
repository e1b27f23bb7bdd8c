import { z } from "zod";
import { ThreadweaverError } from "../errors.ts";
import { CodePointCodec } from "./code-point-codec.ts";
import type { Codec } from "./codec.ts";
import { completionBody, unstreamed } from "./completion-body.ts";
import { identify } from "./detect.ts";
import type { Identity } from "./detect.ts";
import { IdRange } from "./id-range.ts";
import { overrideProfile } from "./profile.ts";
import type { EngineProfile } from "./profile.ts";
import { candidates, withoutIds } from "./profiles.ts";
import { checkTokenizer, withoutBegin } from "./local-vocabulary.ts";
import type { LocalVocabulary } from "./local-vocabulary.ts";
import { ReplyReader } from "./reply.ts";
import type { ServerClient } from "./server-client.ts";
import type { CreateEngineOptions } from "./server-options.ts";
import { learnVocabulary } from "./server-vocabulary.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";
import { TextCodec } from "./text-codec.ts";
import type { Tier } from "./tier.ts";
import { isOlder } from "./versions.ts";

/** All that has to be known of a server before the first call. */
export interface Inspection {
  identity: Identity;
  /** Prompt and generated tokens of one call, at most. */
  contextTokens: number;
  maxPromptTokens: number;
  profile: EngineProfile;
  tier: Extract<Tier, "ids" | "text">;
  codec: Codec;
  range: IdRange;
  vocabulary: ServerVocabulary;
  /** Whether answers say how much of the prompt was cached. */
  reportsCache: boolean;
}

/** What a server that takes neither ids nor text can do, and what it said to those. */
export interface ChatInspection {
  identity: Identity;
  tier: Extract<Tier, "chat-continue" | "chat-only">;
  refusal: string;
}

/**
 * Tries the profiles that a server of its kind may fit, best first: each is asked for one token, and fits when the answer
 * has what the profile promises.
 */
export async function inspectServer(
  client: ServerClient,
  options: CreateEngineOptions,
): Promise<Inspection | ChatInspection> {
  const identity = await identify(client, options);
  const profiles = candidates[identity.kind].map((candidate) => {
    const overruled = overrideProfile(adjusted(candidate, identity), options.profile);
    return overruled.answer.ids === null ? withoutIds(overruled) : overruled;
  });
  const local = await checkTokenizer(client, identity, profiles[0], options);
  let refusal = "";
  for (const profile of profiles) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next is only asked for where this one does not fit
      const found = await tryProfile(client, identity, profile, options.controls ?? [], local);
      return { identity, ...found, ...contextOf(client, identity, profile, options.contextTokens) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal = error.message;
    }
  }
  return { identity, tier: await chatTier(client, identity.model), refusal };
}

/** What versions of one kind differ in. */
function adjusted(profile: EngineProfile, { kind, version }: Identity): EngineProfile {
  if (kind !== "sglang" || !isOlder(version, "0.5.23")) return profile;
  return {
    ...profile,
    // Several older versions lose track of a stream that is closed, and decode it to its limit.
    cancel: "abort-then-close",
    // Whether they refuse an impossible id, or die of it, was not tried.
    learn: { ...profile.learn, size: null },
  };
}

/** What the server never uses is no room; what the user allows is all of it. */
function contextOf(
  { address }: ServerClient,
  { serverContext }: Identity,
  { context: { reserved, promptMargin } }: EngineProfile,
  wanted: number = Infinity,
): { contextTokens: number; maxPromptTokens: number } {
  const length = serverContext ?? Infinity;
  const contextTokens = Math.min(wanted, length - reserved);
  const maxPromptTokens = Math.min(contextTokens - 1, length - promptMargin);
  if (contextTokens !== Infinity) return { contextTokens, maxPromptTokens };
  throw new ThreadweaverError("invalid_option", `${address} does not say how long its context is: set contextTokens.`);
}

async function tryProfile(
  client: ServerClient,
  { model, vocabularySize }: Identity,
  profile: EngineProfile,
  controls: readonly string[],
  local: LocalVocabulary | undefined,
): Promise<Omit<Inspection, "identity" | "contextTokens" | "maxPromptTokens">> {
  const range = new IdRange(profile.badIdsAreFatal);
  const server = profile.paths.tokenize === null ? undefined : new TextCodec(client, model, profile, range);
  const codec = chooseCodec(profile, server, local);
  const prompt = await codec.encode("a", { bos: true });
  const reportsCache = await checkCompletion(client, model, profile, prompt);
  const vocabulary =
    codec instanceof CodePointCodec
      ? { bos: undefined, eos: [], controls: new Map<string, number>(), size: undefined }
      : await learnVocabulary({ client, codec, profile, model }, controls, local?.vocabulary);
  // Where prompts are text, the server reads control strings in them as it likes: none can be promised to stay text.
  if (local !== undefined && profile.request.promptAs === "text") vocabulary.controls.clear();
  vocabulary.size ??= vocabularySize;
  range.size = vocabulary.size;
  return { profile, tier: profile.answer.ids === null ? "text" : "ids", codec, range, vocabulary, reportsCache };
}

/** With a tokenizer of ours, the server's is not asked, and need not be there. */
function chooseCodec(profile: EngineProfile, server: TextCodec | undefined, local: LocalVocabulary | undefined): Codec {
  if (local === undefined) return server ?? new CodePointCodec();
  return profile.request.promptAs === "text" ? withoutBegin(local) : local.tokenizer;
}

/** One token, to see whether the server understands the profile. Returns whether it says what was cached. */
async function checkCompletion(
  client: ServerClient,
  model: string,
  profile: EngineProfile,
  prompt: readonly number[],
): Promise<boolean> {
  const signal = AbortSignal.any([]);
  const request = { prompt, stop: { ids: [] }, maxTokens: 1, sampling: { temperature: 0, topP: 1 }, signal };
  const body = unstreamed(completionBody(profile, request, { model, maxTokens: 1, promptText: "a" }));
  const answer = await client.post(profile.paths.completions, body, z.record(z.string(), z.unknown()));
  const { chunk, error, idless, cachedTokens } = new ReplyReader(profile).read(JSON.stringify(answer));
  if (error !== undefined) throw refused(`${client.address} answered: ${error.message}`);
  if (idless === true || chunk === undefined || chunk.ids?.length === 0) {
    throw refused(`${client.address} answers ${profile.paths.completions} without token ids.`);
  }
  return cachedTokens !== undefined;
}

async function chatTier(client: ServerClient, model: string): Promise<ChatInspection["tier"]> {
  const messages = [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ];
  const body = { model, messages, max_tokens: 1, continue_final_message: true, add_generation_prompt: false };
  const answered = client.post("/v1/chat/completions", body, z.unknown());
  return answered.then(
    () => "chat-continue",
    (error: unknown) => {
      if (isRefusal(error)) return "chat-only";
      throw error;
    },
  );
}

function refused(message: string): ThreadweaverError {
  return new ThreadweaverError("engine_refused", message);
}

/** Of this profile; a wrong key is a refusal of everything. */
function isRefusal(error: unknown): error is ThreadweaverError {
  return ThreadweaverError.isInstance(error) && error.code === "engine_refused" && !error.message.includes("--api-key");
}
