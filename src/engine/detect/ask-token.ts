import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { adaptedTo } from "../adapt-profile.ts";
import { isRefusal } from "../http/refusal.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { EngineProfile } from "../profile.ts";
import { completionBody, greedyBody } from "../wire/completion-body.ts";
import type { CompletionContext, Prompt } from "../wire/completion-body.ts";
import { replyError } from "../wire/endings.ts";
import { ReplyReader } from "../wire/reply.ts";
import type { ReplyPart } from "../wire/reply.ts";

export interface TokenAsked {
  model: string;
  prompt: Prompt;
  /** Whether the count of the prompt's tokens is needed. @defaultValue true */
  counted?: boolean | undefined;
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

/** What a run sends at least. */
const request = { stop: { ids: [] }, sampling: { temperature: 0, seed: 1 } };

/**
 * Requests one token as a run does: streamed, with its fields. Fields that the server refuses by name are left out. What
 * the stream does not say, an answer that is not streamed may.
 *
 * @throws what the server refused or failed with.
 */
export async function askToken(
  client: ServerClient,
  profile: EngineProfile,
  asked: TokenAsked,
  attempt = 1,
): Promise<TokenAnswer> {
  const { model, prompt, counted = true } = asked;
  const context = { model, prompt, maxTokens: 1 };
  const body = completionBody(profile, request, context);
  try {
    const parts = await streamedParts(client, profile, body);
    const streamed = summaryOf(profile, parts, client);
    if (isSettled(profile, streamed, counted)) return { profile, ...streamed };
    const whole = await wholeAnswer(client, profile, context);
    // What runs see are streams.
    const hasIds = streamed.hasIds ?? whole?.hasIds ?? (profile.answer.ids === null ? undefined : false);
    return { profile, ...streamed, hasIds, promptTokens: streamed.promptTokens ?? whole?.promptTokens };
  } catch (error) {
    const adapted = adaptedTo(error, profile, body);
    if (adapted === undefined || attempt === mostAttempts) throw error;
    return askToken(client, adapted.profile, asked, attempt + 1);
  }
}

/** Undefined where the server only streams. */
async function wholeAnswer(
  client: ServerClient,
  profile: EngineProfile,
  context: CompletionContext,
): Promise<Summary | undefined> {
  try {
    const body = greedyBody(profile, context);
    const answer = await client.post(profile.paths.completions, body, z.record(z.string(), z.unknown()));
    return summaryOf(profile, [new ReplyReader(profile).read(JSON.stringify(answer))], client);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
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
  try {
    return data.map((one) => reader.read(one));
  } catch (cause) {
    throw new ThreadweaverError("engine_refused", `${client.address} sent data that is not part of an answer.`, {
      cause,
    });
  }
}

/** What an answer says. Without `hasIds` where nothing came that could have one. */
type Summary = Omit<TokenAnswer, "profile">;

function isSettled({ answer }: EngineProfile, { hasIds, promptTokens }: Summary, counted: boolean): boolean {
  return (promptTokens !== undefined || !counted) && (answer.ids === null || hasIds !== undefined);
}

function summaryOf({ answer }: EngineProfile, parts: readonly ReplyPart[], client: ServerClient): Summary {
  const error = parts.find((part) => part.error !== undefined)?.error;
  if (error !== undefined) throw replyError(client.address, { ...error, message: client.mask(error.message) });
  const withIds = parts.some(({ chunk }) => (chunk?.ids?.length ?? 0) > 0);
  const isIdless = parts.some(({ idless }) => idless === true);
  return {
    isAnswer: isIdless || parts.some(({ chunk, reasoning }) => chunk !== undefined || reasoning !== undefined),
    hasIds: answer.ids === null || !(withIds || isIdless) ? undefined : !isIdless,
    promptTokens: parts.findLast((part) => part.promptTokens !== undefined)?.promptTokens,
    cachedTokens: parts.findLast((part) => part.cachedTokens !== undefined)?.cachedTokens,
  };
}
