import { ThreadweaverError } from "../../errors.ts";
import { adaptedTo } from "../adapt-profile.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { EngineProfile } from "../profile.ts";
import { completionBody } from "../wire/completion-body.ts";
import type { Prompt } from "../wire/completion-body.ts";
import { replyError } from "../wire/endings.ts";
import { writePath } from "../wire/json-path.ts";
import { ReplyReader } from "../wire/reply.ts";
import type { ReplyPart } from "../wire/reply.ts";

export interface StreamAsked {
  model: string;
  prompt: Prompt;
  /** @defaultValue 1 */
  maxTokens?: number | undefined;
  /** Fields of the body besides those of a run, by their paths. They replace those of a run. */
  besides?: Readonly<Record<string, unknown>> | undefined;
}

export interface StreamAnswer {
  /** Without the fields that the server refused by name. */
  profile: EngineProfile;
  parts: ReplyPart[];
  /** The same as JSON, for what no run reads. */
  data: string[];
}

/** Most fields that are left out one after the other. */
const mostAttempts = 6;

/** What a run sends at least. */
const request = { stop: { ids: [] }, sampling: { temperature: 0, seed: 1 } };

/**
 * Requests a few tokens as a run does: streamed, with its fields. Fields that the server refuses by name are left out.
 *
 * @throws what the server refused or failed with, before its answer or inside it.
 */
export async function askStream(
  client: ServerClient,
  profile: EngineProfile,
  asked: StreamAsked,
  attempt = 1,
): Promise<StreamAnswer> {
  const { model, prompt, maxTokens = 1, besides = {} } = asked;
  const body = completionBody(profile, request, { model, prompt, maxTokens });
  for (const [path, value] of Object.entries(besides)) writePath(body, path, value);
  try {
    return { profile, ...(await answerTo(client, profile, body)) };
  } catch (error) {
    const adapted = adaptedTo(error, profile, body, besides);
    if (adapted === undefined || attempt === mostAttempts) throw error;
    return askStream(client, adapted.profile, asked, attempt + 1);
  }
}

async function answerTo(
  client: ServerClient,
  profile: EngineProfile,
  body: Record<string, unknown>,
): Promise<Pick<StreamAnswer, "parts" | "data">> {
  const data: string[] = [];
  await client.stream(profile.paths.completions, body, {
    headers: {},
    caller: new AbortController().signal,
    closing: new AbortController(),
    onData: (came) => data.push(...came),
  });
  const parts = partsOf(data, new ReplyReader(profile), client.address);
  throwErrorIn(parts, client);
  return { parts, data };
}

/** @throws the error that an answer holds, if it holds one. */
export function throwErrorIn(parts: readonly ReplyPart[], client: ServerClient): void {
  const error = parts.find((part) => part.error !== undefined)?.error;
  if (error !== undefined) throw replyError(client.address, { ...error, message: client.mask(error.message) });
}

function partsOf(data: readonly string[], reader: ReplyReader, address: string): ReplyPart[] {
  try {
    return data.map((one) => reader.read(one));
  } catch (cause) {
    const message = `${address} sent data that is not part of an answer.`;
    throw new ThreadweaverError("engine_refused", message, { cause });
  }
}
