import { z } from "zod";

/**
 * What one kind of server calls things and how it behaves, as data: the client asks its profile, never for the server's
 * name. Fields of bodies and answers are dotted paths, such as `choices.0.text`; null is what a server does not have.
 */
export interface EngineProfile {
  kind: "vllm" | "sglang" | "llamacpp" | "generic";
  paths: {
    completions: string;
    tokenize: string | null;
    detokenize: string | null;
    /** Takes the name of a call that is to end. */
    abort: string | null;
  };
  /** What a completion is asked with. */
  request: {
    prompt: string;
    /** `messages`: a chat, whose last turn is the one to go on in. */
    promptAs: "ids" | "text" | "messages";
    /** Sent with messages that end inside a turn of the assistant; null: the server takes whole turns only. */
    continues: Record<string, unknown> | null;
    maxTokens: string;
    stopIds: string | null;
    temperature: string;
    topP: string;
    repetitionPenalty: string | null;
    seed: string | null;
    /** Takes a name of our own for the call. */
    id: string | null;
    /** Takes how many tokens may come at once. */
    interval: string | null;
    /** Sent with every call. Sampling is said in full: what is left out takes the model's own default, not ours. */
    always: Record<string, unknown>;
    /** Sent besides where log-probabilities are wanted. */
    logprobs: Record<string, unknown>;
    /** Headers that take the run's name, so that replicas keep its calls together. */
    sessionHeaders: readonly string[];
  };
  /** Where an answer, or a part of a streamed one, says what. */
  answer: {
    /** Null: the server tells no ids, and pieces are text. */
    ids: string | null;
    /** The ids of the prompt, whatever it was sent as. */
    promptIds: string | null;
    text: string;
    /** Whether each part repeats the ones before it. */
    cumulative: boolean;
    finish: string;
    /** Reasons that are success. Any other is a loss. */
    finishes: Record<string, "stop" | "length">;
    /** What the server says with a reason that is no success. */
    finishMessage: string | null;
    /** What ended it: a stop id, or an end of sequence on some servers. */
    stopId: string | null;
    /** Whether the ids of the last part hold the token that ended the call; else it came before, without a text. */
    endInIds: boolean;
    /** Whether ids come while a character is incomplete; else only the last of its tokens is told of. */
    idsInsideCharacters: boolean;
    cachedTokens: string | null;
    /** A number a token, or a list that begins with one. */
    logprobs: string | null;
    weightVersion: string | null;
  };
  /**
   * How completions are asked for that nobody listens to, where that is another way than the usual one: fewer and larger
   * parts cost the server less. Left out as soon as the usual way is overruled.
   */
  unheard: { completions: string; request: EngineProfile["request"]; answer: EngineProfile["answer"] } | null;
  tokenizer: {
    /** Fields of the requests and of the answers. */
    text: string;
    bos: string;
    ids: string;
    detokenized: string;
    /** Sent with every request to show special tokens. */
    showSpecial: Record<string, unknown>;
    /** Where the chat template is: the tokenizer takes messages, or another path returns the text. */
    template: "tokenize" | "/apply-template" | null;
  };
  context: {
    /** Tokens of its context that the server never uses. */
    reserved: number;
    /** How many tokens shorter than the whole context the longest prompt must be; at least 1. */
    promptMargin: number;
  };
  /** How to find out what servers do not tell. */
  learn: {
    /** The field whose refusal of an impossible id names the size of the vocabulary. */
    size: string | null;
    /** The field that forces one token out of the model, to see whether it ends the call. */
    force: string | null;
    /** The field that hides special tokens from the text, to see which these are. */
    hide: string | null;
  };
  /** One id outside the vocabulary ends the whole server: where its size stays unknown, only ids seen before are sent. */
  badIdsAreFatal: boolean;
  /** `after-parent`: a context is in the cache only when the stream that made it has closed. */
  fork: "at-once" | "after-parent";
  /** How a call is broken off. */
  cancel: "close" | "abort-then-close";
}

