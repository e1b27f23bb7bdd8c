import * as z from "zod";
import { isRefusal } from "../http/refusal.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { EngineProfile } from "../profile.ts";
import { greedyBody } from "../wire/completion-body.ts";
import type { CompletionContext, Prompt } from "../wire/completion-body.ts";
import { ReplyReader } from "../wire/reply.ts";
import type { ReplyPart } from "../wire/reply.ts";
import { askStream, throwErrorIn } from "./ask-stream.ts";

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

/**
 * Requests one token as a run does. What the stream does not say, an answer that is not streamed may.
 *
 * @throws what the server refused or failed with.
 */
export async function askToken(
  client: ServerClient,
  candidate: EngineProfile,
  { model, prompt, counted = true }: TokenAsked,
): Promise<TokenAnswer> {
  const { profile, parts } = await askStream(client, candidate, { model, prompt });
  const streamed = summaryOf(profile, parts);
  if (isSettled(profile, streamed, counted)) return { profile, ...streamed };
  const whole = await wholeAnswer(client, profile, { model, prompt, maxTokens: 1 });
  // What runs see are streams.
  const hasIds = streamed.hasIds ?? whole?.hasIds ?? (profile.answer.ids === null ? undefined : false);
  return { profile, ...streamed, hasIds, promptTokens: streamed.promptTokens ?? whole?.promptTokens };
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
    const parts = [new ReplyReader(profile).read(JSON.stringify(answer))];
    throwErrorIn(parts, client);
    return summaryOf(profile, parts);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** What an answer says. Without `hasIds` where nothing came that could have one. */
type Summary = Omit<TokenAnswer, "profile">;

function isSettled({ answer }: EngineProfile, { hasIds, promptTokens }: Summary, counted: boolean): boolean {
  return (promptTokens !== undefined || !counted) && (answer.ids === null || hasIds !== undefined);
}

function summaryOf({ answer }: EngineProfile, parts: readonly ReplyPart[]): Summary {
  const withIds = parts.some(({ chunk }) => (chunk?.ids?.length ?? 0) > 0);
  const isIdless = parts.some(({ idless }) => idless === true);
  return {
    isAnswer: isIdless || parts.some(({ chunk, reasoning }) => chunk !== undefined || reasoning !== undefined),
    hasIds: answer.ids === null || !(withIds || isIdless) ? undefined : !isIdless,
    promptTokens: parts.findLast((part) => part.promptTokens !== undefined)?.promptTokens,
    cachedTokens: parts.findLast((part) => part.cachedTokens !== undefined)?.cachedTokens,
  };
}
