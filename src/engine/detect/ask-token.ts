import * as z from "zod";
import { adaptedTo } from "../adapt-profile.ts";
import { isRefusal } from "../http/refusal.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { EngineProfile } from "../profile.ts";
import { completionBody, greedyBody } from "../wire/completion-body.ts";
import type { Prompt } from "../wire/completion-body.ts";
import { replyError } from "../wire/endings.ts";
import { ReplyReader } from "../wire/reply.ts";
import type { ReplyPart } from "../wire/reply.ts";

export interface TokenAsked {
  model: string;
  prompt: Prompt;
  /** Whether to ask for a stream, with the fields that a run sends. @defaultValue false */
  streamed?: boolean | undefined;
}

export interface TokenAnswer {
  /** Without the fields that the server refused by name. */
  profile: EngineProfile;
  /** Whether anything came that is an answer. */
  isAnswer: boolean;
  /** Whether it has the token's id. Undefined where none was promised. */
  hasIds: boolean | undefined;
  promptTokens: number | undefined;
  cachedTokens: number | undefined;
}

/** Most fields that are left out one after the other. */
const mostAttempts = 6;

/**
 * Requests one token, to see what comes. Fields that the server refuses by name are left out. A server that only
 * streams is asked for a stream.
 *
 * @throws what the server refused or failed with.
 */
export async function askToken(
  client: ServerClient,
  profile: EngineProfile,
  asked: TokenAsked,
  attempt = 1,
): Promise<TokenAnswer> {
  const { model, prompt, streamed = false } = asked;
  const context = { model, maxTokens: 1, prompt };
  const request = { stop: { ids: [] }, sampling: { temperature: 0, seed: 1 } };
  const body = streamed ? completionBody(profile, request, context) : greedyBody(profile, context);
  try {
    const parts = streamed ? await streamedParts(client, profile, body) : [await wholeAnswer(client, profile, body)];
    return { profile, ...summaryOf(profile, parts, client) };
  } catch (error) {
    const adapted = attempt < mostAttempts ? adaptedTo(error, profile, body) : undefined;
    if (adapted !== undefined) return askToken(client, adapted.profile, asked, attempt + 1);
    if (streamed || !isRefusal(error) || !/stream/i.test(error.message)) throw error;
    return askToken(client, profile, { ...asked, streamed: true }, attempt + 1);
  }
}

async function wholeAnswer(
  client: ServerClient,
  profile: EngineProfile,
  body: Record<string, unknown>,
): Promise<ReplyPart> {
  const answer = await client.post(profile.paths.completions, body, z.record(z.string(), z.unknown()));
  return new ReplyReader(profile).read(JSON.stringify(answer));
}

async function streamedParts(
  client: ServerClient,
  profile: EngineProfile,
  body: Record<string, unknown>,
): Promise<ReplyPart[]> {
  const reader = new ReplyReader(profile);
  const data: string[] = [];
  await client.stream(profile.paths.completions, body, {
    headers: {},
    caller: new AbortController().signal,
    closing: new AbortController(),
    onData: (came) => data.push(...came),
  });
  return data.map((one) => reader.read(one));
}

function summaryOf(
  { answer }: EngineProfile,
  parts: readonly ReplyPart[],
  client: ServerClient,
): Omit<TokenAnswer, "profile"> {
  const error = parts.find((part) => part.error !== undefined)?.error;
  if (error !== undefined) throw replyError(client.address, { ...error, message: client.mask(error.message) });
  const withIds = parts.some(({ chunk }) => (chunk?.ids?.length ?? 0) > 0);
  const isIdless = parts.some(({ idless }) => idless === true);
  return {
    isAnswer: isIdless || parts.some(({ chunk, reasoning }) => chunk !== undefined || reasoning !== undefined),
    hasIds: answer.ids === null ? undefined : withIds && !isIdless,
    promptTokens: parts.findLast((part) => part.promptTokens !== undefined)?.promptTokens,
    cachedTokens: parts.findLast((part) => part.cachedTokens !== undefined)?.cachedTokens,
  };
}
