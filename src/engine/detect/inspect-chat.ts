import { factsOf, ThreadweaverError } from "../../errors.ts";
import { ChatTokenizer } from "../tokenizer/chat/chat-tokenizer.ts";
import { CodePointCodec } from "../tokenizer/code-point-codec.ts";
import { askToken } from "./ask-token.ts";
import type { TokenAnswer } from "./ask-token.ts";
import { isModel } from "./context-length.ts";
import { itHas } from "./models.ts";
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

/** Finds out how a server without completions takes chats. @throws `engine_refused` where it has no chats either. */
export async function inspectChat(
  client: ServerClient,
  { kind, model, listed }: Identity,
  options: CreateEngineOptions,
): Promise<Fitted> {
  const overruled = (profile: EngineProfile): EngineProfile => overrideProfile({ ...profile, kind }, options.profile);
  const goesOn = await goesOnInside(client, model, overruled(chatContinue));
  const profile =
    goesOn ??
    (
      await client
        .inSomeBase(() => askChat(client, model, overruled(chatOnly), [user], false))
        .catch((error: unknown) => refuse(client, model, listed, error))
    ).profile;
  const continues = goesOn !== undefined;
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
 * The profile, adapted to what the server takes, if it goes on inside the assistant's turn. Servers that do not know the
 * fields close that turn and open another one. A turn of one letter that is continued adds one token to the prompt, and
 * no more.
 */
async function goesOnInside(
  client: ServerClient,
  model: string,
  profile: EngineProfile,
): Promise<EngineProfile | undefined> {
  if (profile.request.continues === null) return undefined;
  try {
    const without = await askChat(client, model, profile, [user]);
    if (without.promptTokens === undefined) return undefined;
    const within = await askChat(client, model, without.profile, [user, begun]);
    const isOneMore = within.promptTokens === without.promptTokens + 1;
    return isOneMore ? within.profile : undefined;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

async function askChat(
  client: ServerClient,
  model: string,
  profile: EngineProfile,
  prompt: readonly (typeof user)[],
  counted = true,
): Promise<TokenAnswer> {
  const answer = await askToken(client, profile, { model, prompt, counted });
  if (answer.isAnswer) return answer;
  const message = `${client.address} answered ${profile.paths.completions} with neither text nor thinking.`;
  throw new ThreadweaverError("engine_refused", message);
}

function refuse(
  { address }: ServerClient,
  model: string,
  listed: readonly string[] | undefined,
  error: unknown,
): never {
  if (!isRefusal(error)) throw error;
  const facts = { ...factsOf(error), cause: error };
  if (listed !== undefined && !listed.some((name) => isModel(name, model))) {
    throw new ThreadweaverError("engine_refused", `${address} has no model ${model}. ${itHas(listed)}`, facts);
  }
  throw new ThreadweaverError(
    "engine_refused",
    `${address} has neither completions (/v1/completions) nor chats (/v1/chat/completions) that can be used here. ${error.message}`,
    facts,
  );
}
