import { ThreadweaverError } from "../../errors.ts";
import { CodePointCodec } from "../tokenizer/code-point-codec.ts";
import type { Codec } from "../tokenizer/codec.ts";
import type { EngineWarning } from "../engine.ts";
import { askToken } from "./ask-token.ts";
import type { TokenAnswer } from "./ask-token.ts";
import type { Identity } from "./identify.ts";
import { IdRange } from "../id-range.ts";
import type { Fitted } from "./inspection.ts";
import { withoutBegin } from "./local-vocabulary.ts";
import type { LocalVocabulary } from "./local-vocabulary.ts";
import type { EngineProfile } from "../profile.ts";
import { isRefusal } from "../http/refusal.ts";
import type { ServerClient } from "../http/server-client.ts";
import { ServerTokenizer } from "../tokenizer/server-tokenizer.ts";
import { learnVocabulary, suspectControls } from "./server-vocabulary.ts";
import { unknownVocabulary } from "../vocabulary.ts";
import type { ServerVocabulary } from "../vocabulary.ts";
import { TextCodec } from "../tokenizer/text-codec.ts";

export interface CompletionsSetup {
  client: ServerClient;
  identity: Identity;
  controls: readonly string[];
  local: LocalVocabulary | undefined;
  /** Whether to find out everything, with a few dozen calls more. */
  thorough: boolean;
  /** Takes what was noticed on the way. */
  warn: (warning: EngineWarning) => void;
}

/** Returns the first profile that the server fits, or undefined where it refuses them all. */
export async function inspectCompletions(
  setup: CompletionsSetup,
  profiles: readonly EngineProfile[],
): Promise<Fitted | undefined> {
  for (const profile of profiles) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next is tried only if this one does not fit
      return await tryProfile(setup, profile);
    } catch (error) {
      if (!isUnfit(error, setup.identity)) throw error;
    }
  }
  return undefined;
}

/** Proxies (LiteLLM) fail with HTTP 500 at a prompt in a form that they do not know. The next form may fit. */
function isUnfit(error: unknown, { isDirect }: Identity): boolean {
  if (isRefusal(error)) return true;
  return !isDirect && ThreadweaverError.isInstance(error) && (error.status === 500 || error.status === 501);
}

async function tryProfile(setup: CompletionsSetup, candidate: EngineProfile): Promise<Fitted> {
  const { client, identity, controls, local, thorough } = setup;
  const { model, vocabularySize, eosToken } = identity;
  const range = new IdRange(candidate.badIdsAreFatal);
  const server = candidate.paths.tokenize === null ? undefined : new TextCodec(client, model, candidate, range);
  const codec = chooseCodec(candidate, server, local);
  const asText = candidate.request.promptAs === "text";
  const { profile, cachedTokens } = await checkCompletion(
    setup,
    candidate,
    asText ? "a" : await codec.encode("a", { bos: true }),
  );
  const vocabulary =
    codec instanceof CodePointCodec
      ? unknownVocabulary()
      : await learnVocabulary(
          { client, codec, profile, model },
          { given: controls, known: local?.vocabulary, thorough },
        );
  if (eosToken !== undefined && eosToken !== "") addEos(vocabulary, await codec.encode(eosToken));
  vocabulary.size ??= vocabularySize;
  range.size = vocabulary.size;
  return { ...fittedTo(profile, codec, vocabulary, controls), range, reportsCache: cachedTokens !== undefined };
}

/** What follows from a profile, a codec and a vocabulary. */
export function fittedTo(
  profile: EngineProfile,
  codec: Codec,
  vocabulary: ServerVocabulary,
  controls: readonly string[],
): Omit<Fitted, "range" | "reportsCache"> {
  const asText = profile.request.promptAs === "text";
  return {
    profile,
    tier: profile.answer.ids === null ? "text" : "ids",
    codec,
    tokenizer: new ServerTokenizer(codec, vocabulary, asText ? suspectControls(controls) : undefined),
    promptOf: (ids, signal) => (asText ? codec.decode(ids, { signal }) : ids),
    vocabulary,
  };
}

function addEos({ eos }: ServerVocabulary, [id, ...more]: readonly number[]): void {
  if (id !== undefined && more.length === 0 && !eos.includes(id)) eos.push(id);
}

/** With a local tokenizer, the server's is not used, and need not exist. */
export function chooseCodec(
  profile: EngineProfile,
  server: TextCodec | undefined,
  local: LocalVocabulary | undefined,
): Codec {
  if (local === undefined) return server ?? new CodePointCodec();
  return profile.request.promptAs === "text" ? withoutBegin(local) : local.tokenizer;
}

/** Prompts of one letter have a token, and a begin of sequence perhaps. A template adds more than that. */
const mostExtraTokens = 2;

/**
 * Requests one token, to see whether the server understands the profile and takes a prompt as it is.
 *
 * @throws `engine_refused` where the profile does not fit.
 */
async function checkCompletion(
  { client, identity: { model }, warn }: CompletionsSetup,
  candidate: EngineProfile,
  prompt: readonly number[] | string,
): Promise<TokenAnswer> {
  const { completions } = candidate.paths;
  const answer = await client.inSomeBase(() => askToken(client, candidate, { model, prompt }));
  if (!answer.isAnswer || answer.hasIds === false) {
    throw refused(`${client.address} answers ${completions} without token ids.`);
  }
  const sent = typeof prompt === "string" ? 1 : prompt.length;
  const { promptTokens = sent } = answer;
  if (promptTokens > sent + mostExtraTokens) {
    const message = `${client.address} puts prompts of ${completions} into a template (${promptTokens} tokens for one letter), so they cannot be used`;
    warn({ code: "prompt-templated", message });
    throw refused(`${message}.`);
  }
  return answer;
}

function refused(message: string): ThreadweaverError {
  return new ThreadweaverError("engine_refused", message);
}
