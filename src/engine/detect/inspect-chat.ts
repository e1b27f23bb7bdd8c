import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { ChatTokenizer } from "../tokenizer/chat-tokenizer.ts";
import { CodePointCodec } from "../tokenizer/code-point-codec.ts";
import { greedyBody } from "../wire/completion-body.ts";
import type { Identity } from "./identify.ts";
import { IdRange } from "../id-range.ts";
import type { Fitted } from "./inspection.ts";
import { overrideProfile } from "../profile-overrides.ts";
import type { EngineProfile } from "../profile.ts";
import { chatContinue, chatOnly } from "../profiles/chat.ts";
import { isRefusal } from "../http/refusal.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { CreateEngineOptions } from "../server-options.ts";
import { suspectControls } from "./server-vocabulary.ts";
import { unknownVocabulary } from "../vocabulary.ts";

const user = { role: "user", content: "a" };
const begun = { role: "assistant", content: "b" };

const answered = z.object({ usage: z.object({ prompt_tokens: z.int() }).nullish() });

/** Finds out how a server without completions takes chats. @throws `engine_refused` where it has no chats either. */
export async function inspectChat(
  client: ServerClient,
  { kind, model }: Identity,
  options: CreateEngineOptions,
): Promise<Fitted> {
  const overruled = (profile: EngineProfile): EngineProfile => overrideProfile({ ...profile, kind }, options.profile);
  const goesOn = overruled(chatContinue);
  const continues = goesOn.request.continues !== null && (await goesOnInside(client, model, goesOn));
  const profile = continues ? goesOn : overruled(chatOnly);
  if (!continues) await ask(client, model, profile, [user]).catch((error: unknown) => refuse(client, error));
  const tokenizer = new ChatTokenizer(suspectControls(options.controls));
  return {
    profile,
    tier: continues ? "chat-continue" : "chat-only",
    codec: new CodePointCodec(),
    tokenizer,
    promptOf: (ids) => tokenizer.messages(ids, continues),
    range: new IdRange(false),
    vocabulary: unknownVocabulary(),
    reportsCache: false,
  };
}

/**
 * Whether the server goes on inside the assistant's turn. Servers that do not know the fields close that turn and open
 * another one. A turn of one letter that is continued adds one token to the prompt, and no more.
 */
async function goesOnInside(client: ServerClient, model: string, profile: EngineProfile): Promise<boolean> {
  try {
    const [without, within] = await Promise.all([
      ask(client, model, profile, [user]),
      ask(client, model, profile, [user, begun]),
    ]);
    return without !== undefined && within === without + 1;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Requests one token. Returns how many tokens the prompt had, where the server reports it. */
async function ask(
  client: ServerClient,
  model: string,
  profile: EngineProfile,
  prompt: readonly (typeof user)[],
): Promise<number | undefined> {
  const body = greedyBody(profile, { model, maxTokens: 1, prompt });
  const { usage } = await client.post(profile.paths.completions, body, answered);
  return usage?.prompt_tokens;
}

function refuse({ address }: ServerClient, error: unknown): never {
  if (!isRefusal(error)) throw error;
  throw new ThreadweaverError(
    "engine_refused",
    `${address} has neither completions (/v1/completions) nor chats (/v1/chat/completions) that can be used here. ${error.message}`,
    { cause: error },
  );
}
