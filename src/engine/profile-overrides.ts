import * as z from "zod";
import type { EngineProfile } from "./profile.ts";

/** Any part of a profile, to override what was detected. */
export type EngineProfileOverrides = {
  bulk?: null | undefined;
} & {
  [K in keyof Omit<EngineProfile, "bulk">]?:
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
    stopStrings: maybe,
    temperature: maybe,
    topP: maybe,
    topK: maybe,
    minP: maybe,
    repetitionPenalty: maybe,
    seed: maybe,
    constraint: z.strictObject({ field, language: z.enum(["regex", "gbnf"]) }).nullable(),
    id: maybe,
    interval: maybe,
    always: fields,
    optional: fields,
    logprobs: fields.nullable(),
    topLogprobs: z.strictObject({ count: field, besides: fields }).nullable(),
    sessionHeaders: z.array(z.string()).readonly(),
  }),
  answer: z.strictObject({
    ids: maybe,
    promptIds: maybe,
    text: field,
    reasoning: z.array(field).readonly(),
    cumulative: z.boolean(),
    finish: field,
    finishes: z.record(z.string(), z.enum(["stop", "length", "filtered", "pending", "failed"])),
    finishMessage: maybe,
    finishStatus: maybe,
    stopId: maybe,
    endInIds: z.boolean(),
    idsInsideCharacters: z.boolean(),
    cachedTokens: maybe,
    promptTokens: maybe,
    completionTokens: maybe,
    logprobs: maybe,
    topLogprobs: maybe,
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
  context: z.strictObject({ reserved: z.int().min(0) }),
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
    bulk: z.null(),
    paths: groups.paths.partial(),
    request: groups.request.partial(),
    answer: groups.answer.partial(),
    tokenizer: groups.tokenizer.partial(),
    context: groups.context.partial(),
    learn: groups.learn.partial(),
  })
  .partial();

/** A whole profile, as a report has it. */
export const engineProfileSchema: z.ZodType<EngineProfile> = z.strictObject({
  ...flat,
  ...groups,
  bulk: z.strictObject({ completions: path, request: groups.request, answer: groups.answer }).nullable(),
});

/** Returns a profile with some of its fields replaced. */
export function overrideProfile(profile: EngineProfile, overrides: EngineProfileOverrides = {}): EngineProfile {
  const { paths, request, answer, tokenizer, context, learn, bulk = profile.bulk, ...rest } = overrides;
  const isUsual = paths?.completions === undefined && request === undefined && answer === undefined;
  return {
    ...merge<Omit<EngineProfile, keyof typeof groups>>(profile, rest),
    bulk: isUsual ? bulk : null,
    paths: merge(profile.paths, paths),
    request: merge(profile.request, request),
    answer: merge(profile.answer, answer),
    tokenizer: merge(profile.tokenizer, tokenizer),
    context: merge(profile.context, context),
    learn: merge(profile.learn, learn),
  };
}

/** Undefined values replace nothing. */
function merge<T extends object>(base: T, over: { [F in keyof T]?: T[F] | undefined } = {}): T {
  return Object.assign(
    { ...base },
    Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined)),
  );
}
