import type { ChatMessage } from "../../core/trie/piece.ts";
import type { CompletionRequest } from "../engine.ts";
import { writePath } from "./json-path.ts";
import { templateFields } from "./template-fields.ts";
import type { EngineProfile } from "../profile.ts";

/** Token ids, a text, or a chat. */
export type Prompt = readonly number[] | string | readonly ChatMessage[];

/** What a completion needs besides the request. */
export interface CompletionContext {
  model: string;
  /** At least 1, at most what fits. Undefined: the server's own limit. */
  maxTokens: number | undefined;
  /** In the form that the profile asks for. */
  prompt: Prompt;
  /** Name of the call, where the profile has a field for one. */
  id?: string | undefined;
  /** Whether to send the fields that the server may refuse. @defaultValue true */
  optional?: boolean | undefined;
}

/**
 * The most tokens that are requested in one part. With few parts, the server's processor is left to the model. But so
 * many tokens can be lost with a connection.
 */
const largestInterval = 128;

/** The most stop strings that OpenAI and vLLM take. */
const mostStrings = 4;

/** Makes the body of a streamed completion, in the way that the profile describes. */
export function completionBody(
  { request }: EngineProfile,
  {
    stop,
    sampling,
    coalesce = 1,
    logprobs = false,
    constraint,
    templateOptions,
    extraBody,
  }: Omit<CompletionRequest, "prompt" | "maxTokens" | "signal">,
  { model, maxTokens, prompt, id, optional = true }: CompletionContext,
): Record<string, unknown> {
  const body: Record<string, unknown> = { model };
  const put = (path: string | null, value: unknown): void => {
    if (path !== null && value !== undefined) writePath(body, path, value);
  };
  const putAll = (fields: Record<string, unknown>): void => {
    for (const [path, value] of Object.entries(fields)) put(path, value);
  };
  put(request.prompt, prompt);
  if (endsInside(prompt)) Object.assign(body, request.continues);
  put(request.maxTokens, maxTokens);
  put(request.stopIds, stop.ids);
  const { strings = [] } = stop;
  if (strings.length > 0) put(request.stopStrings, strings.slice(0, mostStrings));
  put(request.temperature, sampling.temperature);
  put(request.topP, sampling.topP);
  // -1 means off on every server that has this field.
  put(request.topK, sampling.topK === 0 ? -1 : sampling.topK);
  put(request.minP, sampling.minP);
  put(request.repetitionPenalty, sampling.repetitionPenalty);
  put(request.seed, sampling.seed);
  put(request.id, id);
  if (constraint !== undefined && request.constraint !== null) {
    put(request.constraint.field, constraint[request.constraint.language]);
  }
  if (coalesce > 1) put(request.interval, Math.min(coalesce, largestInterval));
  putAll(request.always);
  if (optional) putAll(request.optional);
  if (logprobs !== false) {
    putAll(request.logprobs ?? {});
    if (logprobs !== true && request.topLogprobs !== null) {
      putAll(request.topLogprobs.besides);
      put(request.topLogprobs.count, logprobs.top);
    }
  }
  if (isChat(prompt)) Object.assign(body, templateFields(templateOptions));
  return Object.assign(body, extraBody);
}

function isChat(prompt: Prompt): prompt is readonly ChatMessage[] {
  return typeof prompt[0] === "object";
}

/** Whether the last turn of a chat is the model's own. */
function endsInside(prompt: Prompt): boolean {
  const last = prompt.at(-1);
  return typeof last === "object" && last.role === "assistant";
}

/** Makes the body of a greedy completion that is not streamed. It serves to find out about a server. */
export function greedyBody(profile: EngineProfile, context: CompletionContext): Record<string, unknown> {
  const request = { stop: { ids: [] }, sampling: { temperature: 0, repetitionPenalty: 1 } };
  const { stream_options: _options, ...body } = completionBody(profile, request, { ...context, optional: false });
  return { ...body, stream: false };
}
