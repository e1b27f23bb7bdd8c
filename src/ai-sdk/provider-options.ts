import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import * as z from "zod";
import { policyInWords } from "../core/policies/bundled/policy-text.ts";
import type { JoinPolicy } from "../core/policies/policy.ts";
import { parseOptions } from "../engine/parse-options.ts";
import { ThreadweaverError } from "../errors.ts";
import type { RunOptions } from "../run/options.ts";

/** Options of a run that the SDK has no setting for. They are JSON, and the run checks their values. */
const names = [
  "mode",
  "minP",
  "repetitionPenalty",
  "threadSampling",
  "maxThreadTokens",
  "maxCriticalTokens",
  "maxThreads",
  "maxForks",
  "maxDepth",
  "maxCalls",
  "timeoutMs",
  "callTimeoutMs",
  "retry",
  "templateOptions",
  "extraBody",
  "metadata",
] as const satisfies readonly (keyof RunOptions)[];

/** What a call may say under `providerOptions.threadweaver`, beside the SDK's own settings. All JSON. */
export interface ThreadweaverProviderOptions extends Pick<RunOptions, (typeof names)[number]> {
  /** The name of a bundled dialect. @defaultValue that of `createLanguageModel` */
  dialect?: string | undefined;
  /** Which threads are cut before they end, each policy in a word: `deadline:30000`, `stragglers:2`. @defaultValue none */
  policy?: string | readonly string[] | undefined;
}

const schema = z.strictObject({
  dialect: z.string().optional(),
  policy: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
  ...Object.fromEntries(names.map((name) => [name, z.unknown().optional()])),
});

export interface ReadOptions {
  dialect: string | undefined;
  options: RunOptions;
}

/** The provider options of one call. Throws `invalid_option` for those that there are not. */
export function readProviderOptions(given: SharedV4ProviderOptions | undefined): ReadOptions {
  const own = given?.["threadweaver"] ?? {};
  const { dialect, policy, ...options } = parseOptions("providerOptions.threadweaver", schema, own);
  return { dialect, options: policy === undefined ? options : { ...options, policy: policy.map(policyOf) } };
}

function policyOf(text: string): JoinPolicy {
  const policy = policyInWords(text);
  if (typeof policy !== "string") return policy;
  throw new ThreadweaverError(
    "invalid_option",
    `providerOptions.threadweaver.policy: ${JSON.stringify(text)} ${policy}`,
  );
}