/** Any part of a profile, to overrule what was detected. */
export type EngineProfileOverrides = {
  unheard?: null | undefined;
} & {
  [K in keyof Omit<EngineProfile, "unheard">]?:
    | (EngineProfile[K] extends object
        ? { [F in keyof EngineProfile[K]]?: EngineProfile[K][F] | undefined }
        : EngineProfile[K])
    | undefined;
};

const field = z.string().min(1);
const maybe = field.nullable();
const path = z.string().startsWith("/");
const fields = z.record(z.string(), z.unknown());

const groups = {
  paths: z.strictObject({
    completions: path,
    tokenize: path.nullable(),
    detokenize: path.nullable(),
    abort: path.nullable(),
  }),
  request: z.strictObject({
    prompt: field,
    promptAs: z.enum(["ids", "text", "messages"]),
    continues: fields.nullable(),
    maxTokens: field,
    stopIds: maybe,
    temperature: field,
    topP: field,
    repetitionPenalty: maybe,
    seed: maybe,
    id: maybe,
    interval: maybe,
    always: fields,
    logprobs: fields,
    sessionHeaders: z.array(z.string()).readonly(),
  }),
  answer: z.strictObject({
    ids: maybe,
    promptIds: maybe,
    text: field,
    cumulative: z.boolean(),
    finish: field,
    finishes: z.record(z.string(), z.enum(["stop", "length"])),
    finishMessage: maybe,
    stopId: maybe,
    endInIds: z.boolean(),
    idsInsideCharacters: z.boolean(),
    cachedTokens: maybe,
    logprobs: maybe,
    weightVersion: maybe,
  }),
  tokenizer: z.strictObject({
    text: field,
    bos: field,
    ids: field,
    detokenized: field,
    showSpecial: fields,
    template: z.enum(["tokenize", "/apply-template"]).nullable(),
  }),
  context: z.strictObject({ reserved: z.int().min(0), promptMargin: z.int().min(1) }),
  learn: z.strictObject({ size: maybe, force: maybe, hide: maybe }),
};

const flat = {
  kind: z.enum(["vllm", "sglang", "llamacpp", "generic"]),
  badIdsAreFatal: z.boolean(),
  fork: z.enum(["at-once", "after-parent"]),
  cancel: z.enum(["close", "abort-then-close"]),
};

export const engineProfileOverrides: z.ZodType<EngineProfileOverrides> = z
  .strictObject({
    ...flat,
    unheard: z.null(),
    paths: groups.paths.partial(),
    request: groups.request.partial(),
    answer: groups.answer.partial(),
    tokenizer: groups.tokenizer.partial(),
    context: groups.context.partial(),
    learn: groups.learn.partial(),
  })
  .partial();

/** A profile with parts of it replaced, field by field. */
export function overrideProfile(profile: EngineProfile, overrides: EngineProfileOverrides = {}): EngineProfile {
  const { paths, request, answer, tokenizer, context, learn, unheard = profile.unheard, ...rest } = overrides;
  const isUsual = paths?.completions === undefined && request === undefined && answer === undefined;
  return {
    ...merge<Omit<EngineProfile, keyof typeof groups>>(profile, rest),
    unheard: isUsual ? unheard : null,
    paths: merge(profile.paths, paths),
    request: merge(profile.request, request),
    answer: merge(profile.answer, answer),
    tokenizer: merge(profile.tokenizer, tokenizer),
    context: merge(profile.context, context),
    learn: merge(profile.learn, learn),
  };
}

/** The profile of calls that nobody listens to. */
export function profileOfUnheard(profile: EngineProfile): EngineProfile {
  if (profile.unheard === null) return profile;
  const { completions, ...rest } = profile.unheard;
  return { ...profile, ...rest, paths: { ...profile.paths, completions } };
}

/** What is left undefined keeps its value. */
function merge<T extends object>(base: T, over: { [F in keyof T]?: T[F] | undefined } = {}): T {
  return Object.assign(
    { ...base },
    Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined)),
  );
}
